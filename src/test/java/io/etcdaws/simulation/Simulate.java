package io.etcdaws.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Runs as many schedules as are wanted, on all cores. */
public final class Simulate {
    private Simulate() {}

    /** See {@code scripts/simulate --help}. */
    public static void main(String[] arguments) throws InterruptedException {
        ((ch.qos.logback.classic.LoggerContext) org.slf4j.LoggerFactory.getILoggerFactory()).getLoggerList().forEach(l -> l.setLevel(ch.qos.logback.classic.Level.OFF));
        long seeds = Long.parseLong(arguments[0]);
        long from = Long.parseLong(arguments[1]);
        int fewest = Integer.parseInt(arguments[2]);
        int most = Integer.parseInt(arguments[3]);
        int threads = arguments.length > 4 ? Integer.parseInt(arguments[4]) : Runtime.getRuntime().availableProcessors();
        if (seeds == 0) {
            Stage stage = new Stage();
            Plan plan = Plan.of(from, fewest, most);
            plan.steps().forEach(System.out::println);
            Optional<Violation> v = Simulation.tell(plan, stage, System.out::println);
            System.out.println(v.map(Violation::getMessage).orElse("no violation"));
            System.exit(0);
        }
        AtomicLong next = new AtomicLong(from);
        Coverage all = new Coverage();
        List<String> failed = new ArrayList<>();
        long began = System.nanoTime();
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            Thread worker = new Thread(() -> {
                Stage stage;
                try { stage = new Stage(); } catch (InterruptedException e) { throw new IllegalStateException(e); }
                Coverage coverage = new Coverage();
                for (long seed = next.getAndIncrement(); seed < from + seeds; seed = next.getAndIncrement()) {
                    Optional<Violation> v;
                    try { v = Simulation.run(Plan.of(seed, fewest, most), stage, coverage); }
                    catch (RuntimeException e) { e.printStackTrace(); v = Optional.of(new Violation("crash", e.toString())); }
                    long s = seed;
                    v.ifPresent(x -> { synchronized (failed) { failed.add(s + " " + x.getMessage()); } });
                }
                synchronized (all) { all.add(coverage); }
                stage.close();
            });
            worker.start();
            workers.add(worker);
        }
        for (Thread worker : workers) {
            worker.join();
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        System.out.printf(Locale.ROOT, "%d schedules, %d rounds in %.1f s: %.0f schedules/s%n", all.schedules(), all.rounds(), seconds, all.schedules() / seconds);
        System.out.println(all.rules());
        System.out.println(all.decisions());
        System.out.println(failed.size() + " failed");
        failed.stream().sorted().limit(40).forEach(f -> System.out.println(f.substring(0, Math.min(300, f.length())).replace("\n", " ")));
        System.exit(0);
    }
}
