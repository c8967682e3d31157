package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forming a new cluster, and refusing to. */
class BootstrapIT extends WholeProgramTest {
    @ParameterizedTest
    @EnumSource(Etcd.class)
    void threeConcurrentRunsFormOneClusterThatRealEtcdStartsFrom(Etcd version) {
        LabGroup three = groupOf(3).bootstrapped(version);

        LabGroup.assertMembers(version, three.nodes());
        assertEquals(
                1, three.nodes().stream().map(LabGroup::clusterId).distinct().count());
    }

    @Test
    void aSecondRunLeavesTheFileUntouched() throws IOException {
        LabNode node = groupOf(1).node(0);
        node.onceSucceeds();
        Object inode = Files.getAttribute(node.peersFile(), "unix:ino");
        FileTime longAgo = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
        Files.setLastModifiedTime(node.peersFile(), longAgo);

        Result second = node.once();

        assertEquals(0, second.exitCode(), second::toString);
        assertEquals(inode, Files.getAttribute(node.peersFile(), "unix:ino"));
        assertEquals(longAgo, Files.getLastModifiedTime(node.peersFile()));
    }

    @Test
    void aRunOnAStartedMemberWritesNewWithTheAddressesOfTheGroup() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);

        assertEquals(
                LabGroup.newClusterFile(three.node(1), three.nodes()),
                three.node(1).onceSucceeds());
    }

    @Test
    void aPartOfTheGroupDoesNotFormAClusterOfItsOwn() {
        LabGroup three = groupOf(3);
        three.node(1).pretend(Map.of("hidden", true));
        three.node(2).pretend(Map.of("hidden", true));

        Result result = three.node(0).run("--once", "--timeout", "15s");

        assertEnds(6, "1 of 3 instances", result);
        assertFalse(Files.exists(three.node(0).peersFile()));
    }

    @Test
    void waitsForAnInstanceThatHasNoAddressYet() {
        LabGroup two = groupOf(2);
        String address = two.node(1).address();
        two.node(1).pretend(Map.of("address", JsonNull.INSTANCE));
        Processes.Running run = two.node(0).start("--once");
        Result early = two.node(0).run("--once", "--timeout", "15s");
        two.node(1).pretend(Map.of("address", address));

        assertEquals(6, early.exitCode(), early::toString);
        assertEquals(
                LabGroup.newClusterFile(two.node(0), two.nodes()),
                two.node(0).succeeded(run.await(Duration.ofSeconds(60))));
    }

    @Test
    void terminatingInstancesAreNoMembersOfANewCluster() {
        LabGroup four = groupOf(4);
        four.desire(3);
        four.node(3).pretend(Map.of("lifecycle", "Terminating:Wait"));

        assertEquals(
                LabGroup.newClusterFile(four.node(0), four.nodes().subList(0, 3)),
                four.node(0).onceSucceeds());
    }

    @Test
    void aSecondNetworkInterfaceIsNoSecondMember() {
        LabGroup two = groupOf(2);
        two.node(1).pretend(Map.of("secondInterface", "127.199.0.99"));

        assertEquals(
                LabGroup.newClusterFile(two.node(0), two.nodes()), two.node(0).onceSucceeds());
    }

    @Test
    void aPeerThatSwallowsEverythingIsWaitedFor() throws IOException {
        LabGroup two = groupOf(2);
        InetAddress silent = InetAddress.getByName(two.node(1).address());
        // A full backlog drops what comes, as an address without a machine does.
        try (ServerSocket client = new ServerSocket(2379, 1, silent);
                ServerSocket peer = new ServerSocket(2380, 1, silent);
                Filler first = new Filler(client);
                Filler second = new Filler(peer)) {
            Result result = two.node(0).run("--once", "--timeout", "15s");

            assertEnds(6, two.node(1).id(), result);
            assertTrue(first.sockets.size() + second.sockets.size() > 0);
        }
        assertFalse(Files.exists(two.node(0).peersFile()));
    }

    /** Fills a server's backlog. */
    private static final class Filler implements AutoCloseable {
        private final List<Socket> sockets = new ArrayList<>();

        Filler(ServerSocket server) throws IOException {
            for (int i = 0; i < 4; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                try {
                    socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 200);
                } catch (SocketTimeoutException full) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void nodesThatStartLateAdoptTheClusterThatIsForming() {
        LabGroup three = groupOf(3);
        three.node(0).onceSucceeds();
        three.node(0).startEtcd(Etcd.V3_5);

        String second = three.node(1).onceSucceeds();
        three.node(1).startEtcd(Etcd.V3_5);
        LabGroup.awaitHealthy(Etcd.V3_5, three.nodes().subList(0, 2));
        String third = three.node(2).onceSucceeds();
        three.node(2).startEtcd(Etcd.V3_5);

        assertEquals(LabGroup.newClusterFile(three.node(1), three.nodes()), second);
        assertEquals(LabGroup.newClusterFile(three.node(2), three.nodes()), third);
        LabGroup.awaitHealthy(Etcd.V3_5, three.nodes());
        LabGroup.assertMembers(Etcd.V3_5, three.nodes());
    }

    @Test
    void aGroupThatHadAClusterRefusesAnEmptyOneWithoutTheOperatorsWord() {
        LabGroup one = groupOf(1, Map.of("etcd-aws:cluster-id", "cdf818194e3a8c32"));

        Result refused = one.node(0).run("--once", "--timeout", "15s");
        assertEnds(7, "--force-new-cluster", refused);
        assertFalse(Files.exists(one.node(0).peersFile()));

        Result forced = one.node(0).run("--once", "--force-new-cluster");
        assertEquals(
                LabGroup.newClusterFile(one.node(0), one.nodes()), one.node(0).succeeded(forced));
    }

    @Test
    void aWholeGroupThatRebootsGoesOnWithItsData() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.nodes().forEach(LabNode::killEtcd);
        three.nodes().forEach(LabNode::knowingItsData);
        String before = three.node(0).peers();

        three.nodes().forEach(node -> {
            node.onceSucceeds();
            node.startEtcd(Etcd.V3_5);
        });

        assertEquals(before, three.node(0).peers());
        LabGroup.awaitHealthy(Etcd.V3_5, three.nodes());
    }

    @Test
    void aWholeGroupThatRebootsGoesOnEvenWhereItsDataCannotBeSeen() {
        LabGroup three = groupOf(3).serving(Etcd.V3_4);
        three.nodes().forEach(LabNode::killEtcd);

        three.nodes().forEach(node -> {
            node.onceSucceeds();
            node.startEtcd(Etcd.V3_4);
        });

        LabGroup.awaitHealthy(Etcd.V3_4, three.nodes());
        LabGroup.assertMembers(Etcd.V3_4, three.nodes());
    }
}
