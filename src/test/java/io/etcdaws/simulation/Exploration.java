package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Continuity;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decider;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.Sighting;
import io.etcdaws.simulation.CoreWorld.Act;
import io.etcdaws.simulation.CoreWorld.Change;
import io.etcdaws.simulation.CoreWorld.Cluster;
import io.etcdaws.simulation.CoreWorld.CoreNode;
import io.etcdaws.simulation.CoreWorld.Disk;
import io.etcdaws.simulation.CoreWorld.Life;
import io.etcdaws.simulation.CoreWorld.Mark;
import io.etcdaws.simulation.CoreWorld.Write;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The small core without chance: every state that a group of three can come to, by every order of the steps of its nodes, with
 * faults at every step.
 *
 * <p>A step is one of: a node looks around and decides (by the program's own {@link Decider}, on all that it sees at one
 * moment); a node carries out what it has decided, however much has happened meanwhile; a node's etcd starts; and as long as
 * there are faults left, a program crashes with what it has decided, an etcd is killed, a machine loses its disk, or an
 * instance ends and the group launches another. What these steps do not tell apart: messages are not lost, the answers of
 * one look are of one moment, a change of the members is made as a whole, etcd elects at once, and whatever takes only time
 * has taken it; but an etcd that is to start does so before another node forms a cluster without it, as the stable margin
 * has it. Without that, two faults are enough for two clusters: two of three form one, and before either has recorded the
 * mark, the one's etcd is down and the other's instance ends. Of the execution of a change only
 * this is there: it is void if the list is another than the one decided on, or if a voter that was healthy is not any more.
 */
final class Exploration {
    private static final Instant NOW = Instant.parse("2026-01-01T01:00:00Z");
    private static final Instant LONG_AGO = NOW.minus(Duration.ofMinutes(30));
    private static final Policy POLICY = new Policy(
            Policy.Role.MEMBER,
            Policy.JoinAs.AUTO,
            Duration.ofSeconds(5),
            Duration.ofMinutes(1),
            Duration.ofSeconds(10),
            "http",
            2380,
            false,
            Launcher.TOKEN,
            Optional.of(new Policy.Staying(Duration.ofMinutes(5), Duration.ofSeconds(90))));

    private static final int INSTANCES = 3;

    /** How a state came about, for people. */
    private record Way(CoreWorld from, String step) {}

    private final Map<CoreWorld, Optional<Way>> known = new HashMap<>();
    private final Deque<CoreWorld> open = new ArrayDeque<>();
    private long steps;
    private int atRest;
    private int needsOperator;

    /** Explores the forming of a cluster. */
    void bootstrap(int faults) {
        explore(CoreWorld.launched(INSTANCES, faults));
    }

    /** Explores the replacement of a member whose instance has ended, from a cluster that has formed and come to rest. */
    void replace(int faults) {
        CoreWorld formed = settled(CoreWorld.launched(INSTANCES, faults));
        explore(ended(formed, formed.node(INSTANCES)));
    }

    /** One way in which all come to rest without faults. */
    private static CoreWorld settled(CoreWorld from) {
        CoreWorld world = from;
        boolean moved = true;
        while (moved) {
            moved = false;
            for (int number = 1; number <= world.nodes().size(); number++) {
                Optional<CoreWorld> next = forward(world, world.node(number));
                moved |= next.isPresent();
                world = next.orElse(world);
            }
        }
        return world;
    }

    /** What a node does next, if anything, where all steps are taken in order. */
    private static Optional<CoreWorld> forward(CoreWorld world, CoreNode node) {
        if (node.life() != Life.IN_GROUP) {
            return Optional.empty();
        }
        return node.act().isPresent()
                ? Optional.of(acted(world, node))
                : world.started(node).or(() -> looked(world, node));
    }

    private void explore(CoreWorld first) {
        reach(first, Optional.empty());
        while (!open.isEmpty()) {
            expand(open.remove());
        }
    }

    private void reach(CoreWorld world, Optional<Way> way) {
        steps++;
        if (known.putIfAbsent(world, way) == null) {
            check(world);
            open.add(world);
        }
    }

