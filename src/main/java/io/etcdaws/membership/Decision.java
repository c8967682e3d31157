package io.etcdaws.membership;

/** What is to be done now, as plain data with its reason. */
public sealed interface Decision {
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

    /**
     * Nothing may be done yet; observe again.
     *
     * @param waitingFor what must happen first
     * @param refusedInTheEnd whether going on regardless would risk data or quorum, so that the end of waiting is a refusal
     *     rather than a time-out
     * @param wayOut what an operator can do; empty if waiting is all
     */
    record Wait(String waitingFor, boolean refusedInTheEnd, String wayOut, Reason reason) implements Decision {}

    /**
     * Going on would risk data or quorum, and waiting does not help.
     *
     * @param wayOut what an operator can do, or how the rule is overruled
     */
    record Refuse(String wayOut, Reason reason) implements Decision {}
}
