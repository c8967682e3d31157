package io.etcdaws.simulation;

import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.simulation.EtcdModel.Version;
import io.etcdaws.simulation.Step.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Where to look for what each guard is for: plans of the situations in which it matters, at random within these. What happens in
 * them, and what must hold, is the same as in all other schedules.
 */
final class Hunts {
    private static final long FORMED = 20_000;
    private static final long SHORT = 45_000;
    private static final long LONG = 150_000;

    private Hunts() {}

    /** A fault at some time, for some machine, of some length. */
    private record Part(Kind kind, int who, long from, long to, int least, int most) {
        private Step step(SplittableRandom random) {
            return new Step(random.nextLong(from, to), kind, who, random.nextInt(least, most + 1));
        }
    }

    /**
     * A hunt.
     *
     * @param alsoOff a guard that stops the same, and is switched off together with it
     * @param mode of the program
     * @param hooks whether the group has lifecycle hooks
     * @param dataSeen whether the program may see etcd's data directory
     * @param addressesReused whether addresses are given out again
     * @param joinAs how nodes are added
     * @param nodes how many
     * @param version of etcd
     * @param lasting how long after that all faults stop, in milliseconds
     * @param parts what happens
     */
    record Hunt(
            Optional<Guard> alsoOff,
            Mode mode,
            boolean hooks,
            boolean dataSeen,
            boolean addressesReused,
            JoinAs joinAs,
            int nodes,
            Version version,
            long lasting,
            List<Part> parts) {
        Plan plan(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Step> steps = new ArrayList<>();
            parts.forEach(part -> steps.add(part.step(random)));
            long quietAt = parts.stream().mapToLong(Part::to).max().orElse(0) + lasting;
            return new Plan(
                    random.nextLong(),
                    nodes,
                    version,
                    mode,
                    joinAs,
                    hooks,
                    addressesReused,
                    false,
                    dataSeen,
                    steps,
                    quietAt);
        }

        private Hunt besides(Guard guard) {
            return new Hunt(
                    Optional.of(guard), mode, hooks, dataSeen, addressesReused, joinAs, nodes, version, lasting, parts);
        }

        private Hunt once() {
            return new Hunt(
                    alsoOff, Mode.ONCE, hooks, dataSeen, addressesReused, joinAs, nodes, version, lasting, parts);
        }

        private Hunt withHooks() {
            return new Hunt(alsoOff, mode, true, dataSeen, addressesReused, joinAs, nodes, version, lasting, parts);
        }

        private Hunt withoutSeeingData() {
            return new Hunt(alsoOff, mode, hooks, false, addressesReused, joinAs, nodes, version, lasting, parts);
        }

        private Hunt asVoters() {
            return new Hunt(
                    alsoOff, mode, hooks, dataSeen, addressesReused, JoinAs.VOTER, nodes, version, lasting, parts);
        }

        private Hunt lasting(long longer) {
            return new Hunt(alsoOff, mode, hooks, dataSeen, addressesReused, joinAs, nodes, version, longer, parts);
        }

        private Hunt of(int other) {
            return new Hunt(alsoOff, mode, hooks, dataSeen, addressesReused, joinAs, other, version, lasting, parts);
        }
    }

    private static Hunt of(Part... parts) {
        return new Hunt(
                Optional.empty(),
                Mode.PERIODIC,
                false,
                true,
                false,
                JoinAs.AUTO,
                3,
                Version.V3_5,
                SHORT,
                List.of(parts));
    }

    /** After the cluster has formed, in milliseconds from then. */
    private static Part then(Kind kind, int who, long from, long to, int least, int most) {
        return new Part(kind, who, FORMED + from, FORMED + to, least, most);
    }

    private static Part first(Kind kind, int who, long from, long to, int least, int most) {
        return new Part(kind, who, from, to, least, most);
    }

