package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The etcd processes of a group and what goes on between them: elections, the log, what each member has applied of it. Coarse
 * in time (a tick stands for all messages of some tenths of a second), exact in what may be lost: each member has a log and a
 * term of its own on its own disk, and an entry is committed when a quorum has it.
 */
final class EtcdModel {
    /** How the checks before a change differ between versions. */
    enum Version {
        V3_4("3.4.23"),
        V3_5_OLD("3.5.16"),
        V3_5("3.5.30");

        final String text;

        Version(String text) {
            this.text = text;
        }
    }

    /** Is told of what happens. */
    interface Watcher {
        /** An entry was committed by its leader. */
        void committed(EtcdProcess leader, Entry entry, Optional<Request> request);

        /** A member has won an election. */
        void elected(EtcdProcess leader);

        /** A member's client port answers from now on. */
        void ready(EtcdProcess process);

        /** A process has ended by itself. */
        void exited(EtcdProcess process, int code, String why);
    }

    /**
     * A change that somebody asked for.
     *
     * @param who for people
     * @param what for people
     * @param daemon the copy of the program that asked; null for an operator or the workload
     * @param sentAt when, in milliseconds
     * @param flight the change of the membership, if it is one by the program
     */
    record Request(
            String who,
            String what,
            @Nullable Daemon daemon,
            long sentAt,
            @Nullable InFlight flight) {}

    /** An entry that is on its way, and who waits for it. */
    private record Pending(
            EtcdProcess via,
            Request request,
            UnaryOperator<Entry.State> change,
            BiConsumer<EtcdProcess, Entry> done,
            long until) {}

    private record Uncommitted(Entry entry, EtcdProcess via, Request request, BiConsumer<EtcdProcess, Entry> done) {}

    static final long CONNECTED_AFTER = 5_000;
    private static final long LOSS_NOTICED_AFTER = 1_000;
    private static final long TICK = 300;
    private static final long SLOW_TICK = 1_500;
    private static final long SLOW_AFTER = 8_000;

    private final VirtualTime time;
    private final Network network;
    private final RandomGenerator random;
    private final Watcher watcher;
    final Version version;
    private final Map<Address, EtcdProcess> processes = new TreeMap<>();
    private final List<Pending> waiting = new ArrayList<>();
    private final List<Uncommitted> uncommitted = new ArrayList<>();
    private final Map<ClusterId, Entry> roots = new HashMap<>();
    private boolean ticking;
    private long stirredAt;

    EtcdModel(VirtualTime time, Network network, RandomGenerator random, Version version, Watcher watcher) {
        this.time = time;
        this.network = network;
        this.random = random;
        this.version = version;
        this.watcher = watcher;
    }

    // Processes.

    List<EtcdProcess> processes() {
        return List.copyOf(processes.values());
    }

    Optional<EtcdProcess> at(Address address) {
        return Optional.ofNullable(processes.get(address));
    }

    /** The first entry of a cluster that is formed from a list; the same for all who form it. */
    Entry root(Entry.State state) {
        return roots.computeIfAbsent(
                state.cluster(), id -> new Entry(null, state.members().size(), 1, state));
    }

    void start(EtcdProcess process) {
        processes.put(process.address(), process);
        process.machine.etcd = process;
        stir();
    }

    /** Ends a process from outside. */
    void kill(EtcdProcess process) {
        processes.remove(process.address(), process);
        process.machine.etcd = null;
        stir();
    }

    private void exit(EtcdProcess process, int code, String why) {
        kill(process);
        watcher.exited(process, code, why);
    }

    private boolean runs(EtcdProcess process) {
        return processes.get(process.address()) == process;
    }

    // Who sees whom.

    boolean reach(EtcdProcess one, EtcdProcess other) {
        return !one.frozen
                && !other.frozen
                && one.disk.cluster.equals(other.disk.cluster)
                && network.connected(one.address(), other.address());
    }

    private Optional<EtcdProcess> reachable(EtcdProcess from, MemberId member) {
        for (EtcdProcess process : processes.values()) {
            if (process.self().equals(member) && reach(from, process)) {
                return Optional.of(process);
            }
        }
        return Optional.empty();
    }

