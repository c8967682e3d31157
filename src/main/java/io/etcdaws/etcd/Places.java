package io.etcdaws.etcd;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.PeerUrl;
import java.net.URI;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where a member may be asked whose endpoint is not known. */
final class Places {
    private Places() {}

    /**
     * At each host of its peer URLs: where the member says that it is, and on the client port of another member.
     *
     * @param others where other members are asked
     */
    static Set<Endpoint> of(Member member, List<Endpoint> others) {
        Set<Endpoint> places = new LinkedHashSet<>();
        for (PeerUrl url : member.peerUrls()) {
            Stream.concat(
                            member.clientUrls().stream().filter(text -> isAt(url.host(), text)),
                            others.stream().limit(1).map(other -> onThePortOf(other, url.host())))
                    .forEach(clientUrl -> places.add(new Endpoint(url.host(), clientUrl, url.text())));
        }
        return places;
    }

    private static boolean isAt(Address host, String clientUrl) {
        try {
            return PeerUrl.parse(clientUrl).host().equals(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String onThePortOf(Endpoint other, Address host) {
        URI url = URI.create(other.clientUrl());
        return url.getScheme() + "://" + host.inUrl() + ":" + url.getPort();
    }
}
