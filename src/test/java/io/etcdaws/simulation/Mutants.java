package io.etcdaws.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** The program with one guard switched off. What another guard or etcd itself would stop as well is switched off together. */
public final class Mutants {
    private Mutants() {}

    /** The guards that no schedule needs, since others stop the same; the second is what holds in their place. */
    static final Map<Guard, Guard> SECOND_LINES = secondLines();

    private static Map<Guard, Guard> secondLines() {
        Map<Guard, Guard> lines = new EnumMap<>(Guard.class);
        lines.put(Guard.QUORUM_LEFT, Guard.LAST_LOOK);
        return lines;
    }

    /**
     * Looks for a seed that shows what a guard is for. Called in the guarded program.
     *
     * @return the seed, and what was violated; empty if there is none among them
     */
    public static String caught(String guard, long seeds, int fewest, int most) {
        Simulate.silence();
        Guard off = Guard.valueOf(guard);
        Optional<Guard> alsoOff = Optional.ofNullable(SECOND_LINES.get(off));
        Stage stage = Stage.create();
        for (long seed = 1; seed <= seeds; seed++) {
            Plan plan = Plan.of(seed, fewest, most);
            Optional<Violation> violation = Simulation.runWithout(plan, stage, off, alsoOff);
            if (violation.isPresent()) {
                stage.close();
                return seed + " " + violation.get().getMessage();
            }
        }
        stage.close();
        return "";
    }

    /** Tells of each guard which seed catches the program without it. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        Class<?> guarded = new GuardedLoader().loadClass(Mutants.class.getName());
        for (Guard guard : Guard.values()) {
            if (arguments.length > 1 && !arguments[1].contains(guard.name())) {
                continue;
            }
            Object said = guarded.getMethod("caught", String.class, long.class, int.class, int.class)
                    .invoke(null, guard.name(), Long.parseLong(arguments[0]), 3, 5);
            String text = String.valueOf(said).replace('\n', ' ');
            System.out.println(guard + ": " + text.substring(0, Math.min(200, text.length())));
        }
        System.exit(0);
    }
}
