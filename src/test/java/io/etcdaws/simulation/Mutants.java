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
     */
    private record Hunt(Optional<Guard> alsoOff, int most, List<Step.Kind> kinds) {
        private static Hunt with(int most, Step.Kind... kinds) {
            return new Hunt(Optional.empty(), most, List.of(kinds));
        }

        private Hunt besides(Guard guard) {
            return new Hunt(Optional.of(guard), most, kinds);
        }
    }

    private static Hunt hunt(Guard guard) {
        return switch (guard) {
            case REMOVED_DATA, OWN_ETCD -> Hunt.with(3, Kind.OPERATOR_REMOVES, Kind.REBOOT, Kind.CRASH);
            case MARK -> Hunt.with(3, Kind.TERMINATE);
            case UNKNOWN_PEERS, UNDER_WAY ->
                Hunt.with(3, Kind.TERMINATE, Kind.TERMINATE, Kind.FREEZE_ETCD).besides(Guard.MARK);
            case INCOMPLETE -> Hunt.with(3, Kind.AWS_ANSWERS_IN_PART, Kind.AWS_LAGS).besides(Guard.UNSTABLE);
            case UNSTABLE, UNCLEAR -> Hunt.with(3, Kind.AWS_LAGS, Kind.TERMINATE, Kind.SCALE_OUT, Kind.SCALE_IN);
            case DARK, CUT_OFF, FOREIGN -> Hunt.with(4, Kind.DETACH, Kind.STANDBY, Kind.CUT_ONE_WAY, Kind.SCALE_OUT);
            case QUORUM_LEFT ->
                Hunt.with(4, Kind.FREEZE_ETCD, Kind.RETIRE, Kind.INTERRUPT, Kind.STOP).besides(Guard.LAST_LOOK);
            case ONE_MORE_VOTER -> Hunt.with(3, Kind.FREEZE_ETCD, Kind.SCALE_OUT).besides(Guard.LAST_LOOK);
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
                Plan plan = Plan.hunt(seed, hunt.most(), hunt.kinds());
                Optional<Violation> violation = Simulation.runWithout(plan, stage, off, hunt.alsoOff());
                // What fails with the guard as well says nothing of it.
                if (violation.isPresent()
                        && Simulation.run(plan, stage, new Coverage()).isEmpty()) {
                    return seed + " " + violation.get().getMessage();
                }
            }
            return "";
        } finally {
            stage.close();
        }
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