    private void expand(CoreWorld world) {
        boolean moves = false;
        for (CoreNode node : world.group()) {
            Optional<CoreWorld> looked = node.act().isEmpty() ? looked(world, node) : Optional.empty();
            Optional<CoreWorld> acted = node.act().isPresent() ? Optional.of(acted(world, node)) : Optional.empty();
            Optional<CoreWorld> started = world.started(node);
            looked.ifPresent(next -> step(world, node, "looks", next));
            acted.ifPresent(next -> {
                checkAct(world, node, next);
                step(world, node, "acts", next);
            });
            started.ifPresent(next -> step(world, node, "starts etcd", next));
            moves |= looked.isPresent() || acted.isPresent() || started.isPresent();
            if (world.faults() > 0) {
                faults(world, node);
            }
        }
        if (!moves) {
            checkRest(world);
        }
    }

    private void step(CoreWorld world, CoreNode node, String what, CoreWorld next) {
        reach(next, Optional.of(new Way(world, node.name() + " " + what)));
    }

    private void faults(CoreWorld world, CoreNode node) {
        CoreWorld fewer = world.withFaults(world.faults() - 1);
        if (node.act().isPresent() || node.settled()) {
            step(world, node, "crashes", fewer.with(node.crashed()));
        }
        if (node.running()) {
            step(world, node, "has its etcd killed", fewer.with(node.stopped()).atRest());
        }
        if (node.disk().isPresent()) {
            step(
                    world,
                    node,
                    "loses its disk",
                    fewer.with(node.as(Life.IN_GROUP)).atRest());
        }
        step(world, node, "ends", ended(fewer, node));
    }

    private static CoreWorld ended(CoreWorld world, CoreNode node) {
        CoreNode spare = world.nodes().stream()
                .filter(other -> other.life() == Life.SPARE)
                .findFirst()
                .orElseThrow();
        return world.with(node.as(Life.ENDED)).with(spare.as(Life.IN_GROUP)).atRest();
    }

    // A node's program.

    /** The world after a node has looked around; empty if nothing came of it. */
    private static Optional<CoreWorld> looked(CoreWorld world, CoreNode node) {
        Decision decision = Decider.decide(observation(world, node), POLICY);
        if (decision.reason().rule() == Rule.FORM
                && decision instanceof WritePeersFile write
                && isTooEarly(world, write.content())) {
            return Optional.empty();
        }
        Optional<InitialCluster> content = content(decision);
        if (content.isPresent() && content.equals(node.file())) {
            return node.settled() ? Optional.empty() : Optional.of(world.with(node.settledNow()));
        }
        if (decision instanceof Decision.KeepPeersFile && !node.settled()) {
            return Optional.of(world.with(node.settledNow()));
        }
        return content.<Act>map(Write::new)
                .or(() -> change(world, decision))
                .map(act -> world.with(node.having(Optional.of(act))));
    }

    /**
     * Whether an etcd is about to start, with data or with another list. It does so within the stable margin, for which a group
     * must have been the same before a node writes its list.
     */
    private static boolean isTooEarly(CoreWorld world, InitialCluster list) {
        return world.group().stream()
                .filter(node -> world.started(node).isPresent())
                .anyMatch(node -> node.disk().isPresent()
                        || !node.file().orElseThrow().entries().equals(list.entries()));
    }

    private static Optional<InitialCluster> content(Decision decision) {
        if (decision instanceof WritePeersFile write) {
            return Optional.of(write.content());
        }
        return decision instanceof Converged converged ? Optional.of(converged.content()) : Optional.empty();
    }

    private static Optional<Act> change(CoreWorld world, Decision decision) {
        if (decision instanceof ChangeMembership change) {
            ClusterView basis = change.basis();
            Set<MemberId> healthy = basis.members().stream()
                    .filter(basis::healthy)
                    .map(Member::id)
                    .collect(Collectors.toSet());
            return Optional.of(new Change(basis.id(), change.change(), basis.members(), healthy));
        }
        return decision instanceof WriteMark mark && world.mark().isEmpty()
                ? Optional.of(new Mark(mark.cluster()))
                : Optional.empty();
    }

