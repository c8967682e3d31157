package io.etcdaws.simulation;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.Round;
import io.etcdaws.simulation.EtcdModel.Request;
import io.etcdaws.simulation.Launcher.PeersFileText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What must always hold, one class each. */
final class Invariants {
    /** Whoever decides has looked so shortly before; what changes within that time could not be known. */
    private static final long LOOK = 4_500;

    /** What is seen of lost instances for so long may be believed. */
    private static final long CONFIRMED_AFTER = 9_000;

    private Invariants() {}

    /** Since when the group and the node's own etcd may have been looked at: once a round, which takes long where messages are lost. */
    private static long lookedSince(InFlight flight) {
        return Math.min(flight.sentAt - LOOK, flight.daemon.roundBegan());
    }

    static List<Invariant> all(Simulation world) {
        return List.of(
                new OneCluster(world),
                new NoneIsFormedBesideOneThatWasSeen(world),
                new QuorumIsKept(world),
                new OneChangeAtATime(world),
                new NoWriteIsLost(world),
                new TheLivingStay(world),
                new TheExpectedStay(world),
                new StrangersStay(world),
                new OnlyTheExpectedJoin(world),
                new NobodyJoinsOverAnEtcd(world),
                new NobodyJoinsAStray(world),
                new OneJoinsAtATime(world),
                new OneListIsWritten(world),
                new LossesAreConfirmed(world),
                new VotesAreForThoseInStep(world),
                new TheLeadersNodeActs(world),
                new ConvergedIsQuiet(world),
                new FilesAreAccepted(world),
                new ConvergesInTheEnd(world));
    }

    /** Never are two clusters formed from one group while there are data of the first, or its mark. */
    static final class OneCluster extends Invariant {
        private final Set<ClusterId> formed = new LinkedHashSet<>();

        OneCluster(Simulation world) {
            super(world);
        }

        @Override
        void ready(EtcdProcess process) {
            ClusterId id = process.disk.cluster;
            if (world.isStray(id) || !formed.add(id) || formed.size() == 1) {
                return;
            }
            Set<ClusterId> others = new HashSet<>(formed);
            others.remove(id);
            boolean marked = world.aws()
                    .mark()
                    .filter(mark -> others.stream().anyMatch(each -> mark.equals(each.toString())))
                    .isPresent();
            boolean dataLeft = world.aws().machines().stream()
                    .filter(machine -> !machine.state.terminal() && world.aws().holds(machine))
                    .filter(machine ->
                            machine.data != null && others.contains(machine.data.cluster) && isListed(machine.data))
                    // Who may not look at the data directory sees data only by the etcd that runs with them.
                    .anyMatch(machine -> machine.etcd != null || !world.dataUnseen());
            if (marked || (dataLeft && !world.diskLostUnseen())) {
                throw violated("cluster " + id + " has formed beside " + others
                        + (marked ? ", which the group's mark names" : ", whose data are still there"));
            }
        }

        /** Whether the data are a member's, by the newest list that is left: those of a removed one must not be used again. */
        private boolean isListed(DataDisk data) {
            return world.machines().stream()
                    .flatMap(machine -> Optional.ofNullable(machine.data).stream())
                    .filter(disk -> disk.cluster.equals(data.cluster) && disk.committed != null)
                    .map(disk -> Objects.requireNonNull(disk.committed))
                    .max(Comparator.comparing(Entry::term).thenComparing(Entry::index))
                    .filter(newest -> !newest.state().members().containsKey(data.self))
                    .isEmpty();
        }
    }

    /** Whoever has seen members of a cluster in its group forms no other, however little is left of the first. */
    static final class NoneIsFormedBesideOneThatWasSeen extends Invariant {
        private final Set<Daemon> witnesses = new HashSet<>();

        NoneIsFormedBesideOneThatWasSeen(Simulation world) {
            super(world);
        }

        @Override
        void round(Daemon daemon, Round round) {
            boolean forms = round.decision()
                    .filter(WritePeersFile.class::isInstance)
                    .filter(decision -> decision.reason().rule() == Rule.FORM)
                    .isPresent();
            if (forms && witnesses.contains(daemon)) {
                throw violated(daemon + " forms a cluster though it has seen one");
            }
            round.observation()
                    .filter(seen -> seen.peers().entrySet().stream()
                            .anyMatch(peer -> seen.group().findAt(peer.getKey()).isPresent()
                                    && (peer.getValue() instanceof Serving || peer.getValue() instanceof HoldsData)))
                    .ifPresent(seen -> witnesses.add(daemon));
        }
    }