    /** The leader that this member knows, if it lives, still leads in that term, and a quorum of its voters follows it. */
    Optional<EtcdProcess> liveLeader(EtcdProcess process) {
        MemberId id = process.leader;
        if (id == null) {
            return Optional.empty();
        }
        return reachable(process, id)
                .filter(leader -> leader.leads() && leader.disk.term >= process.disk.term)
                .filter(this::hasQuorum);
    }

    /** Whether a quorum of the voters that a leader knows can follow it now. */
    boolean hasQuorum(EtcdProcess leader) {
        Entry committed = leader.disk.committed;
        if (committed == null) {
            return false;
        }
        List<Member> voters = committed.state().voters();
        int following = 0;
        for (Member voter : voters) {
            EtcdProcess peer = reachable(leader, voter.id()).orElse(null);
            if (peer != null && peer.disk.term <= leader.disk.term && peer.disk.lastIndex() >= matched(leader, peer)) {
                following++;
            }
        }
        return following >= ClusterView.quorumOf(voters.size());
    }

    private static int matched(EtcdProcess leader, EtcdProcess peer) {
        return leader.matched.getOrDefault(peer.self(), 0);
    }

    /** Whether a member answers reads for which a quorum is asked. */
    boolean healthy(EtcdProcess process) {
        return process.ready && !process.frozen && liveLeader(process).isPresent();
    }

    /** Whether the raft streams between two members have been up for so long that etcd counts them as connected. */
    private boolean connectedLong(EtcdProcess self, MemberId member) {
        long now = time.now();
        for (EtcdProcess peer : processes.values()) {
            if (!peer.self().equals(member) || !peer.disk.cluster.equals(self.disk.cluster)) {
                continue;
            }
            long started = Math.max(self.startedAt, peer.startedAt);
            boolean cut = peer.frozen || !network.connected(self.address(), peer.address());
            long since = network.since(self.address(), peer.address());
            if (!cut) {
                return now - Math.max(started, version == Version.V3_4 ? since : 0) >= CONNECTED_AFTER;
            }
            // Before 3.5 a stream without data is given up after 5 s; since then only TCP notices, in minutes.
            return now - started >= CONNECTED_AFTER && (version != Version.V3_4 || now - since < CONNECTED_AFTER);
        }
        return false;
    }

    int connectedVoters(EtcdProcess self, List<Member> voters) {
        return (int) voters.stream()
                .filter(voter -> voter.id().equals(self.self()) || connectedLong(self, voter.id()))
                .count();
    }

    /** Whether this member has noticed that a peer is not there. */
    boolean seenDown(EtcdProcess self, MemberId member) {
        return processes.values().stream()
                .noneMatch(peer -> peer.self().equals(member) && peer.disk.cluster.equals(self.disk.cluster));
    }

    // Proposals.

    /**
     * Has a member propose something. Without a leader it waits for one until then, as etcd does.
     *
     * @param done told the member and the entry once that member has applied it; never told if it never does
     */
    void propose(
            EtcdProcess via,
            Request request,
            UnaryOperator<Entry.State> change,
            BiConsumer<EtcdProcess, Entry> done,
            long until) {
        Pending pending = new Pending(via, request, change, done, until);
        if (!forward(pending)) {
            waiting.add(pending);
        }
        stir();
    }

    private boolean forward(Pending pending) {
        Optional<EtcdProcess> leader = Optional.ofNullable(pending.via.leader)
                .flatMap(id -> reachable(pending.via, id))
                .filter(EtcdProcess::leads);
        if (leader.isEmpty()) {
            return false;
        }
        EtcdProcess who = leader.get();
        Entry entry = append(who, pending.change);
        uncommitted.add(new Uncommitted(entry, pending.via, pending.request, pending.done));
        replicate(who);
        return true;
    }

    private Entry append(EtcdProcess leader, UnaryOperator<Entry.State> change) {
        Entry last = Objects.requireNonNull(leader.disk.last, "a leader without a log");
        Entry entry = last.then(leader.disk.term, change);
        leader.disk.last = entry;
        return entry;
    }

