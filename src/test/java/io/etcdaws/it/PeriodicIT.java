package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What the periodic mode does where nothing is the matter, and how it is watched, reloaded and told of changes. */
class PeriodicIT extends PeriodicTest {
    @Test
    void tellsTheServiceManagerThatItIsReadyWhenTheFileIsInPlaceAndOnlyOnce() {
        LiveGroup live = formed(1);
        LabNode node = live.node(0);

        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals(
                1,
                node.notifications()
                        .lines()
                        .filter(line -> line.contains("--ready"))
                        .count());
        assertEquals(LabGroup.newClusterFile(node, live.running()), node.peers());
        live.verify();
    }

    @Test
    void theManagementEndpointTellsWhatIsSeenAndDone() {
        LiveGroup live = formed(3);
        LabNode node = live.node(0);
        awaitStatus(node, "/health/ready", 200);
        assertEquals(200, get(node, "/health/live").statusCode());
        assertEquals(404, get(node, "/nothing").statusCode());
        assertTrue(get(node, "/").body().contains(node.id()));
        assertTrue(get(node, "/metrics").body().contains("etcd_aws_"));

        LabNode dead = live.follower();
        LabNode teller =
                live.running().stream().filter(one -> one != dead).findFirst().orElseThrow();
        live.replace(dead);
        live.awaitConverged(SOON);

        Awaitility.await("the status to tell of a round that left nothing to do")
                .atMost(SOON)
                .until(() ->
                        status(teller).getAsJsonObject("round").get("converged").getAsBoolean());
        JsonObject status = status(teller);
        assertEquals("7h", status.getAsJsonObject("decision").get("rule").getAsString(), status::toString);
        assertEquals(3, votersIn(status), status::toString);
        List<String> kinds = DaemonLogs.audits(live.ever()).stream()
                .map(audit ->
                        audit.record().getAsJsonObject("change").get("kind").getAsString())
                .toList();
        assertTrue(kinds.containsAll(List.of("remove", "add", "promote")), kinds::toString);
        live.verify();
    }

    private static int votersIn(JsonObject status) {
        String observed = status.getAsJsonObject("observation").toString();
        return observed.split("\"Serving\"", -1).length - 1;
    }

    private static JsonObject status(LabNode node) {
        return JsonParser.parseString(get(node, "/status").body()).getAsJsonObject();
    }

    private static HttpResponse<String> get(LabNode node, String path) {
        return EtcdGateway.management(node, path)
                .orElseThrow(() -> new AssertionError(node.id() + " does not answer " + path));
    }

    private static void awaitStatus(LabNode node, String path, int wanted) {
        Awaitility.await(node.id() + path + " to be " + wanted)
                .atMost(SOON)
                .until(() -> EtcdGateway.management(node, path)
                        .filter(answer -> answer.statusCode() == wanted)
                        .isPresent());
    }

    @Test
    void aNodeIsReadyOnlyWhileItsOwnEtcdServes() {
        LiveGroup live = formed(3);
        LabNode node = live.follower();
        awaitStatus(node, "/health/ready", 200);

        node.machine().etcd().signal("STOP");
        awaitStatus(node, "/health/ready", 503);
        assertEquals(200, get(node, "/health/live").statusCode(), "the program itself is well");
        assertFalse(JsonParser.parseString(get(node, "/health/ready").body())
                .getAsJsonObject()
                .getAsJsonArray("problems")
                .isEmpty());

        node.machine().etcd().signal("CONT");
        awaitStatus(node, "/health/ready", 200);
        live.verify();
    }

    @Test
    void aConvergedClusterCostsOneCallANodeARoundAndNoMetadata() {
        LiveGroup live = formed(3);
        Awaitility.await("the mark")
                .atMost(SOON)
                .until(() -> live.aws().counts().containsKey("CreateOrUpdateTags"));
        Pauses.sleep(Duration.ofSeconds(3));

        live.aws().delete("/lab/calls");
        live.aws().delete("/lab/imds");
        long before = rounds(live);
        Pauses.sleep(Duration.ofSeconds(15));
        long after = rounds(live);
        Map<String, Integer> calls = live.aws().counts();

        int sum = calls.values().stream().mapToInt(Integer::intValue).sum();
        // One round of each node may have asked and not ended, or ended and been counted before.
        assertTrue(sum <= after - before + live.running().size(), () -> calls + " in " + (after - before) + " rounds");
        assertEquals(List.of("DescribeAutoScalingGroups"), List.copyOf(calls.keySet()));
        assertEquals(List.of(), readings(live, "instance-identity"), "the identity is read once");
        double perRound = (double) sum / (after - before);
        System.out.printf(
                "%d AWS calls in %d rounds, %.2f a round; at the default interval of 30 s that is %.0f, %.0f and %.0f"
                        + " an hour for 3, 5 and 7 nodes%n",
                sum, after - before, perRound, 3 * 120 * perRound, 5 * 120 * perRound, 7 * 120 * perRound);
        live.verify();
    }

