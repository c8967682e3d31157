package io.etcdaws.it;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Processes.Running;
import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assertions;

/** An auto scaling group with its nodes. Every group has a /24 of loopback addresses for itself. */
final class LabGroup implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger(1);

    /** Test classes run side by side in processes of their own: each has its /16 of loopback addresses. */
    private static final String NETWORK = "127."
            + (Integer.parseInt(Tools.property("lab.network")) + Integer.parseInt(Tools.property("lab.fork"))) + ".";

    private final EmulatedAws aws;
    private final String name;
    private final Path directory;
    private final List<LabNode> nodes = new CopyOnWriteArrayList<>();
    private final List<LabGroup> others = new ArrayList<>();

    /** The beginning of all addresses of this test process, such as {@code 127.101.}. */
    static String network() {
        return NETWORK;
    }

    private LabGroup(EmulatedAws aws, String name, Path directory) {
        this.aws = aws;
        this.name = name;
        this.directory = directory;
    }

    /** A group with as many running instances as desired. */
    static LabGroup of(int desired, EmulatedAws aws, Path directory) {
        return of(desired, aws, directory, Map.of());
    }

    /** The same with tags on the group. */
    static LabGroup of(int desired, EmulatedAws aws, Path directory, Map<String, String> tags) {
        int number = NUMBERS.getAndIncrement();
        LabGroup group = new LabGroup(aws, "etcd-" + number, directory);
        JsonElement answer = aws.post(
                "/lab/groups",
                Map.of(
                        "name",
                        group.name,
                        "cidr",
                        NETWORK + number + ".0/24",
                        "desired",
                        desired,
                        "zones",
                        3,
                        "tags",
                        tags));
        answer.getAsJsonObject().getAsJsonArray("instances").forEach(group::addNode);
        return group;
    }

    /** Another group in the same AWS, closed with the first. */
    static LabGroup beside(LabGroup first, int desired, Map<String, String> tags) {
        LabGroup group = of(desired, first.aws, first.directory, tags);
        first.others.add(group);
        return group;
    }

    private LabNode addNode(JsonElement instance) {
        JsonObject json = instance.getAsJsonObject();
        LabNode node = new LabNode(
                aws, json.get("id").getAsString(), json.get("address").getAsString(), directory);
        nodes.add(node);
        return node;
    }

    /** One more instance of the group. */
    LabNode launch() {
        return addNode(aws.post("/lab/groups/" + name + "/launch", Map.of()));
    }

    LabNode launchAt(String address) {
        return addNode(aws.post("/lab/groups/" + name + "/launch", Map.of("address", address)));
    }

    void desire(int capacity) {
        aws.post("/lab/groups/" + name, Map.of("desired", capacity));
    }

    String name() {
        return name;
    }

    EmulatedAws aws() {
        return aws;
    }

    List<LabNode> nodes() {
        return nodes;
    }

    LabNode node(int index) {
        return nodes.get(index);
    }

    /** The peers file of a node as all nodes of a new cluster write it. */
    static String newClusterFile(LabNode self, List<LabNode> members) {
        return peersFile("new", self, members);
    }

    static String existingClusterFile(LabNode self, List<LabNode> members) {
        return peersFile("existing", self, members);
    }

    /** The peers file of a machine that is no member. */
    static String proxyFile(LabNode self, List<LabNode> members) {
        return peersFile("existing", self, members) + "ETCD_PROXY=on\n";
    }

    private static String peersFile(String state, LabNode self, List<LabNode> members) {
        String list = String.join(
                ",",
                members.stream()
                        .map(node -> node.id() + "=" + node.peerUrl())
                        .sorted()
                        .toList());
        return "ETCD_INITIAL_CLUSTER_STATE=" + state + "\nETCD_NAME=" + self.id() + "\nETCD_INITIAL_CLUSTER=\"" + list
                + "\"\n";
    }

    /** Bootstraps all nodes at the same time and starts their etcd; the cluster is then healthy. */
    LabGroup bootstrapped(Etcd version) {
        List<Running> runs = nodes.stream().map(node -> node.start("--once")).toList();
        for (int i = 0; i < nodes.size(); i++) {
            Result result = runs.get(i).await(Duration.ofSeconds(90));
            Assertions.assertEquals(
                    newClusterFile(nodes.get(i), nodes), nodes.get(i).succeeded(result));
        }
        return started(version);
    }

    /** The same cluster without the program: from the files that it would have written. For what is done to a cluster that serves. */
    LabGroup serving(Etcd version, String... flags) {
        nodes.forEach(node -> node.givePeers(newClusterFile(node, nodes)));
        return started(version, flags);
    }

    private LabGroup started(Etcd version, String... flags) {
        nodes.forEach(node -> node.startEtcd(version, flags));
        awaitHealthy(version, nodes);
        return this;
    }

    /** Waits until each of these is a healthy member. */
    static void awaitHealthy(Etcd version, List<LabNode> members, String... ctlFlags) {
        for (LabNode node : members) {
            Awaitility.await(node.id() + " to be healthy")
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> etcdctl(version, node, ctlFlags, "endpoint", "health")
                                    .exitCode()
                            == 0);
        }
    }

    /** The member list as etcdctl reads it from a node: peer URL to {@code name}, {@code unstarted} or {@code learner}. */
    static Map<String, String> members(Etcd version, LabNode node, String... ctlFlags) {
        Result result = etcdctl(version, node, ctlFlags, "member", "list");
        Assertions.assertEquals(0, result.exitCode(), result::toString);
        Map<String, String> members = new LinkedHashMap<>();
        for (String line : result.stdout().lines().sorted().toList()) {
            String[] fields = line.split(", ", -1);
            String state = fields[1].equals("unstarted") || fields[4].isEmpty() ? "unstarted" : fields[2];
            members.put(fields[3], fields[5].equals("true") ? "learner " + state : state);
        }
        return members;
    }

    /** How many members a node lists by itself, without asking a quorum. */
    static int membersListedBy(LabNode node) {
        return localList(node).getAsJsonArray("members").size();
    }

    /** The cluster a node belongs to, by its own word. */
    static String clusterId(LabNode node) {
        return localList(node).getAsJsonObject("header").get("cluster_id").getAsString();
    }

    private static JsonObject localList(LabNode node) {
        String answer = Processes.run(
                node.directory(), List.of("curl", "-sS", "-d", "{}", node.clientUrl() + "/v3/cluster/member/list"));
        return JsonParser.parseString(answer).getAsJsonObject();
    }

    static Result etcdctl(Etcd version, LabNode node, String[] ctlFlags, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of(version.binary("etcdctl"), "--command-timeout=3s", "--endpoints=" + node.clientUrl()));
        command.addAll(List.of(ctlFlags));
        command.addAll(List.of(arguments));
        return Processes.start(node.directory(), "etcdctl-" + System.nanoTime(), Map.of("ETCDCTL_API", "3"), command)
                .await(Duration.ofSeconds(30));
    }

    /** Checks that the cluster's members are exactly the etcds of these nodes, all started. */
    static void assertMembers(Etcd version, List<LabNode> expected, String... ctlFlags) {
        Map<String, String> wanted = new LinkedHashMap<>();
        expected.forEach(node -> wanted.put(node.peerUrl(), node.id()));
        for (LabNode node : expected) {
            Awaitility.await("members as seen by " + node.id())
                    .atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> Assertions.assertEquals(wanted, members(version, node, ctlFlags)));
        }
    }

    @Override
    public void close() {
        nodes.forEach(LabNode::close);
        others.forEach(LabGroup::close);
    }
}
