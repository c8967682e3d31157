package io.etcdaws.membership;

import java.time.Duration;
import java.util.Optional;

/**
 * What the operator set that bears on decisions.
 *
 * @param role what this node is to the cluster
 * @param joinAs how this node is added
 * @param stableMargin how long the group's view must have been the same before a cluster is formed
 * @param removeAfter how long a member's instance must have been stopped or outside the group before it is removed, and how
 *     long EC2 must have known of no instance where a member was added that never started
 * @param confirmAfter how long EC2 must not have known an instance that a member is named for, from the first read to the
 *     last, before it counts as gone
 * @param peerScheme {@code http} or {@code https}, of peer URLs
 * @param peerPort the port of peer URLs
 * @param forceNewCluster the operator's word that no data is to be kept
 * @param clusterToken the token that etcd derives a new cluster's id with
 * @param staying what bears on the periodic mode only; empty in the others
 */
public record Policy(
        Role role,
        JoinAs joinAs,
        Duration stableMargin,
        Duration removeAfter,
        Duration confirmAfter,
        String peerScheme,
        int peerPort,
        boolean forceNewCluster,
        String clusterToken,
        Optional<Staying> staying) {
    /**
     * What bears on the periodic mode.
     *
     * @param learnerTimeout how long a learner may make no progress before it is removed
     * @param takeOverAfter how long a change that another node is to make may be due before the next node makes it
     */
    public record Staying(Duration learnerTimeout, Duration takeOverAfter) {}

    /** What a node is to the cluster. */
    public enum Role {
        MEMBER,
        /** No member; only wants the cluster's addresses. */
        PROXY
    }

    /** How a node is added to a cluster. */
    public enum JoinAs {
        /** As a voter; as a learner where a voter would stop the cluster. */
        AUTO,
        VOTER,
        LEARNER
    }

    /** The peer URL of an instance at that address. */
    public PeerUrl peerUrl(Address address) {
        return PeerUrl.of(peerScheme, address, peerPort);
    }
}
