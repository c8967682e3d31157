package io.etcdaws.simulation;

import io.etcdaws.simulation.Step.Kind;
import java.util.List;
import java.util.Optional;

/** The program with one guard switched off. What another guard or etcd itself would stop as well is switched off together. */
public final class Mutants {
    private Mutants() {}

    /**
     * How a mutant is looked for.
     *
     * @param alsoOff a guard that stops the same, and is switched off together with it
     * @param most nodes
     * @param kinds the faults in which the guard matters
     * @param early whether they happen while the cluster is formed
     */
    private record Hunt(Optional<Guard> alsoOff, int most, List<Kind> kinds, boolean early) {
        private static Hunt with(int most, Kind... kinds) {
            return new Hunt(Optional.empty(), most, List.of(kinds), false);
        }

        private Hunt atTheStart() {
            return new Hunt(alsoOff, most, kinds, true);
        }

        private Hunt besides(Guard guard) {
            return new Hunt(Optional.of(guard), most, kinds, early);
        }
    }

    private static Hunt hunt(Guard guard) {
        return switch (guard) {
            case REMOVED_DATA, OWN_ETCD -> Hunt.with(3, Kind.OPERATOR_REMOVES, Kind.REBOOT, Kind.CRASH);
            case MARK -> Hunt.with(3, Kind.TERMINATE);
            case UNKNOWN_PEERS, UNDER_WAY ->
                Hunt.with(3, Kind.TERMINATE, Kind.TERMINATE, Kind.FREEZE_ETCD).besides(Guard.MARK);
            case INCOMPLETE ->
                Hunt.with(3, Kind.AWS_ANSWERS_IN_PART).atTheStart().besides(Guard.UNSTABLE);
            case UNSTABLE, UNCLEAR ->
                Hunt.with(3, Kind.AWS_LAGS, Kind.TERMINATE, Kind.SCALE_OUT, Kind.SCALE_IN)
                        .atTheStart();
            case DARK -> Hunt.with(4, Kind.DETACH, Kind.SCALE_OUT).besides(Guard.CUT_OFF);
            case CUT_OFF, FOREIGN -> Hunt.with(4, Kind.DETACH, Kind.CUT_ONE_WAY, Kind.SCALE_OUT);
            case QUORUM_LEFT -> Hunt.with(3, Kind.FREEZE_ETCD, Kind.INTERRUPT).besides(Guard.LAST_LOOK);
            case ONE_MORE_VOTER ->
                Hunt.with(3, Kind.FREEZE_ETCD, Kind.SCALE_OUT).besides(Guard.LAST_LOOK);
            default -> Hunt.with(5, Kind.values());
        };
    }

    /**
     * Looks for a seed that shows what a guard is for. Called in the guarded program.
     *
     * @return the seed, and what was violated; empty if there is none among them
     */
    public static String caught(String guard, long seeds) {
        Guard off = Guard.valueOf(guard);
        Hunt hunt = hunt(off);
        Stage stage = Stage.create();
        try {
            for (long seed = 1; seed <= seeds; seed++) {
                Plan plan = Plan.hunt(seed, hunt.most(), hunt.kinds(), hunt.early());
                Optional<Violation> violation = Simulation.runWithout(plan, stage, off, hunt.alsoOff());
                if (violation.isPresent() && holdsWith(plan, stage, hunt.alsoOff())) {
                    return seed + " " + violation.get().getMessage();
                }
            }
            return "";
        } finally {
            stage.close();
        }
    }

    /** What fails with the guard as well says nothing of it. */
    private static boolean holdsWith(Plan plan, Stage stage, Optional<Guard> otherOff) {
        return otherOff.map(other -> Simulation.runWithout(plan, stage, other, Optional.empty()))
                .orElseGet(() -> Simulation.run(plan, stage, new Coverage()))
                .isEmpty();
    }

    /** Tells of each guard which seed catches the program without it. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Simulate.silence();
        Class<?> guarded = new GuardedLoader().loadClass(Mutants.class.getName());
        for (Guard guard : Guard.values()) {
            if (arguments.length > 1 && !arguments[1].contains(guard.name())) {
                continue;
            }
            Object said = guarded.getMethod("caught", String.class, long.class)
                    .invoke(null, guard.name(), Long.parseLong(arguments[0]));
            String text = String.valueOf(said).replace('\n', ' ');
            System.out.println(guard + ": " + text.substring(0, Math.min(200, text.length())));
        }
        System.exit(0);
    }
}
