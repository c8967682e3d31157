package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of voters in memory, member n at 10.0.0.n with the id n, that answers at once and can be told to fail. The log
 * says what it was asked, such as {@code 10.0.0.1 remove 3}.
 */
final class FakeEtcd implements EtcdClient {
    static final ClusterId CLUSTER = new ClusterId(7);

    final List<String> log = new CopyOnWriteArrayList<>();
    final Map<MemberId, Member> members = new HashMap<>();

    /** Members that answer probes and no calls. */
    final Set<String> mute = new HashSet<>();

    /** Members that answer nothing any more. */
    final Set<String> frozen = new HashSet<>();

    /** Who was probed. */
    final List<String> probed = new CopyOnWriteArrayList<>();

    /** What the handing over of leadership answers in place of success. */
    Optional<EtcdException> moveFailure = Optional.empty();

    /** Whether leadership moves, also if that answers a failure. */
    boolean movesTakeEffect = true;

    /** Runs when leadership is to move, before anything else. */
    Runnable beforeMove = () -> {};

    MemberId leads = new MemberId(1);
    boolean canReadThroughQuorum = true;
    boolean quorum = true;
    Optional<String> lockHolder = Optional.empty();
    Optional<EtcdException> lockFailure = Optional.empty();
    Optional<EtcdException> unlockFailure = Optional.empty();

    /** What a change answers in place of success. */
    Optional<EtcdException> changeFailure = Optional.empty();

    /** Whether a change takes effect, also if it answers a failure. */
    boolean changesTakeEffect = true;

    /** Runs when a change comes in, before anything else. */
    Runnable beforeChange = () -> {};

    /** Runs when the lock was taken: what others do in the meantime. */
    Runnable afterLock = () -> {};

    /** What a probe answers in place of what the members are. */
    Optional<Supplier<CompletionStage<PeerState>>> probe = Optional.empty();

    boolean probeCancelled;

    FakeEtcd(int voters) {
        for (int i = 1; i <= voters; i++) {
            put(member(i, false));
        }
    }

    static Member member(int number, boolean learner) {
        return new Member(
                new MemberId(number),
                "m" + number,
                List.of(PeerUrl.parse("http://10.0.0." + number + ":2380")),
                List.of("http://10.0.0." + number + ":2379"),
                learner);
    }

    static Endpoint endpoint(int number) {
        String url = "http://10.0.0." + number;
        return new Endpoint(Address.parse("10.0.0." + number), url + ":2379", url + ":2380");
    }

    void put(Member member) {
        members.put(member.id(), member);
    }

    /** The cluster as it is, all of it healthy. */
    ClusterView view() {
        Map<MemberId, PeerState> states = new HashMap<>();
        Optional<MemberId> leader = Optional.of(leads);
        for (Member member : members.values()) {
            states.put(
                    member.id(),
                    new Serving(
                            CLUSTER,
                            member.id(),
                            list(),
                            leader,
                            true,
                            member.learner(),
                            "3.5.16",
                            "3.5.0",
                            2,
                            9,
                            Api.V3));
        }
        return new ClusterView(CLUSTER, list(), leader, states);
    }

    List<Endpoint> voters() {
        return members.values().stream()
                .filter(Member::voter)
                .map(it -> endpoint((int) it.id().value()))
                .sorted(Comparator.comparing(Endpoint::address))
                .toList();
    }

    List<Member> list() {
        return members.values().stream()
                .sorted(Comparator.comparing(Member::id))
                .toList();
    }

    @Override
    public Call<PeerState> probe(Endpoint peer, Duration deadline) {
        probed.add(peer.toString());
        CompletionStage<PeerState> answer = probe.map(Supplier::get).orElseGet(() -> seen(peer));
        return new Call<>() {
            @Override
            public CompletionStage<PeerState> answer() {
                return answer;
            }

            @Override
            public void cancel() {
                probeCancelled = true;
            }

            @Override
            public String pending() {
                return "GET " + peer.clientUrl() + "/version";
            }
        };
    }

