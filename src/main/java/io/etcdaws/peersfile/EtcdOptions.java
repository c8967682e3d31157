package io.etcdaws.peersfile;

import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.PeerUrl;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The options that an etcd is started with, in the order of the peers file. */
final class EtcdOptions {
    static final String INITIAL_CLUSTER = "initial-cluster";
    private static final String EVERYWHERE = "0.0.0.0";

    private final InitialCluster cluster;
    private final PeersFileSettings settings;
    private final List<EtcdOption> options = new ArrayList<>();

    private EtcdOptions(InitialCluster cluster, PeersFileSettings settings) {
        this.cluster = cluster;
        this.settings = settings;
    }

    /**
     * The options for a node.
     *
     * @throws InexpressibleException if etcd would not accept the cluster
     */
    static List<EtcdOption> of(InitialCluster cluster, PeersFileSettings settings) {
        return new EtcdOptions(cluster, settings).build();
    }

    private List<EtcdOption> build() {
        requireAcceptable();
        add("initial-cluster-state", cluster.state().name().toLowerCase(Locale.ROOT));
        add("name", cluster.name());
        add(INITIAL_CLUSTER, cluster.entries().stream().map(Entry::toString).collect(Collectors.joining(",")));
        if (cluster.proxy()) {
            add("proxy", "on");
        }
        if (settings.extended()) {
            addExtended();
        }
        return List.copyOf(options);
    }

    private void add(String name, String value) {
        options.add(new EtcdOption(name, value));
    }

    private void addExtended() {
        settings.dataDirectory().ifPresent(directory -> add("data-dir", directory.toString()));
        if (cluster.proxy()) {
            // A proxy is there for its own machine; it has no certificate to serve others with.
            add("listen-client-urls", "http://127.0.0.1:" + settings.clientPort());
            return;
        }
        add("initial-cluster-token", settings.clusterToken());
        add("listen-peer-urls", ownUrls(this::bindablePeerUrl));
        // etcd compares the spelling with that in the initial cluster.
        add("initial-advertise-peer-urls", ownUrls(url -> Stream.of(url.text())));
        add("listen-client-urls", ownUrls(this::bindableClientUrls));
        add(
                "advertise-client-urls",
                ownUrls(url -> Stream.of(clientUrl(url.host().inUrl()))));
    }

    private String ownUrls(Function<PeerUrl, Stream<String>> urls) {
        return cluster.entries().stream()
                .filter(this::own)
                .map(entry -> PeerUrl.parse(entry.peerUrl()))
                .flatMap(urls)
                .distinct()
                .collect(Collectors.joining(","));
    }

    private boolean own(Entry entry) {
        return entry.name().equals(cluster.name());
    }

    private Stream<String> bindablePeerUrl(PeerUrl url) {
        return Stream.of(URI.create(url.text()).getScheme() + "://" + bindable(url) + ":" + url.port());
    }

    /** The node's own address, and loopback beside it, where {@code etcdctl} looks by itself. */
    private Stream<String> bindableClientUrls(PeerUrl url) {
        String host = bindable(url);
        return host.equals(EVERYWHERE) || isLoopback(url)
                ? Stream.of(clientUrl(host))
                : Stream.of(clientUrl(host), clientUrl("127.0.0.1"));
    }

    private String clientUrl(String host) {
        return settings.clientScheme() + "://" + host + ":" + settings.clientPort();
    }

    /** The host to listen at. etcd binds to addresses only: to all of them where one of the own hosts is a DNS name. */
    private String bindable(PeerUrl url) {
        boolean named = cluster.entries().stream()
                .filter(this::own)
                .anyMatch(entry -> !isLiteral(PeerUrl.parse(entry.peerUrl())));
        return named ? EVERYWHERE : url.host().inUrl();
    }

    private static boolean isLiteral(PeerUrl url) {
        return url.host().isIpv6() || url.host().host().matches("[0-9.]+");
    }

    private static boolean isLoopback(PeerUrl url) {
        String host = url.host().host();
        return host.startsWith("127.") || host.equals("0:0:0:0:0:0:0:1");
    }

    /** Refuses what etcd would refuse, or take for something else, at its start. */
    private void requireAcceptable() {
        for (Entry entry : cluster.entries()) {
            requireName(entry.name());
            requireUrl(entry);
        }
        requireName(cluster.name());
        if (cluster.entries().isEmpty()) {
            throw new InexpressibleException("the initial cluster is empty; etcd would not start with it");
        }
        if (!cluster.proxy() && cluster.entries().stream().noneMatch(this::own)) {
            throw new InexpressibleException("the initial cluster does not hold this node, "
                    + PeersFileFormat.inJson(cluster.name()) + "; etcd would not start with it");
        }
    }

    private static void requireName(String name) {
        if (name.isEmpty() || has(name, ",=")) {
            throw new InexpressibleException("the member name " + PeersFileFormat.inJson(name)
                    + " cannot stand in an initial cluster; it must not be empty or hold a comma, an equals sign,"
                    + " a blank or a control character");
        }
    }

    private static void requireUrl(Entry entry) {
        try {
            PeerUrl.parse(entry.peerUrl());
        } catch (IllegalArgumentException e) {
            throw refusal(entry);
        }
        if (has(entry.peerUrl(), ",")) {
            throw refusal(entry);
        }
    }

    private static InexpressibleException refusal(Entry entry) {
        return new InexpressibleException("the peer URL " + PeersFileFormat.inJson(entry.peerUrl()) + " of member "
                + entry.name() + " cannot stand in an initial cluster; it must be scheme://host:port without a comma");
    }

    private static boolean has(String text, String forbidden) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (forbidden.indexOf(character) >= 0
                    || Character.isWhitespace(character)
                    || Character.isISOControl(character)) {
                return true;
            }
        }
        return false;
    }
}