    /** The world after a node has done what it decided, or has found that it must decide afresh. */
    private static CoreWorld acted(CoreWorld world, CoreNode node) {
        Act act = node.act().orElseThrow();
        if (act instanceof Write write) {
            return world.with(node.with(write.content()));
        }
        CoreWorld idle = world.with(node.having(Optional.empty()));
        if (act instanceof Mark mark) {
            return idle.marked(mark.cluster());
        }
        Change change = (Change) act;
        Cluster cluster = world.cluster(change.cluster());
        boolean same = cluster.members().equals(change.basis())
                && world.runningMembers(change.cluster()).containsAll(change.healthy());
        return same ? idle.changed(change.cluster(), change.change()).orElse(idle) : idle;
    }

    private static Observation observation(CoreWorld world, CoreNode node) {
        List<Instance> instances = world.group().stream()
                .map(each -> new Instance(
                        new InstanceId(each.name()),
                        Optional.of(new LifecycleState("InService")),
                        InstanceState.RUNNING,
                        Optional.of(each.address()),
                        Set.of(),
                        "zone-" + each.number()))
                .toList();
        Group group = new Group("etcd", INSTANCES, instances, world.mark().map(ClusterId::toString));
        Map<Address, PeerState> peers = new HashMap<>();
        Map<MemberId, Sighting> sightings = new HashMap<>();
        for (CoreNode each : world.nodes()) {
            if (each.life() != Life.SPARE) {
                peers.put(each.address(), state(world, each));
            }
        }
        world.clusters().values().stream()
                .flatMap(cluster -> cluster.members().stream())
                .forEach(member -> sightings.put(member.id(), sighting(world, member)));
        return new Observation(
                NOW,
                new Node(new InstanceId(node.name()), node.address(), "region", "zone-" + node.number()),
                group,
                LONG_AGO,
                NOW,
                9,
                node.disk().isPresent() ? DataDirectory.HOLDS_DATA : DataDirectory.EMPTY,
                node.file().isPresent(),
                peers,
                sightings,
                new Continuity(
                        node.settled(),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Optional.empty(),
                        false,
                        false,
                        false));
    }

    private static Sighting sighting(CoreWorld world, Member member) {
        PeerUrl url = member.peerUrls().get(0);
        CoreNode behind = world.nodes().stream()
                .filter(node -> node.url().equals(url))
                .findFirst()
                .orElseThrow();
        boolean inGroup = behind.life() == Life.IN_GROUP;
        // An unnamed member's instance is looked up by its address, which an instance that has ended has no more.
        boolean found = inGroup || !member.name().isEmpty();
        return new Sighting(
                found ? Optional.of(new InstanceId(behind.name())) : Optional.empty(),
                inGroup ? InstanceState.RUNNING : found ? InstanceState.TERMINATED : InstanceState.NOT_FOUND,
                inGroup,
                LONG_AGO,
                NOW,
                9);
    }

    private static PeerState state(CoreWorld world, CoreNode node) {
        if (node.life() == Life.ENDED) {
            return new PeerState.Silent("no answer");
        }
        if (!node.running()) {
            return new PeerState.NotServing();
        }
        Disk disk = node.disk().orElseThrow();
        Cluster cluster = world.cluster(disk.cluster());
        if (!world.quorate(disk.cluster())) {
            return disk.log()
                    ? new PeerState.HoldsData(disk.cluster(), cluster.members(), "3.5.30")
                    : new PeerState.Forming(disk.cluster(), cluster.members());
        }
        boolean learner = cluster.find(disk.self()).filter(Member::learner).isPresent();
        return new PeerState.Serving(
                disk.cluster(),
                disk.self(),
                cluster.members(),
                world.leader(disk.cluster()),
                true,
                learner,
                "3.5.30",
                "3.5.0",
                2,
                100,
                PeerState.Api.V3);
    }

    // What must hold.

