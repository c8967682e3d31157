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

    /**
     * Corrects where a voter serves its peers. Never of a learner: etcd would give it a vote by that (up to 3.5.30 and
     * 3.6.11).
     *
     * @param member the voter, as it is listed
     * @param peerUrl its only peer URL from now on
     */
    record Update(Member member, PeerUrl peerUrl) implements MembershipChange {
        @Override
        public String toString() {
            return "update " + member + " to " + peerUrl;
        }
    }
}