    /** The hunt for what a guard prevents. */
    static Hunt of(Guard guard) {
        return switch (guard) {
            case STANDING ->
                of(then(Kind.SCALE_OUT, 0, 0, 1, 1, 1), then(Kind.RETIRE, 4, 4_000, 9_000, 1, 1))
                        .withHooks()
                        .once();
            case REMOVED_DATA -> of(then(Kind.OPERATOR_REMOVES, 1, 0, 5_000, 1, 1));
            case OWN_ETCD ->
                of(then(Kind.SCALE_OUT, 0, 0, 1, 1, 1), then(Kind.STRAY_ETCD, 4, 3_000, 8_000, 2, 2))
                        .withoutSeeingData();
            case OTHER_CLUSTER ->
                of(
                        then(Kind.SCALE_OUT, 0, 0, 1, 1, 1),
                        then(Kind.STRAY_ETCD, 3, 3_000, 6_000, 1, 1),
                        then(Kind.FREEZE_ETCD, 0, 5_000, 8_000, 40, 40),
                        then(Kind.FREEZE_ETCD, 1, 5_000, 8_000, 40, 40));
            case DEAD_FIRST -> of(then(Kind.TERMINATE, 1, 0, 5_000, 1, 1)).besides(Guard.UPKEEP_REMOVES);
            case UPKEEP_REMOVES ->
                of(then(Kind.SCALE_IN, 0, 0, 1, 1, 1), then(Kind.TERMINATE, 1, 1, 3_000, 1, 1))
                        .of(4);
            case ONE_JOINS ->
                of(then(Kind.SCALE_OUT, 0, 0, 1, 1, 1), then(Kind.SCALE_OUT, 0, 0, 1, 1, 1))
                        .asVoters();
            case ONE_MORE_VOTER ->
                of(then(Kind.FREEZE_ETCD, 1, 0, 3_000, 35, 40), then(Kind.SCALE_OUT, 0, 3_000, 6_000, 2, 2))
                        .asVoters()
                        .besides(Guard.LAST_LOOK);
            case MARK ->
                of(
                        then(Kind.TERMINATE, 0, 20_000, 20_001, 1, 1),
                        then(Kind.TERMINATE, 0, 20_001, 20_002, 1, 1),
                        then(Kind.TERMINATE, 0, 20_002, 20_003, 1, 1));
            case UNDER_WAY -> of(first(Kind.PAUSE_MACHINE, 1, 5_000, 8_000, 8, 14));
            case UNKNOWN_PEERS ->
                of(
                                then(Kind.FREEZE_ETCD, 0, 0, 2_000, 40, 40),
                                then(Kind.TERMINATE, 1, 2_000, 4_000, 1, 1),
                                then(Kind.TERMINATE, 1, 2_000, 4_000, 1, 1))
                        .once()
                        .besides(Guard.UNSTABLE);
            case INCOMPLETE, UNSTABLE ->
                of(first(Kind.AWS_ANSWERS_IN_PART, 0, 0, 2_000, 35, 40))
                        .besides(guard == Guard.UNSTABLE ? Guard.INCOMPLETE : Guard.UNSTABLE);
            case UNCLEAR -> of(first(Kind.AWS_MIXES_ADDRESSES, 0, 0, 2_000, 35, 40));
            case DARK ->
                of(then(Kind.DETACH, 1, 0, 3_000, 1, 1), then(Kind.SCALE_OUT, 0, 3_000, 4_000, 2, 2))
                        .besides(Guard.CUT_OFF);
            case CUT_OFF ->
                of(then(Kind.ISOLATE, 1, 0, 2_000, 150, 150), then(Kind.DETACH, 1, 2_000, 4_000, 1, 1))
                        .lasting(LONG);
            case OVER -> of(then(Kind.LOSE_DISK, 1, 0, 3_000, 1, 40)).withoutSeeingData();
            case QUORUM_LEFT ->
                of(then(Kind.FREEZE_ETCD, 1, 0, 2_000, 40, 40), then(Kind.INTERRUPT, 2, 3_000, 8_000, 1, 1))
                        .besides(Guard.LAST_LOOK);
            case FOREIGN -> of(then(Kind.OPERATOR_HOST, 0, 0, 2_000, 5, 8)).lasting(LONG);
            case BLAST_RADIUS ->
                of(
                                then(Kind.SCALE_OUT, 0, 0, 1, 2, 2),
                                then(Kind.AWS_ANSWERS_IN_PART, 0, 2_000, 8_000, 30, 40),
                                then(Kind.REBOOT, 1, 2_000, 8_000, 1, 1))
                        .of(5);
            case IN_STEP, ETCD_IN_STEP ->
                of(then(Kind.SCALE_OUT, 0, 0, 1, 2, 2), then(Kind.FREEZE_ETCD, 3, 6_000, 12_000, 40, 40))
                        .besides(guard == Guard.IN_STEP ? Guard.ETCD_IN_STEP : Guard.IN_STEP);
            case QUORUM_AWAY ->
                of(then(Kind.FREEZE_ETCD, 1, 0, 2_000, 40, 40), then(Kind.READDRESS, 2, 3_000, 5_000, 1, 1))
                        .besides(Guard.LAST_LOOK);
            case TURN -> of(then(Kind.SCALE_OUT, 0, 0, 1, 2, 2));
            case LAST_LOOK ->
                of(
                                then(Kind.PAUSE_IN_CHANGE, 1, 0, 1, 7, 13),
                                then(Kind.INTERRUPT, 1, 1, 2, 1, 1),
                                then(Kind.FREEZE_ETCD, 2, 500, 12_000, 40, 40))
                        .of(3);
            case NOT_PAUSED ->
                of(
                        then(Kind.PAUSE_IN_CHANGE, 1, 0, 1, 8, 40),
                        then(Kind.INTERRUPT, 1, 1, 2, 1, 1),
                        then(Kind.FREEZE_ETCD, 2, 500, 12_000, 40, 40));
            case QUORUM_WITH_LEARNER ->
                of(then(Kind.SCALE_OUT, 0, 0, 1, 2, 2), then(Kind.FREEZE_ETCD, 1, 3_000, 12_000, 40, 40))
                        .besides(Guard.LAST_LOOK);
        };
    }
}