    /** The leader sends what its followers lack, and commits what a quorum has. */
    private void replicate(EtcdProcess leader) {
        Entry last = Objects.requireNonNull(leader.disk.last, "a leader without a log");
        Entry committed = Objects.requireNonNull(leader.disk.committed, "a leader without a log");
        leader.matched.put(leader.self(), last.index());
        // A change of the members counts from when it is committed: who is to leave has a say in that.
        for (Member member : committed.state().list()) {
            if (member.id().equals(leader.self())) {
                continue;
            }
            Optional<EtcdProcess> found = reachable(leader, member.id());
            if (found.isPresent() && !send(leader, found.get(), last, committed)) {
                return;
            }
        }
        List<Member> voters = committed.state().voters();
        long have = voters.stream()
                .filter(voter -> leader.matched.getOrDefault(voter.id(), 0) >= last.index()
                        && (voter.id().equals(leader.self())
                                || reachable(leader, voter.id()).isPresent()))
                .count();
        if (!last.equals(committed) && last.term() == leader.disk.term && have >= ClusterView.quorumOf(voters.size())) {
            commit(leader, last);
        }
    }

    /** Whether the leader still leads after that. */
    private boolean send(EtcdProcess leader, EtcdProcess follower, Entry last, Entry committed) {
        if (follower.disk.term > leader.disk.term) {
            leader.leader = null;
            leader.disk.term = follower.disk.term;
            leader.missingSince = time.now();
            return false;
        }
        if (matched(leader, follower) > follower.disk.lastIndex()) {
            exit(follower, 2, "tocommit is out of range: its log is gone");
            return true;
        }
        if (!leader.self().equals(follower.leader) || follower.disk.term < leader.disk.term) {
            follower.follow(leader.self(), leader.disk.term);
        }
        follower.missingSince = -1;
        follower.disk.last = last;
        leader.matched.put(follower.self(), last.index());
        if (!committed.equals(follower.disk.committed)) {
            follower.disk.committed = committed;
            tellApplied(follower);
        }
        return true;
    }

    private void commit(EtcdProcess leader, Entry entry) {
        leader.disk.committed = entry;
        for (Uncommitted one : List.copyOf(uncommitted)) {
            if (entry.holds(one.entry)) {
                watcher.committed(leader, one.entry, Optional.of(one.request));
            }
        }
        tellApplied(leader);
        uncommitted.removeIf(one -> one.via == leader && entry.holds(one.entry));
        if (!entry.state().members().containsKey(leader.self()) && runs(leader)) {
            // It stops a second later, so that the others learn of it.
            for (EtcdProcess follower : processes()) {
                if (leader.self().equals(follower.leader) && reach(leader, follower)) {
                    follower.disk.committed = entry;
                    tellApplied(follower);
                }
            }
            exit(leader, 0, "it was removed");
        }
    }

    private void tellApplied(EtcdProcess process) {
        Entry applied = process.disk.committed;
        for (Uncommitted one : List.copyOf(uncommitted)) {
            if (one.via == process && applied != null && applied.holds(one.entry)) {
                uncommitted.remove(one);
                one.done.accept(process, one.entry);
            }
        }
    }

    // Time.

    /** Something has happened: the members notice within moments. */
    void stir() {
        stirredAt = time.now();
        tickLater(TICK);
    }

    private void tickLater(long millis) {
        if (!ticking) {
            ticking = true;
            time.after(millis / 2 + random.nextLong(millis), this::tick);
        }
    }

    private void tick() {
        ticking = false;
        waiting.removeIf(one -> one.until < time.now() || !runs(one.via));
        uncommitted.removeIf(one -> !runs(one.via));
        for (EtcdProcess process : processes()) {
            if (runs(process) && !process.frozen) {
                tick(process);
            }
        }
        waiting.removeIf(one -> forward(one));
        if (!settled()) {
            tickLater(time.now() - stirredAt > SLOW_AFTER ? SLOW_TICK : TICK);
        }
    }

    private void tick(EtcdProcess process) {
        if (knownRemoved(process)) {
            exit(process, 0, "it was removed");
        } else if (process.leads()) {
            lead(process);
        } else {
            follow(process);
        }
    }

    private boolean knownRemoved(EtcdProcess process) {
        for (EtcdProcess peer : processes.values()) {
            Entry committed = peer.disk.committed;
            if (committed != null
                    && committed.state().removed().contains(process.self())
                    && (peer == process || reach(process, peer))) {
                return true;
            }
        }
        return false;
    }

    private void lead(EtcdProcess leader) {
        if (!hasQuorum(leader)) {
            if (leader.missingSince < 0) {
                leader.missingSince = time.now();
            } else if (time.now() - leader.missingSince >= LOSS_NOTICED_AFTER) {
                leader.leader = null;
            }
        } else {
            leader.missingSince = -1;
        }
        if (leader.leads()) {
            replicate(leader);
            if (runs(leader) && leader.leads()) {
                publish(leader, leader);
            }
        }
    }

