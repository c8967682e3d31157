package io.etcdaws.membership;

/** What is to be done now, as plain data with its reason. */
public sealed interface Decision {
    /** Why. */
    Reason reason();

    /** Write the peers file; nothing else is left to do for this node. */
    record WritePeersFile(InitialCluster content, Reason reason) implements Decision {}

    /** The peers file that is there stays; nothing else is left to do for this node. */
    record KeepPeersFile(Reason reason) implements Decision {}

    /**
     * Change the membership, then observe again.
     *
     * @param change the change
     * @param basis the cluster that the decision rests on; the change must not be made if it is another by then
     */
    record ChangeMembership(MembershipChange change, ClusterView basis, Reason reason) implements Decision {}

    /** All is as it should be; the file is to hold this, for the next start of etcd. */
    record Converged(InitialCluster content, Reason reason) implements Decision {}

    /**
     * Have the leader, this node's member, hand over to another voter.
     *
     * @param to the voter that is to lead
     * @param basis the cluster that the decision rests on
     */
    record MoveLeadership(Member to, ClusterView basis, Reason reason) implements Decision {}

    /** Record on the group that it holds this cluster (the durable mark). */
    record WriteMark(ClusterId cluster, Reason reason) implements Decision {}

    /** Tell Auto Scaling that it may go on with this instance's transition. */
    record CompleteLifecycle(Transition transition, Reason reason) implements Decision {}

    /**
     * Have Auto Scaling wait longer with this instance's transition.
     *
     * @param waitingFor what must happen first
     * @param wayOut what an operator can do
     */
    record HoldLifecycle(Transition transition, String waitingFor, String wayOut, Reason reason) implements Decision {}

    /**
     * The membership must change, and another node is to do it.
     *
     * @param change the change
     * @param to which member's node
     */
    record LeaveToOther(MembershipChange change, Member to, Reason reason) implements Decision {}

    /** What it takes for a wait to end. */
    enum Until {
        /** Only time: the same must be seen for a while. */
        TIME_PASSES,
        /** Others go on with what they do: AWS, other nodes, other members. */
        OTHERS_ACT,
        /** Something that may not come about by itself; going on without it would risk data or quorum. */
        SAFE
    }

    /**
     * Nothing may be done yet; observe again.
     *
     * @param waitingFor what must happen first
     * @param until what kind of thing that is
     * @param wayOut what an operator can do; empty if waiting is all
     */
    record Wait(String waitingFor, Until until, String wayOut, Reason reason) implements Decision {
        static Wait untilSafe(String waitingFor, String wayOut, Reason reason) {
            return new Wait(waitingFor, Until.SAFE, wayOut, reason);
        }

        static Wait forOthers(String waitingFor, Reason reason) {
            return new Wait(waitingFor, Until.OTHERS_ACT, "", reason);
        }

        static Wait forTime(String waitingFor, Reason reason) {
            return new Wait(waitingFor, Until.TIME_PASSES, "", reason);
        }
    }

    /**
     * Going on would risk data or quorum, and waiting does not help.
     *
     * @param wayOut what an operator can do, or how the rule is overruled
     */
    record Refuse(String wayOut, Reason reason) implements Decision {}
}