    /** No change by the program leaves fewer healthy voters than a quorum. */
    static final class QuorumIsKept extends Invariant {
        QuorumIsKept(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (world.disturbedSince(flight.sentAt - LOOK)) {
                return;
            }
            Entry before = Objects.requireNonNull(entry.before());
            List<Member> voters = entry.state().voters();
            boolean growsFromOne = flight.change instanceof MembershipChange.Add
                    && before.state().voters().size() == 1;
            long healthy = voters.stream()
                    .filter(voter -> !isMoved(voter, flight) && world.reachable(leader, voter.id()))
                    .count();
            if (healthy < ClusterView.quorumOf(voters.size()) && !growsFromOne) {
                throw violated(flight + " left " + healthy + " healthy of " + voters.size() + " voters");
            }
        }

        /** The others drop their connections to it, and whether the new URL leads to it remains to be seen. */
        private static boolean isMoved(Member voter, InFlight flight) {
            return flight.change instanceof MembershipChange.Update update
                    && update.member().id().equals(voter.id());
        }
    }

    /** Never is a change sent to a cluster while another copy of the program waits for the answer to its own. */
    static final class OneChangeAtATime extends Invariant {
        OneChangeAtATime(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            world.inFlight().stream()
                    .filter(other -> other != flight && other.daemon.alive())
                    // Whoever is paused does not close its connection, and etcd may answer long before it goes on.
                    .filter(other -> !other.daemon.pausedSince(other.sentAt))
                    .findFirst()
                    .ifPresent(other -> {
                        throw violated(flight + " was sent while there was " + other);
                    });
        }
    }

    /** A write that was acknowledged is in the log of every later leader, as long as a disk with it is left. */
    static final class NoWriteIsLost extends Invariant {
        @Nullable
        private Entry acknowledged;

        private final Map<MemberId, DataDisk> first = new HashMap<>();

        NoWriteIsLost(Simulation world) {
            super(world);
        }

        void acknowledged(Entry entry) {
            if (acknowledged == null
                    || !entry.state().cluster().equals(acknowledged.state().cluster())
                    || entry.index() > acknowledged.index()) {
                acknowledged = entry;
            }
        }

        @Override
        void elected(EtcdProcess leader) {
            Entry written = acknowledged;
            if (written == null
                    || !leader.disk.cluster.equals(written.state().cluster())
                    || Objects.requireNonNull(leader.disk.last).holds(written)) {
                return;
            }
            boolean left = world.machines().stream()
                    .filter(machine -> !machine.state.terminal() && machine.data != null)
                    .anyMatch(machine -> {
                        Entry last = Objects.requireNonNull(machine.data).last;
                        return last != null && last.holds(written);
                    });
            if (left && !world.diskLostUnseen() && !(world.dataUnseen() && isBornAgain(leader.disk.cluster))) {
                throw violated("leader on " + leader.machine + " lacks the acknowledged entry " + written);
            }
        }

        @Override
        void ready(EtcdProcess process) {
            first.putIfAbsent(process.self(), process.disk);
        }

        /** Whether the group got the very addresses of the cluster's first list again, and thereby its ids. */
        private boolean isBornAgain(ClusterId cluster) {
            return world.machines().stream()
                    .flatMap(machine -> Optional.ofNullable(machine.data).stream())
                    .filter(disk -> disk.cluster.equals(cluster))
                    .anyMatch(disk -> first.getOrDefault(disk.self, disk) != disk);
        }
    }

    /** A member that serves is never removed by another node, whatever AWS says of its instance. */
    static final class TheLivingStay extends Invariant {
        TheLivingStay(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (!(flight.change instanceof Remove remove)
                    || world.disturbedSince(flight.sentAt - LOOK)
                    || flight.daemon.missedSince(flight.sentAt - LOOK)) {
                return;
            }
            MemberId id = remove.member().id();
            // Also one that is merely cut off from whoever removed it.
            boolean living = world.etcd().processes().stream()
                    .filter(each -> each.self().equals(id) && each.ready && !each.frozen)
                    .anyMatch(each -> each.machine != flight.daemon.machine);
            if (living && remove.member().voter()) {
                throw violated(flight + " removed a member that serves");
            }
        }
    }