    private void follow(EtcdProcess process) {
        MemberId known = process.leader;
        Optional<EtcdProcess> leader = known == null
                ? Optional.empty()
                : reachable(process, known).filter(it -> it.leads() && it.disk.term == process.disk.term);
        if (leader.isPresent() && hasQuorum(leader.get())) {
            process.missingSince = -1;
            publish(process, leader.get());
            return;
        }
        if (process.missingSince < 0) {
            process.missingSince = time.now();
        } else if (time.now() - process.missingSince >= LOSS_NOTICED_AFTER + random.nextLong(LOSS_NOTICED_AFTER)) {
            process.leader = null;
            campaign(process);
        }
    }

    /** Asks for votes; terms only rise where it wins, as with a vote before the vote. */
    private void campaign(EtcdProcess candidate) {
        Entry last = candidate.disk.last;
        if (last == null || !candidate.voter()) {
            return;
        }
        List<Member> voters =
                Objects.requireNonNull(candidate.disk.committed).state().voters();
        List<EtcdProcess> supporters = new ArrayList<>();
        for (Member voter : voters) {
            reachable(candidate, voter.id())
                    .filter(peer -> peer.disk.last == null || peer.disk.last.mayFollow(last))
                    .filter(peer -> peer == candidate || !followsSomebodyAlive(peer))
                    .ifPresent(supporters::add);
        }
        if (supporters.size() < ClusterView.quorumOf(voters.size())) {
            return;
        }
        int term =
                1 + supporters.stream().mapToInt(peer -> peer.disk.term).max().orElse(0);
        supporters.forEach(peer -> peer.follow(candidate.self(), term));
        append(candidate, UnaryOperator.identity());
        watcher.elected(candidate);
        replicate(candidate);
    }

    private boolean followsSomebodyAlive(EtcdProcess process) {
        return liveLeader(process).isPresent();
    }

    /** A member that has caught up tells its name and client URL through the log, and answers its clients after that. */
    private void publish(EtcdProcess process, EtcdProcess leader) {
        Optional<Member> own = process.own();
        if (process.ready || own.isEmpty() || !Objects.equals(process.disk.last, leader.disk.last)) {
            return;
        }
        String clientUrl = "http://" + process.address() + ":2379";
        Member published = new Member(
                own.get().id(),
                process.name,
                own.get().peerUrls(),
                List.of(clientUrl),
                own.get().learner());
        if (published.equals(own.get())) {
            serve(process);
            return;
        }
        append(leader, state -> {
            Member now = state.members().get(published.id());
            return now == null
                    ? state
                    : state.with(new Member(
                            now.id(), published.name(), now.peerUrls(), published.clientUrls(), now.learner()));
        });
        replicate(leader);
    }

    private void serve(EtcdProcess process) {
        process.ready = true;
        watcher.ready(process);
    }

    /** Whether nothing would happen if nothing happened. */
    private boolean settled() {
        if (!waiting.isEmpty() || !uncommitted.isEmpty()) {
            return false;
        }
        for (EtcdProcess process : processes.values()) {
            if (process.frozen) {
                continue;
            }
            Optional<EtcdProcess> leader = liveLeader(process);
            if (leader.isEmpty()
                    || !process.ready
                    || !Objects.equals(process.disk.committed, leader.get().disk.committed)
                    || !Objects.equals(process.disk.last, process.disk.committed)) {
                return false;
            }
        }
        return true;
    }

    /** Has another voter lead; whether it does. */
    boolean transfer(EtcdProcess leader, MemberId target) {
        Optional<EtcdProcess> heir = reachable(leader, target)
                .filter(it -> it.voter() && Objects.equals(it.disk.last, leader.disk.last) && leader.leads());
        if (heir.isEmpty() || !hasQuorum(leader)) {
            return false;
        }
        EtcdProcess next = heir.get();
        int term = leader.disk.term + 1;
        for (EtcdProcess process : processes()) {
            if (reach(next, process)) {
                process.follow(target, term);
            }
        }
        append(next, UnaryOperator.identity());
        watcher.elected(next);
        replicate(next);
        stir();
        return true;
    }
}
