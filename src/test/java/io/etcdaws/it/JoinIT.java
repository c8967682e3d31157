package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Processes.Running;
import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Joining a cluster that serves. */
class JoinIT extends WholeProgramTest {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    /** Terminates the last of three nodes and launches its replacement; gives the members that are then to be. */
    private static List<LabNode> replaceLast(LabGroup three) {
        three.node(2).terminate();
        LabNode fresh = three.launch();
        return List.of(three.node(0), three.node(1), fresh);
    }

    @ParameterizedTest
    @EnumSource(Etcd.class)
    void theReplacementOfATerminatedNodeJoinsInItsPlace(Etcd version) {
        LabGroup three = groupOf(3).serving(version);
        List<LabNode> after = replaceLast(three);

        String file = after.get(2).onceSucceeds();
        after.get(2).startEtcd(version);

        assertEquals(LabGroup.existingClusterFile(after.get(2), after), file);
        LabGroup.awaitHealthy(version, after);
        LabGroup.assertMembers(version, after);
    }

    @Test
    void aReplacementJoinsThroughTheV2ApiAlone() {
        LabGroup three = groupOf(3).serving(Etcd.V3_4, "--enable-v2=true", "--enable-grpc-gateway=false");
        List<LabNode> after = replaceLast(three);

        String file = after.get(2).onceSucceeds();
        after.get(2).startEtcd(Etcd.V3_4, "--enable-v2=true", "--enable-grpc-gateway=false");

        assertEquals(LabGroup.existingClusterFile(after.get(2), after), file);
        LabGroup.awaitHealthy(Etcd.V3_4, after);
        LabGroup.assertMembers(Etcd.V3_4, after);
    }

    @Test
    void aStockEtcdWithoutAnyApiForUsIsNoSignThatThereIsNoCluster() {
        LabGroup three = groupOf(3).serving(Etcd.V3_4, "--enable-grpc-gateway=false");
        List<LabNode> after = replaceLast(three);

        Result result = after.get(2).run("--once", "--timeout", "15s");

        assertEnds(7, "enable-grpc-gateway", result);
        assertFalse(Files.exists(after.get(2).peersFile()));
    }

    @ParameterizedTest
    @EnumSource(Etcd.class)
    void twoNodesThatJoinAtOnceBothBecomeMembers(Etcd version) {
        LabGroup group = groupOf(3).serving(version);
        group.desire(5);
        List<LabNode> joining = List.of(group.launch(), group.launch());

        List<Running> runs = joining.stream().map(node -> node.start("--once")).toList();
        // Whoever was added first must start before the other is added: as on a real node, etcd starts when the run
        // ends.
        List<Thread> nodes = java.util.stream.IntStream.range(0, 2)
                .mapToObj(i -> new Thread(() -> {
                    joining.get(i).succeeded(runs.get(i).await(LIMIT));
                    joining.get(i).startEtcd(version);
                }))
                .toList();
        nodes.forEach(Thread::start);
        nodes.forEach(JoinIT::join);

        LabGroup.awaitHealthy(version, group.nodes());
        LabGroup.assertMembers(version, group.nodes());
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void waitsForAnotherNodeThatWasAddedAndHasNotStarted() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.desire(5);
        LabNode other = three.launch();
        LabNode joining = three.launch();
        addByHand(three, other);

        Result result = joining.run("--once", "--timeout", "15s");

        assertEnds(6, other.peerUrl(), result);
        assertFalse(Files.exists(joining.peersFile()));
        assertEquals(4, LabGroup.members(Etcd.V3_5, three.node(0)).size());
    }

    private static void addByHand(LabGroup cluster, LabNode node) {
        org.awaitility.Awaitility.await("etcd to take a member")
                .atMost(Duration.ofSeconds(20))
                .until(() -> LabGroup.etcdctl(
                                        Etcd.V3_5,
                                        cluster.node(0),
                                        new String[0],
                                        "member",
                                        "add",
                                        "unused",
                                        "--peer-urls=" + node.peerUrl())
                                .exitCode()
                        == 0);
    }

    @Test
    void aNodeThatWasAddedAndDiedBeforeItStartedIsRemoved() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        LabNode died = three.launch();
        addByHand(three, died);
        died.terminate();
        three.desire(4);
        LabNode joining = three.launch().with("ETCD_AWS_MEMBERSHIP_REMOVE_AFTER", "8s");

        joining.onceSucceeds();
        joining.startEtcd(Etcd.V3_5);

        List<LabNode> after = List.of(three.node(0), three.node(1), three.node(2), joining);
        LabGroup.awaitHealthy(Etcd.V3_5, after);
        LabGroup.assertMembers(Etcd.V3_5, after);
    }

    @Test
    void aRunThatCrashedBetweenAddAndWriteIsFinishedByTheNext() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.desire(4);
        LabNode joining = three.launch();
        addByHand(three, joining);

        String file = joining.onceSucceeds();
        joining.startEtcd(Etcd.V3_5);

        assertEquals(LabGroup.existingClusterFile(joining, three.nodes()), file);
        LabGroup.awaitHealthy(Etcd.V3_5, three.nodes());
        LabGroup.assertMembers(Etcd.V3_5, three.nodes());
    }

    @Test
    void aKilledRunLeavesNothingThatARerunDoesNotFinish() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        List<LabNode> after = replaceLast(three);
        Running killed = after.get(2).start("--once");
        org.awaitility.Awaitility.await("the dead member to be removed")
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> LabGroup.members(Etcd.V3_5, three.node(0))
                                .get(three.node(2).peerUrl())
                        == null);
        killed.process().destroyForcibly();

        String file = after.get(2).onceSucceeds();
        after.get(2).startEtcd(Etcd.V3_5);

        assertEquals(LabGroup.existingClusterFile(after.get(2), after), file);
        LabGroup.awaitHealthy(Etcd.V3_5, after);
        LabGroup.assertMembers(Etcd.V3_5, after);
    }
}