    /** A voter is never removed by another node while the group expects its instance, and that runs. */
    static final class TheExpectedStay extends Invariant {
        TheExpectedStay(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (!(flight.change instanceof Remove remove)
                    || remove.member().learner()
                    || !world.weather().awsIsHonest(world.time().now())
                    || world.disturbedSince(flight.sentAt - LOOK)) {
                return;
            }
            Optional<InstanceId> id = InstanceId.fromName(remove.member().name());
            Optional<Machine> machine = id.flatMap(world.aws()::machine);
            boolean expected = machine.filter(it -> it.runs() && it.bootedAt < flight.sentAt - LOOK)
                            .isPresent()
                    && world.expectedSince(id.orElseThrow(), LOOK)
                    && remove.member().isAt(machine.get().address);
            if (expected && machine.get() != flight.daemon.machine) {
                throw violated(flight + " removed a voter whose instance runs, and is wanted by its group");
            }
        }
    }

    /** A member that is none of the group's instances is somebody else's, and never removed. */
    static final class StrangersStay extends Invariant {
        StrangersStay(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            if (flight.change instanceof Remove remove
                    && !remove.member().name().isEmpty()
                    && InstanceId.fromName(remove.member().name()).isEmpty()) {
                throw violated(flight + " removes a member that is somebody else's");
            }
        }
    }

    /** An instance that its group does not want any more does not join. */
    static final class OnlyTheExpectedJoin extends Invariant {
        OnlyTheExpectedJoin(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            if (flight.change instanceof MembershipChange.Add
                    && world.weather().awsIsHonest(world.time().now())
                    && world.unwantedSince(flight.daemon.machine.id, flight.sentAt - lookedSince(flight))) {
                throw violated(flight + " was sent by an instance that leaves its group");
            }
        }
    }

    /** Nobody is added whose etcd runs as something else, or has data of something else: it could not start as the member. */
    static final class NobodyJoinsOverAnEtcd extends Invariant {
        NobodyJoinsOverAnEtcd(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            EtcdProcess own = flight.daemon.machine.etcd;
            boolean runs = own != null && !own.frozen && own.startedAt < lookedSince(flight);
            if (runs
                    && flight.change instanceof MembershipChange.Add add
                    && add.peerUrl().host().equals(flight.daemon.machine.address)) {
                throw violated(flight + " was sent while an etcd runs there as something else");
            }
        }

        @Override
        void round(Daemon daemon, Round round) {
            boolean joins = round.decision()
                    .filter(decision ->
                            decision instanceof ChangeMembership made && made.change() instanceof MembershipChange.Add)
                    .isPresent();
            boolean hasData = round.observation()
                    .filter(seen -> seen.dataDirectory() == DataDirectory.HOLDS_DATA)
                    .isPresent();
            if (joins && hasData) {
                throw violated(daemon + " joins over the data of something else");
            }
        }
    }

    /** Nobody joins a cluster that an operator started by mistake while a member of the group's own is seen. */
    static final class NobodyJoinsAStray extends Invariant {
        NobodyJoinsAStray(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            Optional<EtcdProcess> asked = world.etcd().at(flight.via);
            boolean stray = flight.change instanceof MembershipChange.Add
                    && asked.filter(process -> world.isStray(process.disk.cluster))
                            .isPresent();
            long since = lookedSince(flight);
            if (!stray || world.disturbedSince(since) || flight.daemon.missedSince(since)) {
                return;
            }
            boolean seen = world.etcd().processes().stream()
                    .filter(process -> world.aws().holds(process.machine) && !world.isStray(process.disk.cluster))
                    .filter(process -> process.disk.decided() && !process.frozen)
                    .anyMatch(process -> world.network().connected(flight.daemon.machine.address, process.address()));
            if (seen) {
                throw violated(flight + " joins a stray cluster while a member of another is there");
            }
        }
    }

    /** Nobody is added while another member is added and has not started: each would spoil the other's list. */
    static final class OneJoinsAtATime extends Invariant {
        private final Map<MemberId, Long> addedAt = new HashMap<>();

        OneJoinsAtATime(Simulation world) {
            super(world);
        }

        @Override
        void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {
            entry.state()
                    .list()
                    .forEach(member ->
                            addedAt.putIfAbsent(member.id(), world.time().now()));
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (!(flight.change instanceof MembershipChange.Add)) {
                return;
            }
            Objects.requireNonNull(entry.before()).state().list().stream()
                    .filter(other -> !other.started())
                    .filter(other -> addedAt.getOrDefault(other.id(), Long.MAX_VALUE) < flight.sentAt - LOOK)
                    .findFirst()
                    .ifPresent(other -> {
                        throw violated(flight + " was added while " + other + " has not started");
                    });
        }
    }

