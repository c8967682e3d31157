package io.etcdaws.membership;

import java.util.List;

/**
 * An entry of etcd's member list.
 *
 * @param id given by etcd when the member was added
 * @param name empty until a member that was added through the API has started
 * @param peerUrls never empty; more than one is allowed
 * @param clientUrls empty until the member has started for the first time
 * @param learner whether the member has no vote yet
 */
public record Member(MemberId id, String name, List<PeerUrl> peerUrls, List<String> clientUrls, boolean learner) {
    public Member {
        peerUrls = List.copyOf(peerUrls);
        clientUrls = List.copyOf(clientUrls);
    }

    /** Whether it has a vote. */
    public boolean voter() {
        return !learner;
    }

    /** Whether its etcd has ever run: etcd publishes the client URLs at the first start. Says nothing of now. */
    public boolean started() {
        return !clientUrls.isEmpty();
    }

    /** Whether one of its peer URLs is at the address. */
    public boolean isAt(Address address) {
        return peerUrls.stream().anyMatch(url -> url.host().equals(address));
    }

    /** For people: name, id and where it is. */
    @Override
    public String toString() {
        return (name.isEmpty() ? "unnamed" : name) + " (" + id + " at " + peerUrls.get(0) + (learner ? ", learner" : "")
                + (started() ? "" : ", never started") + ")";
    }
}
