package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Recorder.Entry;
import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the periodic mode refuses, what it corrects, and what it only reports. */
class GuardIT extends PeriodicTest {
    @Test
    void aGroupThatHadAClusterFormsNoEmptyOneWithoutTheOperatorsWord() {
        LiveGroup live = formed(3);
        Awaitility.await("the mark")
                .atMost(SOON)
                .until(() -> live.aws().counts().containsKey("CreateOrUpdateTags"));
        live.running().forEach(live::terminate);
        List<LabNode> fresh = List.of(live.join(), live.join(), live.join());

        fresh.forEach(node -> Awaitility.await(node.id() + " to refuse")
                .atMost(SOON)
                .until(() -> DaemonLogs.said(node, "--force-new-cluster")));
        Pauses.sleep(Duration.ofSeconds(5));
        fresh.forEach(node -> assertTrue(Files.notExists(node.peersFile()), "no file was written"));

        live.forgetCluster();
        for (LabNode node : fresh) {
            node.machine().daemon().stop(Duration.ofSeconds(5));
            node.withArguments("--force-new-cluster");
        }
        fresh.forEach(node -> node.machine().daemon().up());
        live.verify();
    }

    @Test
    void aRoleThatMayNotTagIsToldOnceByEachNodeAndTheRestWorks() {
        LiveGroup live = live(new LiveGroup(groupOf(3)));
        live.aws().post("/lab/iam", Map.of("deny", List.of("autoscaling:CreateOrUpdateTags")));
        live.formed();
        // Each tries in its turn, since only one of them might lack the permission.
        String refused = "the cluster's mark is not recorded";
        live.running()
                .forEach(node -> Awaitility.await("the refusal of " + node.id())
                        .atMost(SOON)
                        .until(() -> DaemonLogs.said(node, refused)));
        live.aws().delete("/lab/calls");

        Pauses.sleep(Duration.ofSeconds(5));
        assertEquals(null, live.aws().counts().get("CreateOrUpdateTags"), "it is not tried again");
        live.running().forEach(node -> assertEquals(1, DaemonLogs.timesSaid(node, refused), node::id));
        live.replace(live.follower());
        live.verify();
    }

    @Test
    void aPeerUrlThatLeadsNowhereIsCorrected() {
        LiveGroup live = formed(3);
        live.mayChangeUnaudited();
        LabNode moved = live.follower();
        String nowhere = moved.peerUrl().replace(moved.address(), addressOfNobody(moved));
        etcdctl(live, "member", "update", memberId(live, moved), "--peer-urls=" + nowhere);

        Awaitility.await("the change by hand to be seen")
                .atMost(SOON)
                .until(() -> peerUrls(live).contains(nowhere));
        Awaitility.await("its correction")
                .atMost(SOON)
                .until(() -> peerUrls(live).contains(moved.peerUrl()));
        live.verify();
    }

    @Test
    void aMemberThatIsNobodysInstanceIsReportedAndStays() {
        LiveGroup live = formed(3);
        live.mayChangeUnaudited();
        String address = addressOfNobody(live.node(0));
        String list = live.running().stream()
                .map(node -> node.id() + "=" + node.peerUrl())
                .collect(Collectors.joining(","));
        etcdctl(live, "member", "add", "stranger", "--peer-urls=http://" + address + ":2380");
        Process stranger = startStranger(live, address, list);
        try {
            Awaitility.await("the report")
                    .atMost(SOON)
                    .until(() ->
                            live.running().stream().anyMatch(node -> DaemonLogs.said(node, "maps to no instance")));
            Pauses.sleep(Duration.ofSeconds(10));
            assertEquals(4, live.recorder().members().size());
        } finally {
            stranger.destroyForcibly();
        }
        Pauses.sleep(Duration.ofSeconds(5));
        assertEquals(4, live.recorder().members().size(), "dead or alive, it is not ours");
        etcdctl(live, "member", "remove", idAt(live, "http://" + address + ":2380"));
        live.verify();
    }

    private static Process startStranger(LiveGroup live, String address, String list) {
        String client = "http://" + address + ":2379";
        String peer = "http://" + address + ":2380";
        LabNode host = live.node(0);
        return Processes.start(
                        host.directory(),
                        "stranger",
                        Map.of(),
                        List.of(
                                Etcd.V3_5.binary("etcd"),
                                "--name=stranger",
                                "--data-dir=" + host.directory().resolve("stranger"),
                                "--listen-client-urls=" + client,
                                "--advertise-client-urls=" + client,
                                "--listen-peer-urls=" + peer,
                                "--initial-advertise-peer-urls=" + peer,
                                "--initial-cluster-state=existing",
                                "--initial-cluster=" + list + ",stranger=" + peer))
                .process();
    }

    /** In the network of the group, and no instance's. */
    private static String addressOfNobody(LabNode node) {
        return node.address().substring(0, node.address().lastIndexOf('.')) + ".250";
    }

    private static List<String> peerUrls(LiveGroup live) {
        return live.recorder().members().stream().map(Entry::peerUrl).toList();
    }

    private static String memberId(LiveGroup live, LabNode node) {
        return idAt(live, node.peerUrl());
    }

    private static String idAt(LiveGroup live, String peerUrl) {
        return live.recorder().members().stream()
                .filter(member -> member.peerUrl().equals(peerUrl))
                .map(member -> Long.toHexString(Long.parseUnsignedLong(member.id())))
                .findFirst()
                .orElseThrow();
    }

    /** Does something by hand; etcd may refuse it for some seconds after members have started. */
    private static void etcdctl(LiveGroup live, String... arguments) {
        Awaitility.await("etcdctl " + List.of(arguments))
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> LabGroup.etcdctl(Etcd.V3_5, live.leader(), new String[0], arguments)
                                .exitCode()
                        == 0);
    }
}