    /** Nodes that form a cluster at the same time write the same list, where AWS tells all of them the truth. */
    static final class OneListIsWritten extends Invariant {
        private static final long SAME_TIME = 400;

        private boolean formed;
        private Set<PeerUrl> written = Set.of();
        private long writtenAt = Long.MIN_VALUE / 2;

        OneListIsWritten(Simulation world) {
            super(world);
        }

        @Override
        void ready(EtcdProcess process) {
            formed = true;
        }

        @Override
        void wrote(Daemon daemon, String text) {
            Optional<PeersFileText> file = PeersFileText.parse(text).filter(PeersFileText::isNew);
            // Who finds an etcd of its own that forms a cluster, adopts what that was started with.
            boolean adopts = daemon.machine.etcd != null;
            // A machine that was stopped while its cluster formed goes on with the list that it has started with.
            boolean unseen = world.dataUnseen()
                    && world.aws().machines().stream()
                            .anyMatch(machine -> machine.data != null && machine.etcd == null);
            long now = world.time().now();
            if (formed || adopts || unseen || daemon.pausedSince(now - LOOK) || file.isEmpty()) {
                return;
            }
            Set<PeerUrl> list =
                    file.get().urls().values().stream().flatMap(List::stream).collect(Collectors.toSet());
            if (now - writtenAt < SAME_TIME
                    && !list.equals(written)
                    && world.weather().awsIsHonest(now)) {
                throw violated(daemon + " wrote " + list + " while another wrote " + written);
            }
            written = list;
            writtenAt = now;
        }
    }

    /** What has lost several instances at once changes nothing, until every loss is confirmed. */
    static final class LossesAreConfirmed extends Invariant {
        private final Map<Daemon, Set<InstanceId>> believed = new HashMap<>();
        private final Map<Daemon, Long> losses = new HashMap<>();

        LossesAreConfirmed(Simulation world) {
            super(world);
        }

        @Override
        void round(Daemon daemon, Round round) {
            // Before the upkeep has begun, only what EC2 says of each instance by itself bears on a decision.
            boolean upkeep = world.plan().mode() == Mode.PERIODIC && daemon.settledBefore();
            if (round.observation().isEmpty() || !upkeep) {
                return;
            }
            Set<InstanceId> seen = round.observation().get().group().expected().stream()
                    .map(Instance::id)
                    .collect(Collectors.toSet());
            Set<InstanceId> lost = new HashSet<>(believed.getOrDefault(daemon, Set.of()));
            lost.removeAll(seen);
            lost.removeIf(id -> !world.expectedSince(id, AwsModel.REMEMBERED));
            long since = losses.getOrDefault(daemon, world.time().now());
            if (lost.size() < 2 || world.time().now() - since >= CONFIRMED_AFTER) {
                believed.put(daemon, seen);
                losses.remove(daemon);
                return;
            }
            losses.put(daemon, since);
            if (round.decision()
                    .filter(LossesAreConfirmed::acts)
                    // By its own metadata alone.
                    .filter(decision -> decision.reason().rule() != Rule.LEAVE)
                    .isPresent()) {
                throw violated(daemon + " acted on an answer that lacks " + lost + ": "
                        + round.decision().orElseThrow().reason());
            }
        }

        private static boolean acts(Decision decision) {
            return decision instanceof Decision.ChangeMembership
                    || decision instanceof Decision.WritePeersFile
                    || decision instanceof Decision.WriteMark;
        }
    }

    /** Only a learner that serves, and has what the leader has, gets its vote. */
    static final class VotesAreForThoseInStep extends Invariant {
        private static final int MOST_BEHIND = 1_000;

        VotesAreForThoseInStep(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (!(flight.change instanceof MembershipChange.Promote promote)
                    || world.disturbedSince(flight.sentAt - LOOK)) {
                return;
            }
            boolean inStep = world.etcd().processes().stream()
                    .anyMatch(process -> process.self().equals(promote.member().id())
                            && process.ready
                            && !process.frozen
                            && leader.disk.lastIndex() - process.disk.lastIndex() <= MOST_BEHIND);
            if (!inStep) {
                throw violated(flight + " gave a vote to a learner that is not in step");
            }
        }
    }