    private void check(CoreWorld world) {
        List<ClusterId> formed = world.clusters().entrySet().stream()
                .filter(cluster -> cluster.getValue().formed())
                .map(Map.Entry::getKey)
                .toList();
        long withData = formed.stream()
                .filter(id -> world.mark().equals(Optional.of(id))
                        || world.group().stream()
                                .anyMatch(node -> node.disk()
                                        .filter(disk -> disk.cluster().equals(id) && disk.log())
                                        .isPresent()))
                .count();
        if (withData > 1) {
            fail(world, "two clusters have formed");
        }
    }

    /** What a change of the members must leave. */
    private void checkAct(CoreWorld world, CoreNode node, CoreWorld next) {
        if (!(node.act().orElseThrow() instanceof Change change)
                || next.clusters().equals(world.clusters())) {
            return;
        }
        boolean grownFromOne = world.cluster(change.cluster()).voters().size() == 1;
        if (!next.quorate(change.cluster()) && !grownFromOne) {
            fail(next, node.name() + " has cost the cluster its quorum: " + change.change());
        }
        boolean living = change.change() instanceof Remove remove
                && remove.member().voter()
                && !remove.member().isAt(node.address())
                && world.runningMembers(change.cluster())
                        .contains(remove.member().id());
        if (living) {
            fail(next, node.name() + " has removed a member that serves: " + change.change());
        }
    }

    /** Nothing moves any more: then all is as the group wants it, or an operator is needed. */
    private void checkRest(CoreWorld world) {
        atRest++;
        boolean done = world.clusters().entrySet().stream()
                .anyMatch(cluster -> isAsWanted(world, cluster.getKey(), cluster.getValue()));
        if (done) {
            return;
        }
        if (!dataAreLost(world) && !listIsVoid(world)) {
            fail(world, "nothing moves, and not all is as the group wants it");
        }
        needsOperator++;
    }

    private static boolean isAsWanted(CoreWorld world, ClusterId id, Cluster cluster) {
        Set<MemberId> up = world.runningMembers(id);
        return world.running(id).containsAll(world.group())
                && cluster.members().size() == world.group().size()
                && cluster.members().stream().allMatch(member -> member.voter() && up.contains(member.id()));
    }

    /** Whether fewer disks of a cluster's voters are left than a quorum. */
    private static boolean dataAreLost(CoreWorld world) {
        return world.clusters().entrySet().stream().anyMatch(cluster -> {
            List<Member> voters = cluster.getValue().voters();
            long left = voters.stream()
                    .filter(voter -> world.group().stream()
                            .anyMatch(node -> node.disk()
                                    .filter(disk -> disk.cluster().equals(cluster.getKey())
                                            && disk.self().equals(voter.id()))
                                    .filter(disk -> disk.log() || !voter.started())
                                    .isPresent()))
                    .count();
            return cluster.getValue().formed() && left < ClusterView.quorumOf(voters.size());
        });
    }

    /**
     * Whether a node has started with a first list that cannot form a cluster any more: an instance of the list has ended, or has
     * started with another list. Only an operator can say that such a node's data count for nothing.
     */
    private static boolean listIsVoid(CoreWorld world) {
        return world.clusters().entrySet().stream()
                .filter(cluster -> !cluster.getValue().formed()
                        && !world.running(cluster.getKey()).isEmpty())
                .anyMatch(cluster -> cluster.getValue().members().stream()
                        .anyMatch(member -> !mayStart(world, cluster.getKey(), member)));
    }

    private static boolean mayStart(CoreWorld world, ClusterId id, Member member) {
        return world.group().stream()
                .anyMatch(node -> member.isAt(node.address())
                        && node.disk()
                                .filter(disk -> !disk.cluster().equals(id))
                                .isEmpty());
    }

    private void fail(CoreWorld world, String what) {
        List<String> way = new ArrayList<>();
        for (Optional<Way> last = known.getOrDefault(world, Optional.empty());
                last.isPresent();
                last = known.getOrDefault(last.get().from(), Optional.empty())) {
            way.add(0, last.get().step());
        }
        throw new Violation("Exploration", what + " after: " + String.join(", ", way) + "\n" + world);
    }

    /** How many states there were. */
    int states() {
        return known.size();
    }

    @Override
    public String toString() {
        return states() + " states by " + steps + " steps; nothing moves in " + atRest + " of them, of which "
                + needsOperator + " need the operator";
    }
}
