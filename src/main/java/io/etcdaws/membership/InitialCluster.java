package io.etcdaws.membership;

import java.util.Comparator;
import java.util.List;

/**
 * What etcd is started with: the content of the peers file, apart from its format.
 *
 * @param state whether etcd forms a cluster or joins one
 * @param name this node's member name
 * @param entries the members with their peer URLs, sorted by name; a member with several URLs has several entries
 * @param proxy whether this node is no member and only wants the cluster's addresses
 */
public record InitialCluster(State state, String name, List<Entry> entries, boolean proxy) {
    /** The values of {@code ETCD_INITIAL_CLUSTER_STATE}. */
    public enum State {
        NEW,
        EXISTING
    }

    /**
     * A member and one of its peer URLs.
     *
     * @param name the member's name
     * @param peerUrl the URL
     */
    public record Entry(String name, String peerUrl) {
        @Override
        public String toString() {
            return name + "=" + peerUrl;
        }
    }

    public InitialCluster {
        entries = entries.stream()
                .sorted(Comparator.comparing(Entry::name).thenComparing(Entry::peerUrl))
                .toList();
    }
}