    /** Where the leader's node can make a change that is due, other nodes leave it to it for a while. */
    static final class TheLeadersNodeActs extends Invariant {
        private static final Set<Rule> UPKEEP = Set.of(Rule.PROMOTE, Rule.EXPIRE, Rule.PEER_URL);

        TheLeadersNodeActs(Simulation world) {
            super(world);
        }

        @Override
        void round(Daemon daemon, Round round) {
            Optional<ChangeMembership> change = round.decision()
                    .filter(ChangeMembership.class::isInstance)
                    .map(ChangeMembership.class::cast)
                    .filter(made -> UPKEEP.contains(made.reason().rule()));
            EtcdProcess own = daemon.machine.etcd;
            if (change.isEmpty() || own == null || world.plan().mode() != Mode.PERIODIC) {
                return;
            }
            Optional<MemberId> leader = change.get().basis().leader();
            boolean leads = leader.equals(Optional.of(own.self()));
            boolean young = world.time().now() - daemon.startedAt < Daemon.TAKE_OVER_AFTER.toMillis();
            boolean wanted = world.etcd().processes().stream()
                    .filter(process -> leader.equals(Optional.of(process.self())))
                    .anyMatch(process -> world.expectedSince(process.machine.id, AwsModel.REMEMBERED));
            if (!leads
                    && young
                    && wanted
                    && world.weather().awsIsHonest(world.time().now())) {
                throw violated(daemon + " acted in the place of the leader's node: "
                        + change.get().change());
            }
        }
    }

    /** Where all is as the group wants it, nothing is changed. */
    static final class ConvergedIsQuiet extends Invariant {
        ConvergedIsQuiet(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            if (world.convergedFor() >= 0) {
                throw violated(flight + " was sent though all had converged");
            }
        }
    }

    /** Every file that is written is one with which etcd starts, as things are at that moment. */
    static final class FilesAreAccepted extends Invariant {
        private long changedAt = Long.MIN_VALUE / 2;

        FilesAreAccepted(Simulation world) {
            super(world);
        }

        @Override
        void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {
            Entry before = entry.before();
            if (before != null && !urls(before).equals(urls(entry))) {
                changedAt = world.time().now();
            }
        }

        private static List<List<PeerUrl>> urls(Entry entry) {
            return entry.state().list().stream().map(Member::peerUrls).toList();
        }

        @Override
        void wrote(Daemon daemon, String text) {
            Optional<PeersFileText> file = PeersFileText.parse(text);
            if (file.isEmpty()) {
                throw violated("etcd cannot read what " + daemon + " wrote: " + text);
            }
            long since = world.time().now() - LOOK;
            // Who was paused within a round writes what was right before, and again in the next round.
            boolean late = changedAt >= since || world.disturbedSince(since) || daemon.pausedSince(since);
            if (!world.plan().dataSeen() || late) {
                return;
            }
            world.launcher()
                    .judge(daemon.machine, file.get())
                    .refusal()
                    // Where AWS tells wrong addresses, members may not be asked that would have told; a list is wrong
                    // in itself or not.
                    .filter(why -> !world.weather().awsMixes || why.equals(Launcher.DUPLICATE))
                    .ifPresent(why -> {
                        throw violated("etcd refuses what " + daemon + " wrote: " + why + "\n" + text);
                    });
        }
    }

    /** After all faults have stopped, the members are what the group wants within a bounded time. */
    static final class ConvergesInTheEnd extends Invariant {
        ConvergesInTheEnd(Simulation world) {
            super(world);
        }

        @Override
        void over() {
            boolean excused =
                    world.plan().mode() != Mode.PERIODIC || world.convergedFor() >= 0 || world.needsOperator();
            if (!excused) {
                List<String> last = new ArrayList<>();
                for (Machine machine : world.aws().machines()) {
                    machine.daemons.forEach(daemon -> last.add("\n  " + machine + ": "
                            + (daemon.last == null ? "nothing yet" : daemon.last.result())
                            + daemon.decision()
                                    .map(decision ->
                                            " <- " + decision.getClass().getSimpleName() + " " + decision.reason())
                                    .orElse("")));
                }
                throw violated("after " + Simulation.PATIENCE / Daemon.INTERVAL.toMillis() + " intervals: "
                        + world.notConverged() + String.join("", last));
            }
        }
    }
}