    private static long rounds(LiveGroup live) {
        return live.running().stream()
                .mapToLong(node ->
                        status(node).getAsJsonObject("round").get("number").getAsLong())
                .sum();
    }

    private static List<String> readings(LiveGroup live, String part) {
        return live.aws().metadataPaths().stream()
                .filter(path -> path.contains(part))
                .toList();
    }

    @Test
    void aCommandIsRunAfterEachChangeOfTheFileAndItsEndIsTold() throws IOException {
        LabGroup group = groupOf(1);
        Path ran = directory.resolve("ran");
        Path script = Files.writeString(
                directory.resolve("on change"),
                "#!/bin/sh\ncat \"$ETCD_AWS_PEERS_FILE_PATH\" >>'" + ran + "'\necho told \"$1\"\nexit 3\n");
        assertTrue(script.toFile().setExecutable(true));
        LiveGroup live = live(new LiveGroup(
                        group, node -> node.with("ETCD_AWS_PEERS_FILE_ON_CHANGE", "'" + script + "' 'a b'")))
                .formed();
        LabNode node = live.node(0);

        Awaitility.await("the command").atMost(SOON).until(() -> Files.exists(ran));
        Awaitility.await("its end").atMost(SOON).until(() -> DaemonLogs.said(node, "told a b"));
        assertEquals(node.peers(), Files.readString(ran));
        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals(1, DaemonLogs.timesSaid(node, "peers-file.on-change ended with"), "it is run once a change");
        live.verify();
    }

    @Test
    void aCommandThatTakesTooLongIsKilledWithAllThatItStarted() throws IOException {
        LabGroup group = groupOf(1);
        Path script = Files.writeString(
                directory.resolve("slow"), "#!/bin/sh\nsleep 987 &\necho $! >'" + pidFile() + "'\nwait\n");
        assertTrue(script.toFile().setExecutable(true));
        LiveGroup live = live(new LiveGroup(
                        group,
                        node -> node.with("ETCD_AWS_PEERS_FILE_ON_CHANGE", script.toString())
                                .with("ETCD_AWS_PEERS_FILE_ON_CHANGE_TIMEOUT", "2s")))
                .formed();

        Awaitility.await("the time limit")
                .atMost(SOON)
                .until(() -> DaemonLogs.said(live.node(0), "peers-file.on-change did not end")
                        || DaemonLogs.said(live.node(0), "killed"));
        long pid = Long.parseLong(Files.readString(pidFile()).strip());
        Awaitility.await("the end of what it has started")
                .atMost(SOON)
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
        live.verify();
    }

    private Path pidFile() {
        return directory.resolve("pid");
    }

    @Test
    void aChangedConfigurationIsTakenUpAndAWrongOneRefused() throws IOException {
        LabGroup group = groupOf(1);
        Path file = Files.writeString(directory.resolve("etcd-aws.conf"), "etcd-aws.aws.max-attempts = 5\n");
        LiveGroup live = live(new LiveGroup(group, node -> node.withArguments("--config", file.toString())))
                .formed();
        LabNode node = live.node(0);

        Files.writeString(file, "etcd-aws.aws.max-attempts = 4\n");
        Awaitility.await("the new one")
                .atMost(SOON)
                .until(() -> DaemonLogs.said(node, "the configuration has changed"));

        Files.writeString(file, "etcd-aws.aws.max-attempt = 3\n");
        Awaitility.await("the refusal").atMost(SOON).until(() -> DaemonLogs.said(node, "max-attempt"));
        assertTrue(status(node).get("configurationProblem").getAsString().contains("max-attempt"));
        awaitStatus(node, "/health/ready", 200);

        Files.writeString(file, "etcd-aws.aws.max-attempts = 4\n");
        node.machine().daemon().signal("HUP");
        Awaitility.await("the problem to be over")
                .atMost(SOON)
                .until(() -> !status(node).has("configurationProblem"));
        assertEquals(1, node.machine().daemon().runs().size(), "it was never restarted");
        live.verify();
    }
}
