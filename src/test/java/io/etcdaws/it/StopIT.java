package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Processes.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** SIGTERM ends the program within 5 s, in the middle of anything, and leaves nothing half-written. */
class StopIT extends PeriodicTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /** A Java that was told to end before it had come to the program ends by the signal. */
    private static final List<Integer> ENDS = List.of(0, 143);

    private final Random moments = new Random(7);

    @Test
    void itEndsWhileItStarts() {
        LiveGroup live = formed(1);
        Supervised daemon = live.node(0).machine().daemon();
        daemon.stop(LIMIT);
        for (int time = 0; time < 4; time++) {
            daemon.up();
            stopAtAnyMomentOf(Duration.ofSeconds(4), live.node(0), live);
        }
        daemon.up();
        live.verify();
    }

    @Test
    void itEndsWhileItRemovesADeadMemberAndTakesItsSuccessorIn() {
        LiveGroup live = formed(3);
        for (int time = 0; time < 3; time++) {
            LabNode leader = live.leader();
            live.replace(live.follower());
            stopAtAnyMomentOf(Duration.ofSeconds(6), leader, live);
            leader.machine().daemon().up();
            live.awaitConverged(SOON);
        }
        live.verify();
    }

    @Test
    void itEndsWhileAwsOrTheMetadataOrItsEtcdHang() {
        LiveGroup live = formed(3);
        LabNode node = live.follower();

        live.aws().post("/lab/faults", Map.of("action", "*", "hang", true));
        stopAtAnyMomentOf(LIMIT, node, live);
        live.aws().delete("/lab/faults");
        node.machine().daemon().up();

        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "hang"));
        stopAtAnyMomentOf(LIMIT, node, live);
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok"));
        node.machine().daemon().up();

        live.awaitConverged(SOON);
        node.machine().etcd().signal("STOP");
        stopAtAnyMomentOf(LIMIT, node, live);
        node.machine().etcd().signal("CONT");
        node.machine().daemon().up();
        live.verify();
    }

    private void stopAtAnyMomentOf(Duration period, LabNode node, LiveGroup live) {
        Pauses.sleep(Duration.ofMillis(moments.nextLong(period.toMillis())));
        live.recorder().remark("SIGTERM: " + node.id());
        Result result = node.machine().daemon().stop(LIMIT);
        assertTrue(ENDS.contains(result.exitCode()), result::toString);
        assertEquals(List.of(), halfWritten(node));
        assertTrue(node.peers().endsWith("\n"), node::peers);
        assertTrue(node.peers().contains("ETCD_INITIAL_CLUSTER_STATE="), node::peers);
    }

    /** What stands beside the peers file under a name made from its own. */
    private static List<Path> halfWritten(LabNode node) {
        Path file = node.peersFile();
        String name = file.getFileName().toString();
        try (Stream<Path> beside = Files.list(file.toAbsolutePath().getParent())) {
            return beside.filter(path -> path.getFileName().toString().contains(name) && !path.endsWith(name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
