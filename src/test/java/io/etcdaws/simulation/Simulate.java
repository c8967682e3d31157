package io.etcdaws.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import io.etcdaws.membership.Rule;
import io.etcdaws.simulation.Fleet.Failure;
import io.etcdaws.simulation.Fleet.Report;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Runs as many schedules as are wanted, on all cores, and tells what they went through. See {@code scripts/simulate}. */
public final class Simulate {
    private final PrintStream out;
    private final int fewest;
    private final int most;

    private Simulate(PrintStream out, int fewest, int most) {
        this.out = out;
        this.fewest = fewest;
        this.most = most;
    }

    /**
     * Runs them with guards that can be counted.
     *
     * @param arguments how many seeds, the first, the fewest nodes, the most; 0 seeds to tell of the first seed alone; or
     *     {@code explore} and how many faults
     */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        if (arguments[0].equals("explore")) {
            explore(Integer.parseInt(arguments[1]));
            return;
        }
        Class<?> guarded = new GuardedLoader().loadClass(Simulate.class.getName());
        try {
            Object failed = guarded.getMethod("run", long.class, long.class, int.class, int.class)
                    .invoke(
                            null,
                            Long.parseLong(arguments[0]),
                            Long.parseLong(arguments[1]),
                            Integer.parseInt(arguments[2]),
                            Integer.parseInt(arguments[3]));
            System.exit(Boolean.TRUE.equals(failed) ? 1 : 0);
        } catch (InvocationTargetException e) {
            e.printStackTrace();
            System.exit(2);
        }
    }

    private static void explore(int faults) {
        Exploration forming = new Exploration();
        forming.bootstrap(faults);
        System.out.println("forming a cluster of three, " + faults + " faults: " + forming);
        Exploration replacing = new Exploration();
        replacing.replace(faults);
        System.out.println("replacing one of three, " + faults + " faults: " + replacing);
    }

    /** Called in the guarded program; whether a seed failed. */
    public static boolean run(long seeds, long from, int fewest, int most) throws InterruptedException {
        silence();
        Simulate simulate = new Simulate(System.out, fewest, most);
        return seeds == 0 ? simulate.tell(from) : simulate.all(seeds, from);
    }

    /** What the program logs would be a hundred lines a schedule. */
    static void silence() {
        ((LoggerContext) LoggerFactory.getILoggerFactory())
                .getLoggerList()
                .forEach(logger -> logger.setLevel(Level.OFF));
    }

    private boolean all(long seeds, long from) throws InterruptedException {
        long began = System.nanoTime();
        Report report = Fleet.run(from, seeds, fewest, most, System.err::println);
        double seconds = (System.nanoTime() - began) / 1e9;
        Coverage coverage = report.coverage();
        out.printf(
                Locale.ROOT,
                "%d schedules of seeds %d to %d, %d rounds, in %.0f s: %.0f schedules a second, %.0f a second of one"
                        + " processor%n",
                coverage.schedules(),
                from,
                from + seeds - 1,
                coverage.rounds(),
                seconds,
                coverage.schedules() / seconds,
                coverage.schedules() / report.processorSeconds());
        tell(coverage);
        List<Failure> failed = report.failed();
        out.println(failed.size() + " seeds failed"
                + (failed.isEmpty()
                        ? ""
                        : ": "
                                + failed.stream()
                                        .limit(40)
                                        .map(one -> one.seed() + " "
                                                + one.violation().invariant())
                                        .toList()));
        return !failed.isEmpty() && tell(failed.get(0).seed());
    }

    private void tell(Coverage coverage) {
        out.println("rules that decided:");
        for (Rule rule : Rule.values()) {
            if (rule != Rule.PROXY && rule != Rule.IDENTITY) {
                out.printf(
                        Locale.ROOT,
                        "  %-8s %9d  %s%n",
                        rule.number(),
                        coverage.rules().getOrDefault(rule, 0L),
                        rule.title());
            }
        }
        out.println("decisions: " + coverage.decisions());
        out.println("guards that said no, and where something else would have been done without:");
        for (Guard guard : Guard.values()) {
            out.printf(
                    Locale.ROOT,
                    "  %9d %9d  %s%n",
                    coverage.fired().getOrDefault(guard, 0L),
                    coverage.prevented().getOrDefault(guard, 0L),
                    guard.text);
        }
    }

    /** Tells of one seed, as short as it can be; whether it fails. */
    private boolean tell(long seed) {
        Stage stage = Stage.create();
        Plan plan = Plan.of(seed, fewest, most);
        Optional<Violation> violation = Simulation.run(plan, stage, new Coverage());
        Plan told = violation.map(found -> Shrinker.shrink(plan, found, stage)).orElse(plan);
        out.println("seed " + seed + ":");
        told.steps().forEach(step -> out.printf(Locale.ROOT, "  at %.1f s %s%n", step.at() / 1000.0, step));
        Simulation.tell(told, stage, out::println);
        stage.close();
        return violation.isPresent();
    }
}
