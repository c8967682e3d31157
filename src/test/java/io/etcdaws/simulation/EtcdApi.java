package io.etcdaws.simulation;

import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdClient.LockAttempt;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.etcd.EtcdException;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.simulation.EtcdModel.Request;
import io.etcdaws.simulation.EtcdModel.Version;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** What a member's two ports answer at the moment in which a question gets there. An answer that never comes is a hang. */
final class EtcdApi {
    private static final long LOCK_LIFE = 15_000;
    private static final long UNDO_AFTER = 7_000;

    private final EtcdModel etcd;
    private final Network network;
    private final VirtualTime time;
    private int locks;

    EtcdApi(EtcdModel etcd, Network network, VirtualTime time) {
        this.etcd = etcd;
        this.network = network;
        this.time = time;
    }

    // Looking.

    /** What a probe from one machine sees of what runs at an address, where a machine runs that can be reached. */
    PeerState look(Address to) {
        Optional<EtcdProcess> found = etcd.at(to);
        if (found.isEmpty()) {
            return new PeerState.NotServing();
        }
        EtcdProcess process = found.get();
        DataDisk disk = process.disk;
        if (process.frozen) {
            return new PeerState.Silent("connected, no answer");
        }
        if (!process.ready) {
            return disk.decided()
                    ? new PeerState.HoldsData(disk.cluster, disk.members(), etcd.version.text)
                    : new PeerState.Forming(disk.cluster, disk.members());
        }
        Entry committed = Objects.requireNonNull(disk.committed);
        return new PeerState.Serving(
                disk.cluster,
                disk.self,
                disk.members(),
                Optional.ofNullable(process.leader),
                etcd.healthy(process),
                !process.voter(),
                etcd.version.text,
                etcd.version.text,
                disk.term,
                committed.index(),
                Api.V3);
    }

