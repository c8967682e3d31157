package io.etcdaws.simulation;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Runs the schedules of a range of seeds, one worker a core. */
final class Fleet {
    /**
     * What came of it.
     *
     * @param coverage of all schedules
     * @param failed the seeds that failed, the lowest first, each with what it broke
     * @param processorSeconds how much of the processors it took
     */
    record Report(Coverage coverage, List<Failure> failed, double processorSeconds) {}

    /** A seed that failed. */
    record Failure(long seed, Violation violation) {}

    private static final long NEWS_EVERY = 50_000;

    private final AtomicLong next;
    private final long end;
    private final int fewest;
    private final int most;
    private final Consumer<String> news;
    private final Coverage coverage = new Coverage();
    private final List<Failure> failed = new ArrayList<>();
    private long processorNanos;

    private Fleet(long from, long seeds, int fewest, int most, Consumer<String> news) {
        this.news = news;
        this.next = new AtomicLong(from);
        this.end = from + seeds;
        this.fewest = fewest;
        this.most = most;
    }

    /**
     * Runs them all, and waits.
     *
     * @param news told of each seed that fails, and from time to time of how far it is
     */
    static Report run(long from, long seeds, int fewest, int most, Consumer<String> news) throws InterruptedException {
        Fleet fleet = new Fleet(from, seeds, fewest, most, news);
        List<Thread> workers = new ArrayList<>();
        for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
            Thread worker = new Thread(fleet::work, "simulation-" + i);
            worker.setDaemon(true);
            worker.start();
            workers.add(worker);
        }
        for (Thread worker : workers) {
            worker.join();
        }
        fleet.failed.sort((one, other) -> Long.compare(one.seed(), other.seed()));
        return new Report(fleet.coverage, fleet.failed, fleet.processorNanos / 1e9);
    }

    private void work() {
        Stage stage = Stage.create();
        Coverage own = new Coverage();
        for (long seed = next.getAndIncrement(); seed < end; seed = next.getAndIncrement()) {
            if (seed % NEWS_EVERY == 0) {
                news.accept("at seed " + seed);
            }
            Optional<Violation> violation = Simulation.run(Plan.of(seed, fewest, most), stage, own);
            if (violation.isPresent()) {
                news.accept("seed " + seed + " fails: " + violation.get().invariant());
                synchronized (failed) {
                    failed.add(new Failure(seed, violation.get()));
                }
            }
        }
        synchronized (coverage) {
            coverage.add(own);
            processorNanos += ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
        stage.close();
    }
}
