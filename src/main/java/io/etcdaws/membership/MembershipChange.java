package io.etcdaws.membership;

/** One change of an etcd cluster's membership. */
public sealed interface MembershipChange {
    /**
     * Adds a member that has not started yet.
     *
     * @param peerUrl where it will serve its peers
     * @param learner whether it is added without a vote
     */
    record Add(PeerUrl peerUrl, boolean learner) implements MembershipChange {
        @Override
        public String toString() {
            return "add " + peerUrl + " as a " + (learner ? "learner" : "voter");
        }
    }

    /**
     * Removes a member for good; its data must not be used again.
     *
     * @param member the member
     */
    record Remove(Member member) implements MembershipChange {
        @Override
        public String toString() {
            return "remove " + member;
        }
    }

    /**
     * Gives a learner its vote.
     *
     * @param member the learner
     */
    record Promote(Member member) implements MembershipChange {
        @Override
        public String toString() {
            return "promote " + member;
        }
    }
}
