package io.etcdaws.it;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Looks at every node's etcd several times a second, over connections that no cut concerns, and remembers each change of the
 * member list with who was healthy before it. It knows nothing of what the program thinks.
 */
final class Recorder implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(200);
    private static final Duration LIMIT = Duration.ofMillis(800);

    /**
     * For how long a voter counts as healthy after it was seen so. The program looks again right before it makes a change; a
     * fault within that moment is no mistake of its.
     */
    private static final Duration MOMENT = Duration.ofMillis(1500);

    /** A member as a list has it. */
    record Entry(String id, String name, String peerUrl, boolean learner, boolean started) {
        @Override
        public String toString() {
            return (name.isEmpty() ? "unnamed" : name) + " at " + peerUrl + (learner ? ", learner" : "")
                    + (started ? "" : ", not started");
        }

        /** What a membership change can change: not whether it has started. */
        private String place() {
            return id + peerUrl + learner;
        }
    }

    /** What one node's etcd said of itself. */
    private record Seen(
            String memberId,
            String clusterId,
            boolean healthy,
            boolean learner,
            long term,
            long index,
            Map<String, Entry> members) {}

    /**
     * A change of one member.
     *
     * @param kind what it is called in the audit log, such as {@code add}
     * @param member the member's id
     */
    record Change(String kind, String member) {}

    /**
     * The member list has become another.
     *
     * @param healthy the members that were seen healthy in the moment before, by id
     * @param live those of them that were seen so in the very last look before
     */
    record Transition(
            Instant at, Map<String, Entry> before, Map<String, Entry> after, Set<String> healthy, Set<String> live) {
        /** Who is not in the list any more. */
        List<Entry> removed() {
            return before.values().stream()
                    .filter(entry -> !after.containsKey(entry.id()))
                    .toList();
        }

        private List<Change> changes() {
            List<Change> changes = new ArrayList<>();
            before.values().forEach(was -> {
                Entry is = after.get(was.id());
                if (is == null) {
                    changes.add(new Change("remove", was.id()));
                } else if (was.learner() && !is.learner()) {
                    changes.add(new Change("promote", was.id()));
                } else if (!was.peerUrl().equals(is.peerUrl())) {
                    changes.add(new Change("update", was.id()));
                }
            });
            after.keySet().stream()
                    .filter(id -> !before.containsKey(id))
                    .forEach(id -> changes.add(new Change("add", id)));
            return changes;
        }

        /** Whether a member was added while another one, added before, had not started. */
        private boolean addsBesideAJoining() {
            return after.values().stream()
                            .filter(entry -> entry.name().isEmpty())
                            .count()
                    > 1;
        }

        private Set<String> voters() {
            Set<String> voters = new TreeSet<>();
            after.values().stream().filter(entry -> !entry.learner()).forEach(entry -> voters.add(entry.id()));
            return voters;
        }

        private boolean keepsQuorum() {
            Set<String> left = new HashSet<>(voters());
            int all = left.size();
            left.retainAll(healthy);
            return left.size() >= all / 2 + 1;
        }

        @Override
        public String toString() {
            return at + ": " + before.values() + " became " + after.values() + "; healthy before: " + healthy;
        }
    }

    private final EtcdGateway etcd;
    private final Supplier<List<LabNode>> nodes;
    private final Path timeline;
    private final Thread thread = new Thread(this::record, "recorder");
    private final List<Transition> transitions = new ArrayList<>();
    private final Set<String> clusters = new TreeSet<>();
    private final Map<String, Instant> lastHealthy = new HashMap<>();
    private Map<String, Entry> members = Map.of();
    private Set<String> healthyNow = Set.of();
    private Set<String> nodesHealthyNow = Set.of();
    private long term;
    private long index;
    private String told = "";
    private volatile boolean over;

    /** Begins to look at the nodes that are there at each moment, and writes what becomes different into a file. */
    Recorder(EtcdGateway etcd, Supplier<List<LabNode>> nodes, Path timeline) {
        this.etcd = etcd;
        this.nodes = nodes;
        this.timeline = timeline;
        thread.setDaemon(true);
        thread.start();
    }

    private void record() {
        while (!over) {
            look();
            Pauses.sleep(INTERVAL);
        }
    }

    private void look() {
        Map<LabNode, CompletableFuture<Optional<Seen>>> asked = new HashMap<>();
        nodes.get().forEach(node -> asked.put(node, ask(node)));
        Map<LabNode, Seen> seen = new HashMap<>();
        asked.forEach((node, answer) -> answer.join().ifPresent(found -> seen.put(node, found)));
        take(seen);
    }

    private CompletableFuture<Optional<Seen>> ask(LabNode node) {
        JsonObject nothing = new JsonObject();
        CompletableFuture<Optional<JsonObject>> list = etcd.ask(node, "/v3/cluster/member/list", nothing, LIMIT);
        return etcd.ask(node, "/v3/maintenance/status", nothing, LIMIT)
                .thenCombine(list, (status, members) -> status.flatMap(one -> members.map(two -> read(one, two))));
    }

    private static Seen read(JsonObject status, JsonObject list) {
        Map<String, Entry> members = new TreeMap<>();
        for (JsonElement element : list.getAsJsonArray("members")) {
            JsonObject member = element.getAsJsonObject();
            Entry entry = new Entry(
                    member.get("ID").getAsString(),
                    member.has("name") ? member.get("name").getAsString() : "",
                    member.getAsJsonArray("peerURLs").get(0).getAsString(),
                    member.has("isLearner") && member.get("isLearner").getAsBoolean(),
                    member.has("clientURLs"));
            members.put(entry.id(), entry);
        }
        JsonObject header = status.getAsJsonObject("header");
        return new Seen(
                header.get("member_id").getAsString(),
                header.get("cluster_id").getAsString(),
                status.has("leader") && !status.has("errors"),
                status.has("isLearner"),
                number(status, "raftTerm"),
                number(status, "raftAppliedIndex"),
                members);
    }

    private static long number(JsonObject json, String key) {
        return json.has(key) ? json.get(key).getAsLong() : 0;
    }

    private synchronized void take(Map<LabNode, Seen> seen) {
        Instant now = Instant.now();
        Set<String> healthy = new TreeSet<>();
        Set<String> healthyNodes = new TreeSet<>();
        seen.forEach((node, one) -> {
            clusters.add(one.clusterId());
            if (one.healthy()) {
                healthy.add(one.memberId());
                healthyNodes.add(node.id());
            }
        });
        seen.values().stream()
                .filter(one -> one.healthy() && isNewest(one))
                .max((one, other) -> Long.compare(one.index(), other.index()))
                .ifPresent(newest -> follow(newest, now));
        // Only after the comparison: who is healthy now may be so because of the change.
        healthy.forEach(id -> lastHealthy.put(id, now));
        healthyNow = healthy;
        nodesHealthyNow = healthyNodes;
        tell(now, "healthy " + healthyNodes + " of " + members.values());
    }

    private boolean isNewest(Seen one) {
        return one.term() > term || (one.term() == term && one.index() >= index);
    }

    private void follow(Seen newest, Instant now) {
        if (!members.isEmpty() && !places(members).equals(places(newest.members()))) {
            Set<String> recently = new TreeSet<>();
            lastHealthy.forEach((id, at) -> {
                if (at.isAfter(now.minus(MOMENT))) {
                    recently.add(id);
                }
            });
            transitions.add(new Transition(now, members, newest.members(), recently, healthyNow));
        }
        members = newest.members();
        term = newest.term();
        index = newest.index();
    }

    private static Set<String> places(Map<String, Entry> members) {
        Set<String> places = new TreeSet<>();
        members.values().forEach(entry -> places.add(entry.place()));
        return places;
    }

    private void tell(Instant now, String what) {
        if (what.equals(told)) {
            return;
        }
        told = what;
        try {
            Files.writeString(
                    timeline,
                    now + " " + what + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes a remark into the timeline, such as a fault that is made. */
    synchronized void remark(String what) {
        tell(Instant.now(), what);
    }

    /** The nodes whose etcd was healthy in the last look. */
    synchronized Set<String> healthyNodes() {
        return Set.copyOf(nodesHealthyNow);
    }

    /** The member list in the last look. */
    synchronized List<Entry> members() {
        return List.copyOf(members.values());
    }

    synchronized List<Transition> transitions() {
        return List.copyOf(transitions);
    }

    /** Begins anew: what was is not counted against what comes, such as another cluster. */
    synchronized void forget() {
        transitions.clear();
        clusters.clear();
        lastHealthy.clear();
        members = Map.of();
        term = 0;
        index = 0;
    }

    /**
     * What was seen that must never be.
     *
     * @param mayGo whether the instance of a healthy member may leave: because it is to end, or lost its disk
     */
    synchronized List<String> violations(Predicate<String> mayGo) {
        List<String> violations = new ArrayList<>();
        if (clusters.size() > 1) {
            violations.add("several clusters: " + clusters);
        }
        for (Transition transition : transitions) {
            if (!transition.keepsQuorum()) {
                violations.add("healthy voters below quorum by a change: " + transition);
            }
            if (transition.addsBesideAJoining()) {
                violations.add("two are joining at once: " + transition);
            }
            for (Entry removed : transition.removed()) {
                if (transition.live().contains(removed.id()) && !mayGo.test(removed.name())) {
                    violations.add("a healthy member was removed: " + removed + ", " + transition);
                }
            }
        }
        return violations;
    }

    /** What was changed since this began to look, the oldest first. */
    synchronized List<Change> changes() {
        return transitions.stream()
                .flatMap(transition -> transition.changes().stream())
                .toList();
    }

    /** Looks no more. */
    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