    CompletableFuture<MemberList> members(Address to, boolean quorumRead) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        if (quorumRead && !process.voter()) {
            return refuse(Kind.LEARNER, "rpc not supported for learner");
        }
        boolean linearizable = quorumRead && etcd.version != Version.V3_4;
        if (linearizable && !etcd.healthy(process)) {
            return new CompletableFuture<>();
        }
        List<Member> members = linearizable
                ? Objects.requireNonNull(etcd.liveLeader(process).orElseThrow().disk.committed)
                        .state()
                        .list()
                : process.disk.members();
        return CompletableFuture.completedFuture(
                new MemberList(process.disk.cluster, Optional.of(process.self()), members, linearizable));
    }

    /** The member that answers its clients there; null if what is there hangs. Refusals are the network's. */
    private @org.jspecify.annotations.Nullable EtcdProcess ready(Address to) {
        EtcdProcess process = etcd.at(to).orElse(null);
        return process == null || process.frozen || !process.ready ? null : process;
    }

    // Changing.

    /** Has a member change the membership; the list afterwards. */
    CompletableFuture<List<Member>> change(Address to, MembershipChange change, Request request, long until) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        if (!process.voter()) {
            return refuse(Kind.LEARNER, "rpc not supported for learner");
        }
        Optional<EtcdException> refusal = new Checks(etcd, process, time).refusal(change);
        if (refusal.isPresent()) {
            return CompletableFuture.failedFuture(refusal.get());
        }
        CompletableFuture<List<Member>> answer = new CompletableFuture<>();
        boolean itself = change instanceof Remove remove && remove.member().id().equals(process.self());
        if (itself) {
            answer = refuse(Kind.UNDECIDED, "server stopped");
        }
        CompletableFuture<List<Member>> told = answer;
        etcd.propose(
                process,
                request,
                effect(change, newId(change)),
                (member, entry) -> told.complete(entry.state().list()),
                until);
        return answer;
    }

    /** etcd makes an id of the URL, the token and the second. */
    private MemberId newId(MembershipChange change) {
        return change instanceof Add add ? idOf(add) : new MemberId(0);
    }

    private MemberId idOf(Add add) {
        long hash = 1_125_899_906_842_597L;
        for (char each : (add.peerUrl().text() + time.now() / 1000).toCharArray()) {
            hash = 31 * hash + each;
        }
        return new MemberId(hash * 0x9E3779B97F4A7C15L);
    }

    private static UnaryOperator<Entry.State> effect(MembershipChange change, MemberId id) {
        if (change instanceof Add add) {
            return state -> state.removed().contains(id) || has(state, add)
                    ? state
                    : state.with(new Member(id, "", List.of(add.peerUrl()), List.of(), add.learner()));
        }
        if (change instanceof Remove remove) {
            return state -> state.members().containsKey(remove.member().id())
                    ? state.without(remove.member().id())
                    : state;
        }
        if (change instanceof Update update) {
            // A learner gets its vote by this: etcd's own mistake, up to 3.5.30.
            return state -> replace(
                    state,
                    update.member().id(),
                    now -> new Member(now.id(), now.name(), List.of(update.peerUrl()), now.clientUrls(), false));
        }
        return state -> replace(
                state,
                ((Promote) change).member().id(),
                now -> new Member(now.id(), now.name(), now.peerUrls(), now.clientUrls(), false));
    }

    private static boolean has(Entry.State state, Add add) {
        return state.members().values().stream()
                .anyMatch(member -> member.peerUrls().contains(add.peerUrl()));
    }

    private static Entry.State replace(Entry.State state, MemberId id, UnaryOperator<Member> change) {
        Member now = state.members().get(id);
        return now == null ? state : state.with(change.apply(now));
    }

    CompletableFuture<Void> moveLeader(Address to, MemberId target) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        if (!process.leads()) {
            return refuse(Kind.NOT_NOW, "not leader");
        }
        return etcd.transfer(process, target)
                ? CompletableFuture.completedFuture(null)
                : refuse(Kind.UNDECIDED, "leader transfer timed out");
    }

    // Keys.

    CompletableFuture<LockAttempt> lock(Address to, String holder, Request request, long until) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        locks++;
        String handle = holder + "/" + locks;
        CompletableFuture<LockAttempt> answer = new CompletableFuture<>();
        etcd.propose(
                process,
                request,
                state -> held(state).isPresent()
                        ? state
                        : state.with(Optional.of(new Entry.Held(holder, handle, time.now() + LOCK_LIFE))),
                (member, entry) -> {
                    String by = entry.state().lock().map(Entry.Held::handle).orElse("");
                    answer.complete(
                            by.equals(handle)
                                    ? new LockAttempt.Taken(new Lock(Api.V3, handle))
                                    : new LockAttempt.HeldBy(entry.state()
                                            .lock()
                                            .map(Entry.Held::holder)
                                            .orElse("somebody")));
                },
                Math.min(until, time.now() + UNDO_AFTER));
        return answer;
    }

    private Optional<Entry.Held> held(Entry.State state) {
        return state.lock().filter(lock -> lock.until() > time.now());
    }

    CompletableFuture<Void> unlock(Address to, Lock lock, Request request, long until) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        CompletableFuture<Void> answer = new CompletableFuture<>();
        etcd.propose(
                process,
                request,
                state -> state.lock()
                                .filter(held -> held.handle().equals(lock.handle()))
                                .isPresent()
                        ? state.with(Optional.empty())
                        : state,
                (member, entry) -> answer.complete(null),
                Math.min(until, time.now() + UNDO_AFTER));
        return answer;
    }

    /** Writes a key; completes with the entry that holds it once that is committed. */
    CompletableFuture<Entry> put(Address to, Request request) {
        EtcdProcess process = ready(to);
        if (process == null) {
            return new CompletableFuture<>();
        }
        CompletableFuture<Entry> answer = new CompletableFuture<>();
        etcd.propose(
                process,
                request,
                UnaryOperator.identity(),
                (member, entry) -> answer.complete(entry),
                time.now() + UNDO_AFTER);
        return answer;
    }

    boolean connected(Address from, Address to) {
        return network.connected(from, to);
    }

    private static <T> CompletableFuture<T> refuse(Kind kind, String message) {
        return CompletableFuture.failedFuture(new EtcdException(kind, "etcdserver: " + message));
    }
}
