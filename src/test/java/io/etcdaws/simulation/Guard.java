package io.etcdaws.simulation;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The guards of rules 4 to 7 and of a change's execution, each a method of the program that says no. {@link GuardedLoader} has
 * them ask here, so that a test can have one of them always say yes, and see which have said no.
 */
public enum Guard {
    STANDING(
            "membership.Standing",
            "ofSelf",
            Permits.EMPTY,
            "4, 5a: only an instance that its group expects becomes a member"),
    REMOVED_DATA(
            "membership.Joining", "admission", Permits.EMPTY, "4: the data of a removed member are not joined over"),
    OWN_ETCD("membership.Joining", "ownEtcd", Permits.EMPTY, "4: nobody joins whose etcd runs as something else"),
    OTHER_CLUSTER(
            "membership.Joining",
            "otherCluster",
            Permits.EMPTY,
            "4: nobody joins while members of another cluster are in the group"),
    DEAD_FIRST("membership.Joining", "dead", Permits.EMPTY, "4: the dead leave before another joins"),
    ONE_JOINS("membership.Joining", "othersJoining", Permits.EMPTY, "4: one joins at a time"),
    ONE_MORE_VOTER(
            "membership.ClusterView", "keepsQuorumWithOneMoreVoter", Permits.TRUE, "4: quorum with one voter more"),
    MARK("membership.Forming", "fence", Permits.EMPTY, "5a: a marked group forms no cluster"),
    UNDER_WAY("membership.Forming", "underWay", Permits.EMPTY, "5a: a cluster that is forming is adopted"),
    UNKNOWN_PEERS("membership.Forming", "unknownPeers", Permits.EMPTY, "5a: every peer is known not to run"),
    INCOMPLETE("membership.Forming", "incompleteGroup", Permits.EMPTY, "5a: the group is complete"),
    UNCLEAR("membership.Forming", "unclearAddresses", Permits.EMPTY, "5a: addresses are clear"),
    UNSTABLE("membership.Forming", "unstableGroup", Permits.EMPTY, "5a: the group has been the same for a while"),
    DARK("membership.Removal", "dark", Permits.TRUE, "6: only a member that is dark is removed"),
    CUT_OFF("membership.Removal", "mayBeCutOff", Permits.FALSE, "6: a machine that runs must refuse connections"),
    OVER("membership.Removal", "timeToProve", Permits.AT_ONCE, "6: only a member whose instance is over is removed"),
    QUORUM_LEFT("membership.Removal", "guardQuorum", Permits.EMPTY, "6, 7a: the healthy left are a quorum"),
    FOREIGN("membership.Removal", "foreign", Permits.FALSE, "6: no foreign member is removed"),
    BLAST_RADIUS("membership.GroupLoss", "decide", Permits.EMPTY, "7b: nothing is done on an unconfirmed loss"),
    UPKEEP_REMOVES("membership.Upkeep", "dead", Permits.EMPTY, "7: the dead are removed where nobody joins, too"),
    IN_STEP("membership.Learners", "inStep", Permits.TRUE, "7c: only a learner in step gets its vote"),
    QUORUM_WITH_LEARNER(
            "membership.ClusterView",
            "keepsQuorumWithHealthyLearner",
            Permits.TRUE,
            "7c: quorum with the learner's vote"),
    QUORUM_AWAY(
            "membership.ClusterView", "keepsQuorumWhileAway", Permits.TRUE, "7e: quorum without the member that moved"),
    TURN("membership.Turn", "isOwn", Permits.TRUE, "7: one node acts"),
    LAST_LOOK("etcd.QuorumCheck", "judge", Permits.EMPTY, "execution: the last look before a change"),
    NOT_PAUSED("etcd.LockedChange", "tooOld", Permits.EMPTY, "execution: nothing is changed after a pause"),
    ETCD_IN_STEP("simulation.Checks", "inStep", Permits.TRUE, "etcd's own: only a learner in step gets its vote");

    /** What a guard answers when nothing speaks against going on. */
    enum Permits {
        EMPTY,
        /** No time has to pass first. */
        AT_ONCE,
        TRUE,
        FALSE
    }

    private static final class State {
        private int off = -1;
        private int alsoOff = -1;
        private final Set<Guard> fired = EnumSet.noneOf(Guard.class);
    }

    private static final List<Guard> ALL = List.of(values());
    private static final ThreadLocal<State> STATE = ThreadLocal.withInitial(State::new);

    final String owner;
    final String method;
    final Permits permits;
    final String text;

    Guard(String owner, String method, Permits permits, String text) {
        this.owner = "io/etcdaws/" + owner.replace('.', '/');
        this.method = method;
        this.permits = permits;
        this.text = text;
    }

    /** By which the program's methods call it. */
    int number() {
        return ALL.indexOf(this);
    }

    // Called by the program's methods, as GuardedLoader has them do.

    /** Whether that guard is to say yes whatever it sees. */
    public static boolean isOff(int guard) {
        State state = STATE.get();
        return state.off == guard || state.alsoOff == guard;
    }

    /** That guard answers so. */
    public static void answered(Optional<?> answer, int guard) {
        if (answer.isPresent() == (ALL.get(guard).permits == Permits.EMPTY)) {
            STATE.get().fired.add(ALL.get(guard));
        }
    }

    /** That guard answers so. */
    public static void answered(boolean answer, int guard) {
        if (answer != (ALL.get(guard).permits == Permits.TRUE)) {
            STATE.get().fired.add(ALL.get(guard));
        }
    }

    /** Switches guards off in this thread, and all others on. */
    static void switchOff(Optional<Guard> one, Optional<Guard> another) {
        STATE.get().off = one.map(Guard::number).orElse(-1);
        STATE.get().alsoOff = another.map(Guard::number).orElse(-1);
    }

    /** Which guards have said no in this thread since this was asked before. */
    static Set<Guard> fired() {
        Set<Guard> fired = STATE.get().fired;
        if (fired.isEmpty()) {
            return Set.of();
        }
        Set<Guard> copy = EnumSet.copyOf(fired);
        fired.clear();
        return copy;
    }
}
