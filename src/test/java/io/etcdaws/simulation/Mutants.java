package io.etcdaws.simulation;

import io.etcdaws.simulation.Hunts.Hunt;
import java.util.Optional;

/** The program with one guard switched off. What another guard or etcd itself would stop as well is switched off together. */
public final class Mutants {
    private Mutants() {}

    /**
     * Looks for a seed that shows what a guard is for. Called in the guarded program.
     *
     * @return the seed, and what was violated; empty if there is none among them
     */
    public static String caught(String guard, long seeds) {
        Guard off = Guard.valueOf(guard);
        Hunt hunt = Hunts.of(off);
        Stage stage = Stage.create();
        try {
            for (long seed = 1; seed <= seeds; seed++) {
                Plan plan = hunt.plan(seed);
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