    private CompletionStage<PeerState> seen(Endpoint peer) {
        if (frozen.contains(peer.toString())) {
            return CompletableFuture.completedFuture(new PeerState.Silent(peer + " hangs"));
        }
        ClusterView view = view();
        return CompletableFuture.completedFuture(view.members().stream()
                .filter(it -> it.isAt(peer.address()))
                .findFirst()
                .map(view::stateOf)
                .orElseGet(PeerState.NotServing::new));
    }

    @Override
    public CompletionStage<MemberList> members(Endpoint via, boolean quorumRead) {
        log.add(via + (quorumRead ? " list through quorum" : " list"));
        if (mute.contains(via.toString()) || frozen.contains(via.toString())) {
            return fail(new EtcdException(Kind.TIMED_OUT, via + " hangs"));
        }
        if (quorumRead && canReadThroughQuorum && !quorum) {
            return fail(new EtcdException(Kind.UNDECIDED, "etcdserver: request timed out"));
        }
        MemberId self = new MemberId(Long.parseLong(via.toString().substring("10.0.0.".length())));
        return CompletableFuture.completedFuture(
                new MemberList(CLUSTER, Optional.of(self), list(), quorumRead && canReadThroughQuorum));
    }

    @Override
    public CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner) {
        String host = peerUrl.host().toString();
        int number = Integer.parseInt(host.substring("10.0.0.".length()));
        return change(via + " add " + host + (learner ? " as learner" : ""), () -> {
            Member started = member(number, learner);
            put(new Member(started.id(), "", started.peerUrls(), List.of(), learner));
        });
    }

    @Override
    public CompletionStage<List<Member>> remove(Endpoint via, MemberId member) {
        return change(via + " remove " + member, () -> members.remove(member));
    }

    @Override
    public CompletionStage<List<Member>> promote(Endpoint via, MemberId member) {
        return change(via + " promote " + member, () -> put(member((int) member.value(), false)));
    }

    @Override
    public CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl) {
        return change(via + " update " + member + " to " + peerUrl.host(), () -> {
            Member before = Objects.requireNonNull(members.get(member));
            put(new Member(before.id(), before.name(), List.of(peerUrl), before.clientUrls(), before.learner()));
        });
    }

    private CompletionStage<List<Member>> change(String what, Runnable effect) {
        log.add(what);
        beforeChange.run();
        if (changesTakeEffect) {
            effect.run();
        }
        return changeFailure.isPresent()
                ? fail(changeFailure.get())
                : CompletableFuture.completedFuture(new ArrayList<>(list()));
    }

    @Override
    public CompletionStage<Void> moveLeader(Endpoint leader, MemberId target) {
        log.add(leader + " hand over to " + target);
        beforeMove.run();
        if (movesTakeEffect) {
            leads = target;
        }
        return moveFailure.isPresent() ? fail(moveFailure.get()) : done();
    }

    @Override
    public CompletionStage<LockAttempt> lock(Endpoint via, String holder) {
        log.add(via + " lock");
        if (lockFailure.isPresent()) {
            return fail(lockFailure.get());
        }
        if (lockHolder.isPresent()) {
            return CompletableFuture.completedFuture(new LockAttempt.HeldBy(lockHolder.get()));
        }
        lockHolder = Optional.of(holder);
        afterLock.run();
        return CompletableFuture.completedFuture(new LockAttempt.Taken(new Lock(Api.V3, "77")));
    }

    @Override
    public CompletionStage<Void> unlock(Endpoint via, Lock lock) {
        log.add(via + " unlock");
        if (unlockFailure.isPresent()) {
            return fail(unlockFailure.get());
        }
        lockHolder = Optional.empty();
        return done();
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.<@Nullable Void>completedFuture(null).thenAccept(ignored -> {});
    }

    private static <T> CompletionStage<T> fail(EtcdException failure) {
        return CompletableFuture.failedFuture(failure);
    }
}
