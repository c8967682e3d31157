package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.DaemonLogs.Audited;
import io.etcdaws.it.Recorder.Entry;
import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A group whose nodes run the program in its periodic mode, written to and watched all the time. */
final class LiveGroup implements AutoCloseable {
    /** What every node is told, so that its log can be read. */
    private static final Map<String, String> ALWAYS =
            Map.of("ETCD_AWS_LOG_LEVEL", "debug", "ETCD_AWS_LOG_FORMAT", "json");

    /** What is set so that tests need not wait as operators can. */
    private static final Map<String, String> FAST = Map.of(
            "ETCD_AWS_RECONCILE_INTERVAL", "2s",
            "ETCD_AWS_METADATA_WATCH_INTERVAL", "1s",
            "ETCD_AWS_BOOTSTRAP_STABLE_MARGIN", "1s",
            "ETCD_AWS_AWS_SCAN_MAX_AGE", "500ms",
            "ETCD_AWS_MEMBERSHIP_CONFIRM_AFTER", "2s",
            "ETCD_AWS_MEMBERSHIP_REMOVE_AFTER", "4s",
            "ETCD_AWS_MEMBERSHIP_LEARNER_TIMEOUT", "20s");

    private final LabGroup group;
    private final Etcd version;
    private final Consumer<LabNode> setUp;
    private final EtcdGateway etcd;
    private final List<LabNode> running = new CopyOnWriteArrayList<>();
    private final List<LabNode> ever = new CopyOnWriteArrayList<>();
    private final Set<String> mayGo = ConcurrentHashMap.newKeySet();
    private final Recorder recorder;
    private final Writer writer;
    private boolean audited = true;

