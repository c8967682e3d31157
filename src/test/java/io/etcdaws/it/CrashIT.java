package io.etcdaws.it;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The program that removes a dead member ends, or hangs, between any two steps of it: it or another finishes the removal. */
class CrashIT extends SharedGroupTest {
    /** The steps of a membership change, as the log tells them at the level debug. */
    private static final List<String> STEPS =
            List.of("locked", "compared", "handed over", "checked", "sent", "unlocked");

    /** A lock that nobody releases lives for 15 s. */
    private static final Duration LIMIT = Duration.ofSeconds(150);

    /** A run of a node's program that was interrupted. */
    private record Changer(LabNode node, int run) {
        String lastStep() {
            return DaemonLogs.steps(List.of(node)).stream()
                    .filter(step -> step.run() == run)
                    .reduce((one, other) -> other)
                    .map(DaemonLogs.Step::name)
                    .orElse("none");
        }
    }

    CrashIT() {
        super(3);
    }

    @BeforeAll
    void killWhatTells() {
        live().mayChangeUnaudited();
    }

    @Test
    void aRemovalIsFinishedWhereverTheProgramThatBeganItIsKilled() {
        LiveGroup live = live();
        for (String step : STEPS) {
            Changer killed = removalReaches(step, live, "KILL");
            System.out.println("killed after '" + step + "', in fact after '" + killed.lastStep() + "'");
            finished(live);
        }
    }

    @Test
    void aRemovalIsFinishedByAnotherNodeWhereverTheProgramThatBeganItHangs() {
        LiveGroup live = live();
        for (String step : List.of("locked", "checked", "sent")) {
            Changer hung = removalReaches(step, live, "STOP");
            System.out.println("hung after '" + step + "', in fact after '" + hung.lastStep() + "'");
            finished(live);
            // What it had in hand is now long done by somebody else.
            hung.node().machine().daemon().signal("CONT");
            Pauses.sleep(Duration.ofSeconds(2));
        }
    }

    /** Terminates a follower, and signals the leader's program as soon as it says that this step of the removal is done. */
    private static Changer removalReaches(String step, LiveGroup live, String signal) {
        LabNode leader = live.leader();
        Supervised daemon = leader.machine().daemon();
        List<Path> logs = daemon.logs();
        try (RandomAccessFile log =
                new RandomAccessFile(logs.get(logs.size() - 1).toFile(), "r")) {
            log.seek(log.length());
            live.terminate(live.follower());
            awaitWords(log, "membership change: " + step);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon.signal(signal);
        live.recorder().remark(signal + " of the program of " + leader.id() + " after " + step);
        return new Changer(leader, logs.size());
    }

    private static void awaitWords(RandomAccessFile log, String words) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        StringBuilder read = new StringBuilder();
        byte[] buffer = new byte[8192];
        while (read.indexOf(words) < 0) {
            if (System.nanoTime() > end) {
                throw new AssertionError("'" + words + "' was not said");
            }
            int count = log.read(buffer);
            if (count > 0) {
                read.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            } else {
                Pauses.sleep(Duration.ofMillis(1));
            }
        }
    }

    /** The dead member goes, and another takes its place. */
    private static void finished(LiveGroup live) {
        Awaitility.await("the dead member to be removed")
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> live.recorder().members().size() == 2);
        live.join();
        live.awaitConverged(LIMIT);
    }
}
