package io.etcdaws.membership;

import java.util.List;
import java.util.Optional;

/**
 * What one probe saw of a peer's etcd. Only {@link NotServing} is evidence that no etcd runs there, and weak evidence: a
 * stopped etcd may own data.
 */
public sealed interface PeerState {
    /** The cluster whose member is there with its data. */
    default Optional<ClusterId> toldCluster() {
        return Optional.empty();
    }

    /** The members of that cluster as the one that is there tells them. */
    default List<Member> toldMembers() {
        return List.of();
    }

    /** Whether it is known that no etcd is there that holds data. One that is down may own some. */
    default boolean quiet() {
        return false;
    }

    /** A member is there with its data. */
    sealed interface MemberWithData extends PeerState {
        /** The cluster that it is a member of. */
        ClusterId cluster();

        /** The members as it tells them. */
        List<Member> members();

        @Override
        default Optional<ClusterId> toldCluster() {
            return Optional.of(cluster());
        }

        @Override
        default List<Member> toldMembers() {
            return members();
        }
    }

    /** The API through which a peer's members are read and changed. */
    enum Api {
        V3,
        V2
    }

    /**
     * The client port answers as a member.
     *
     * @param cluster the cluster it belongs to
     * @param self its own member id
     * @param members its member list; a learner does not tell it, then empty
     * @param leader the leader as it sees it; empty if it sees none
     * @param healthy whether a quorum read through it succeeded, so that its cluster has quorum
     * @param learner whether it is a learner
     * @param version etcd's version, such as {@code 3.5.16}
     * @param clusterVersion what all members of the cluster have been seen to be able to, such as {@code 3.5.0}: etcd
     *     raises it only when it has heard of each, and takes in no older one; empty if it does not tell
     * @param term its raft term; 0 if the API does not tell
     * @param index its applied raft index; 0 if the API does not tell
     * @param api the API it speaks
     */
    record Serving(
            ClusterId cluster,
            MemberId self,
            List<Member> members,
            Optional<MemberId> leader,
            boolean healthy,
            boolean learner,
            String version,
            String clusterVersion,
            long term,
            long index,
            Api api)
            implements MemberWithData {
        public Serving {
            members = List.copyOf(members);
        }

        /** Whether it leads its cluster, and has shown that it still has quorum. */
        public boolean leads() {
            return healthy && leader.filter(self::equals).isPresent();
        }
    }

    /**
     * A bootstrap is under way: the client port is mute, and the peer port says that the cluster's version is not decided.
     *
     * @param cluster the id of the cluster that is forming
     * @param members its initial cluster
     */
    record Forming(ClusterId cluster, List<Member> members) implements PeerState {
        public Forming {
            members = List.copyOf(members);
        }

        @Override
        public boolean quiet() {
            return true;
        }
    }

    /**
     * A member with data and without quorum since its start: the client port is mute, and the peer port tells a cluster
     * version.
     *
     * @param cluster the cluster whose data it holds
     * @param members its member list
     * @param clusterVersion the cluster's version, such as {@code 3.5.0}
     */
    record HoldsData(ClusterId cluster, List<Member> members, String clusterVersion) implements MemberWithData {
        public HoldsData {
            members = List.copyOf(members);
        }
    }

    /** Both ports refuse connections: no etcd runs there now. */
    record NotServing() implements PeerState {
        @Override
        public boolean quiet() {
            return true;
        }
    }

    /**
     * No answer before the deadline, or no connection.
     *
     * @param detail what was tried and how it ended, for people
     */
    record Silent(String detail) implements PeerState {
        /** What is known of somebody who was not probed. */
        static final Silent NOT_ASKED = new Silent("not asked");
    }

    /**
     * Something is there that may not be spoken to: TLS, authentication, an HTTP error, the API switched off.
     *
     * @param detail what it said, for people
     */
    record Rejected(String detail) implements PeerState {}
}