    /**
     * A group of machines that are switched off.
     *
     * @param setUp what else each node is given before it is switched on
     * @param etcd how etcd is asked
     */
    LiveGroup(LabGroup group, Etcd version, Consumer<LabNode> setUp, EtcdGateway etcd) {
        this.group = group;
        this.version = version;
        this.setUp = setUp;
        this.etcd = etcd;
        group.nodes().forEach(this::prepare);
        try {
            Files.createDirectories(group.node(0).directory());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        recorder =
                new Recorder(etcd, () -> running, group.node(0).directory().resolveSibling(group.name() + "-timeline"));
        writer = new Writer(etcd, () -> running);
    }

    LiveGroup(LabGroup group, Consumer<LabNode> setUp) {
        this(group, Etcd.V3_5, setUp, new EtcdGateway());
    }

    LiveGroup(LabGroup group) {
        this(group, node -> {});
    }

    /** Takes a node back to the program's own defaults. */
    static void withDefaults(LabNode node) {
        FAST.keySet().forEach(node::without);
    }

    private LabNode prepare(LabNode node) {
        ALWAYS.forEach(node::with);
        FAST.forEach(node::with);
        node.knowingItsData().withItsRole().with("ETCD_AWS_MANAGEMENT_ADDRESS", node.address() + ":2378");
        setUp.accept(node);
        // Power fails for no machine here: what was written is there.
        node.machine(version, "--unsafe-no-fsync");
        ever.add(node);
        return node;
    }

    /** Switches all nodes of the group on, and waits until they are its members. */
    LiveGroup formed() {
        group.nodes().forEach(this::switchOn);
        awaitConverged(PeriodicTest.SOON);
        return this;
    }

    void switchOn(LabNode node) {
        recorder.remark("on: " + node.id());
        running.add(node);
        node.machine().boot();
    }

    /** A new instance of the group, switched off. */
    LabNode launched() {
        return prepare(group.launch());
    }

    /** A new instance of the group that boots. */
    LabNode join() {
        LabNode node = launched();
        switchOn(node);
        return node;
    }

    /** The same, at an address that another instance had before. */
    LabNode joinAt(String address) {
        LabNode node = prepare(group.launchAt(address));
        switchOn(node);
        return node;
    }

    /** The instance is terminated without warning. */
    void terminate(LabNode node) {
        lose(node);
        node.terminate();
    }

    /** The node ends, and will not come back: it counts no more. */
    void lose(LabNode node) {
        recorder.remark("gone: " + node.id());
        running.remove(node);
        mayGo.add(node.id());
        node.machine().powerOff();
        // Its disk is gone, too; many of them would fill this machine's.
        node.wipeData();
        Firewall.heal(node);
    }

    /** From now on the group's lifecycle hooks hold up what is launched and what is retired. */
    void holdsUpInstances() {
        Map<String, Object> hooks =
                Map.of("hooks", Map.of("launch", "etcd-aws-launch", "terminate", "etcd-aws-terminate"));
        aws().post("/lab/groups/" + group.name(), hooks);
    }

    /** The group ends an instance, after its hook. */
    void retire(LabNode node) {
        recorder.remark("retired: " + node.id());
        mayGo.add(node.id());
        aws().post("/lab/instances/" + node.id() + "/retire", Map.of());
    }

    /** The lifecycle state of a node's instance; empty if the group does not hold it. */
    String lifecycle(LabNode node) {
        return aws().lifecycles(group.name()).getOrDefault(node.id(), "");
    }

    void awaitInService(LabNode node) {
        Awaitility.await(node.id() + " to be in service")
                .atMost(PeriodicTest.SOON)
                .until(() -> lifecycle(node).equals("InService"));
    }

    /** Waits until the group has let a retired instance go; its machine is then switched off. */
    void awaitGone(LabNode node) {
        Awaitility.await(node.id() + " to be let go")
                .atMost(PeriodicTest.SOON)
                .until(() -> lifecycle(node).isEmpty());
        lose(node);
    }

    /**
     * Waits until the node is no member any more, and whoever removed it has told so. A node may remove itself: were it
     * switched off as soon as the list changes, its log would end before the line that accounts for it.
     */
    void awaitLeft(LabNode node) {
        Awaitility.await(node.id() + " to leave")
                .atMost(PeriodicTest.SOON)
                .until(() -> recorder.members().stream()
                                .noneMatch(member -> member.name().equals(node.id()))
                        && unaudited().isEmpty());
    }

    /** Terminates an instance and boots another one in its place; gives the new one. */
    LabNode replace(LabNode node) {
        terminate(node);
        return join();
    }

    /** The node's member may leave although it is healthy: its instance is to end, or its disk was lost. */
    void mayLeave(LabNode node) {
        mayGo.add(node.id());
    }

    /** The node's member must stay again. */
    void mustStay(LabNode node) {
        mayGo.remove(node.id());
    }

    /** Some changes need no audit line: made by hand, or by a program that was killed before it could tell of them. */
    void mayChangeUnaudited() {
        audited = false;
    }

    LabGroup group() {
        return group;
    }

    EmulatedAws aws() {
        return group.aws();
    }

    LabNode node(int index) {
        return group.node(index);
    }

    /** The nodes that are switched on. */
    List<LabNode> running() {
        return List.copyOf(running);
    }

    Recorder recorder() {
        return recorder;
    }

    Writer writer() {
        return writer;
    }

    EtcdGateway etcd() {
        return etcd;
    }

    /** The node whose etcd leads. */
    LabNode leader() {
        return Awaitility.await("a leader")
                .atMost(Duration.ofSeconds(10))
                .until(() -> running.stream().filter(this::leads).toList(), leaders -> !leaders.isEmpty())
                .get(0);
    }

    private boolean leads(LabNode node) {
        return etcd.ask(node, "/v3/maintenance/status", new com.google.gson.JsonObject(), Duration.ofSeconds(1))
                .join()
                .filter(status -> status.has("leader")
                        && status.get("leader")
                                .equals(status.getAsJsonObject("header").get("member_id")))
                .isPresent();
    }

    LabNode follower() {
        LabNode leader = leader();
        return running.stream().filter(node -> node != leader).findFirst().orElseThrow();
    }

    /** Waits until the healthy voters are exactly the nodes that are switched on. */
    Duration awaitConverged(Duration limit) {
        long started = System.nanoTime();
        try {
            Awaitility.await("the members to be the group")
                    .atMost(limit)
                    .pollInterval(Duration.ofMillis(100))
                    .until(this::isConverged);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(difference(), e);
        }
        return Duration.ofNanos(System.nanoTime() - started);
    }

    boolean isConverged() {
        return difference().isEmpty();
    }

    /** What is not as it shall be; empty if all is. */
    private String difference() {
        Set<String> wanted = new TreeSet<>();
        running.forEach(node -> wanted.add(node.id() + " at " + node.peerUrl()));
        Set<String> voters = new TreeSet<>();
        List<Entry> members = recorder.members();
        members.forEach(entry -> voters.add(entry.toString()));
        Set<String> healthy = recorder.healthyNodes();
        boolean allHealthy = running.stream().allMatch(node -> healthy.contains(node.id()));
        return wanted.equals(voters) && allHealthy
                ? ""
                : "wanted " + wanted + ", members " + voters + ", healthy " + healthy;
    }

    /** Checks all that must hold at the end of every test: the members are the group, and nothing was lost on the way. */
    void verify() {
        awaitConverged(PeriodicTest.SOON);
        writer.close();
        assertEquals(Set.of(), writer.lost(), "acknowledged writes that cannot be read");
        recorder.close();
        assertEquals(List.of(), violations(), () -> "audits: " + DaemonLogs.audits(ever));
        assertEquals(List.of(), unaudited(), "changes of the member list that no program's log accounts for");
    }

    private List<String> unaudited() {
        List<Audited> audits = DaemonLogs.audits(ever);
        return !audited
                ? List.of()
                : recorder.changes().stream()
                        .filter(change ->
                                audits.stream().noneMatch(audit -> audit.tells(change.kind(), change.member())))
                        .map(Recorder.Change::toString)
                        .toList();
    }

    /** What was seen that must never be. */
    List<String> violations() {
        List<String> violations = new ArrayList<>(violationsSeen());
        violations.addAll(bugs());
        return violations;
    }

    /** The same without reading the logs, for whoever looks again and again. */
    List<String> violationsSeen() {
        return recorder.violations(mayGo::contains);
    }

    /** What no log may hold: a program that stays shows here what a test of its effects may miss. */
    private List<String> bugs() {
        List<String> bugs = new ArrayList<>();
        for (LabNode node : ever) {
            DaemonLogs.lines(node).stream()
                    .filter(line -> line.message().matches("(?s).*unexpected(:| error).*")
                            || line.message().contains("NullPointerException"))
                    .forEach(line -> bugs.add(node.id() + " said " + line));
        }
        return bugs;
    }

    /** The cluster is given up with all that was written to it: what is seen and written from now on belongs to another. */
    void forgetCluster() {
        recorder.forget();
        writer.forget();
    }

    /** All nodes that ever were. */
    List<LabNode> ever() {
        return List.copyOf(ever);
    }

    @Override
    public void close() {
        writer.close();
        recorder.close();
        ever.forEach(LabNode::close);
        group.close();
    }
}
