package io.etcdaws.etcd;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Locked;
import io.etcdaws.etcd.ChangeOutcome.Overtaken;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdClient.LockAttempt;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One change of the membership, from the lock to the proof. Used once. Nothing in it blocks, and it knows no clock but its
 * {@link Pause}, so that a simulator can run it.
 *
 * <ol>
 *   <li>Find who to send it through: the first of the given members that answers a read, belongs to the cluster and is not
 *       the one to be removed. (A member that has not answered a read may keep a request and carry it out much later; and a
 *       member that removes itself answers with an error.)
 *   <li>Take the lock, a key in etcd that expires by itself. Without quorum there is no lock, and so no change. The lock only
 *       narrows races between copies of this program: etcd cannot make a change of members depend on it.
 *   <li>Read the member list from the same member. Through a quorum where etcd can do that; where not, the list is at least
 *       as new as the lock, which that member has just seen written. Is the change in effect already, it is done. Is the list
 *       another than the one decided on, the decision is void.
 *   <li>Let the leader hand over, if it is the one to be removed and lives: that spares an election.
 *   <li>Probe all voters once more, side by side: a voter that froze since the decision could make the change cost the
 *       cluster its quorum, and neither a list nor etcd's own check shows that ({@link QuorumCheck}). One that is to be
 *       removed as dead may have come back.
 *   <li>Make the change, if what was seen is not too old and the lock not over: this process may have been paused, with the
 *       answers waiting for it, while others changed the members or voters failed.
 *   <li>Unless etcd confirmed it or plainly refused it, wait longer than an election takes and read the list back from
 *       another member where there is one: calls that time out or fail may have been carried out, and a call that was lost
 *       in an election never is. Seen anywhere, it is in effect. Not seen through a quorum, it is not and will not be. Not
 *       seen otherwise, nobody knows.
 *   <li>Release the lock.
 * </ol>
 */
public final class LockedChange implements Work {
    private static final Logger log = LoggerFactory.getLogger(LockedChange.class);

    /** Elections took up to 2.9 s when measured, at etcd's default timers. */
    static final Duration LONGER_THAN_AN_ELECTION = Duration.ofSeconds(3);

    /** Releasing the lock took milliseconds where there was a leader. */
    static final Duration LONGEST_RELEASE = Duration.ofSeconds(1);

    private enum Phase {
        PREPARING,
        SENT,
        ABANDONED
    }

    /**
     * Who it goes through.
     *
     * @param sender the member that is asked for the change
     * @param senderId its id, if it tells
     * @param removed where the member to be removed serves, if it does
     */
    private record Route(Endpoint sender, Optional<MemberId> senderId, Optional<Endpoint> removed) {}

    private final EtcdClient client;
    private final Pause pause;
    private final String holder;
    private final MembershipChange change;
    private final ClusterView basis;
    private final List<Endpoint> via;
    private final Duration probeDeadline;
    private final Set<Lock> unreleased;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.PREPARING);
    private volatile long lockAskedAt;

    /**
     * A change that has not begun.
     *
     * @param holder what others are told of who holds the lock
     * @param basis the cluster that the change was decided on
     * @param via the voters that serve with quorum, by a fresh probe, the leader first
     * @param probeDeadline how long they have to answer once more, directly before the change
     * @param unreleased locks of earlier changes whose release is not confirmed; kept up to date, thread-safe
     */
    public LockedChange(
            EtcdClient client,
            Pause pause,
            String holder,
            MembershipChange change,
            ClusterView basis,
            List<Endpoint> via,
            Duration probeDeadline,
            Set<Lock> unreleased) {
        this.client = client;
        this.pause = pause;
        this.holder = holder;
        this.change = change;
        this.basis = basis;
        this.via = List.copyOf(via);
        this.probeDeadline = probeDeadline;
        this.unreleased = unreleased;
    }

    /** Goes through all steps. The stage never fails. */
    @Override
    public CompletionStage<ChangeOutcome> run() {
        if (change instanceof Update update && isLearner(update.member())) {
            return done(new Refused("etcd would give a learner its vote by a change of its peer URL", true));
        }
        return findRoute(0, Optional.empty(), List.of()).exceptionally(failure -> {
            String message = "unexpected: " + EtcdException.of(failure).getMessage();
            return phase.get() == Phase.SENT ? new Uncertain(message) : new Refused(message, false);
        });
    }

    /**
     * Gives up, as far as that is possible.
     *
     * @return whether the change has not been sent, so that it will never be
     */
    @Override
    public boolean abandon() {
        return phase.compareAndSet(Phase.PREPARING, Phase.ABANDONED) || phase.get() == Phase.ABANDONED;
    }

    /** As decided, or as listed. A list that has changed since is noticed under the lock. */
    private boolean isLearner(Member member) {
        return member.learner()
                || basis.members().stream().anyMatch(it -> it.id().equals(member.id()) && it.learner());
    }

    /**
     * One line a step, in order, also where it had nothing to do: whoever tests what a crash leaves behind stops the program
     * by them.
     */
    private static void passed(String step) {
        log.debug("membership change: {}", step);
    }

    private CompletionStage<ChangeOutcome> findRoute(int next, Optional<Endpoint> removed, List<String> passedOver) {
        if (next == via.size()) {
            return done(noRoute(removed, passedOver));
        }
        Endpoint candidate = via.get(next);
        return client.members(candidate, false)
                .handle((list, failure) -> {
                    if (failure != null) {
                        return findRoute(next + 1, removed, plus(passedOver, message(failure)));
                    }
                    if (!list.cluster().equals(basis.id())) {
                        return findRoute(
                                next + 1,
                                removed,
                                plus(passedOver, candidate + " belongs to another cluster, " + list.cluster()));
                    }
                    if (list.answeredBy().filter(this::isRemoved).isPresent()) {
                        return findRoute(next + 1, Optional.of(candidate), passedOver);
                    }
                    Route route = new Route(candidate, list.answeredBy(), removed);
                    return releaseEarlier(candidate).thenCompose(ignored -> lock(route));
                })
                .thenCompose(stage -> stage);
    }

    /** Else this program would find the lock held by itself, until it expires. */
    private CompletionStage<Void> releaseEarlier(Endpoint sender) {
        CompletionStage<Void> released = CompletableFuture.completedFuture(null);
        for (Lock lock : unreleased) {
            released = released.thenCompose(ignored -> release(sender, lock).exceptionally(failure -> null));
        }
        return released;
    }

    /** At most for a while; a lock whose release is not confirmed is remembered. */
    private CompletionStage<Void> release(Endpoint sender, Lock lock) {
        unreleased.add(lock);
        return client.unlock(sender, lock)
                .thenAccept(done -> unreleased.remove(lock))
                .acceptEither(pause.of(LONGEST_RELEASE), done -> {});
    }

    private ChangeOutcome noRoute(Optional<Endpoint> removed, List<String> passedOver) {
        if (removed.isPresent() && basis.voters().size() == 1) {
            return new Refused("etcd's last voter cannot be removed", true);
        }
        String reasons = passedOver.isEmpty() ? "" : ": " + String.join("; ", passedOver);
        return new Refused("no voter that serves can be asked to " + change + reasons, false);
    }

    private CompletionStage<ChangeOutcome> lock(Route route) {
        lockAskedAt = pause.nanoTime();
        return client.lock(route.sender(), holder)
                .handle((attempt, failure) -> {
                    if (failure != null) {
                        return done(lockRefused(EtcdException.of(failure)));
                    }
                    if (attempt instanceof LockAttempt.HeldBy held) {
                        return done(new Locked(held.holder()));
                    }
                    passed("locked");
                    return check(route)
                            .handle((outcome, unexpected) ->
                                    unlock(route, ((LockAttempt.Taken) attempt).lock(), outcome, unexpected))
                            .thenCompose(stage -> stage);
                })
                .thenCompose(stage -> stage);
    }

    private static ChangeOutcome lockRefused(EtcdException failure) {
        String message = "the lock could not be taken: " + failure.getMessage();
        return switch (failure.kind()) {
            case DENIED ->
                new Refused(
                        message + ". Changing members takes a user with the root role, who may also write the key '"
                                + EtcdClient.LOCK_KEY + "'",
                        true);
            case UNSUPPORTED, INVALID -> new Refused(message, true);
            default -> new Refused(message, false);
        };
    }

    private CompletionStage<ChangeOutcome> unlock(
            Route route, Lock lock, ChangeOutcome outcome, @Nullable Throwable unexpected) {
        // Where the change has cost the cluster its leader, or its quorum until a new voter starts, the release hangs:
        // that
        // must not hold up whoever waits for the outcome.
        CompletionStage<Void> released = release(route.sender(), lock);
        // A lock that cannot be released expires.
        return released.handle((ignored, failure) -> {
            if (unexpected != null) {
                throw EtcdException.of(unexpected);
            }
            passed("unlocked");
            return outcome;
        });
    }

    private CompletionStage<ChangeOutcome> check(Route route) {
        return client.members(route.sender(), true)
                .handle((list, failure) -> {
                    if (failure != null) {
                        return done(new Refused(
                                "the member list could not be read under the lock: " + message(failure), false));
                    }
                    if (inEffect(list.members())) {
                        return done(new Changed(list.members(), "it was so already"));
                    }
                    if (!list.cluster().equals(basis.id())
                            || !shape(list.members()).equals(shape(basis.members()))) {
                        return done(new Overtaken(list.members()));
                    }
                    passed("compared");
                    return handOver(route).thenCompose(ignored -> lookAgain(route));
                })
                .thenCompose(stage -> stage);
    }

    private CompletionStage<Void> handOver(Route route) {
        boolean liveLeader = change instanceof Remove remove
                && basis.leader().filter(remove.member().id()::equals).isPresent()
                && basis.healthy(remove.member());
        if (!liveLeader || route.removed().isEmpty() || route.senderId().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        // A courtesy: if it fails, the removal costs an election.
        return client.moveLeader(route.removed().get(), route.senderId().get()).handle((moved, failure) -> null);
    }

    private CompletionStage<ChangeOutcome> lookAgain(Route route) {
        passed("handed over");
        long lookedAt = pause.nanoTime();
        return new QuorumCheck(client, change, basis, via, probeDeadline)
                .objection()
                .thenApply(objection -> objection.or(() -> tooOld(lookedAt)))
                .thenCompose(
                        objection -> objection.isPresent() ? done(new Refused(objection.get(), false)) : make(route));
    }

    /** Why what was seen, or the lock, must not be relied on any more, if so. */
    private Optional<String> tooOld(long lookedAt) {
        if (since(lookedAt).compareTo(probeDeadline.multipliedBy(2)) > 0) {
            return Optional.of("the last look at the voters is "
                    + since(lookedAt).toMillis() + " ms old, as if this program had been paused; nothing was changed");
        }
        return since(lockAskedAt).compareTo(client.lockLasts()) < 0
                ? Optional.empty()
                : Optional.of("the lock may be over, since it was asked for "
                        + since(lockAskedAt).toMillis() + " ms ago; nothing was changed");
    }

    private Duration since(long nanoTime) {
        return Duration.ofNanos(pause.nanoTime() - nanoTime);
    }

    private CompletionStage<ChangeOutcome> make(Route route) {
        if (!phase.compareAndSet(Phase.PREPARING, Phase.SENT)) {
            return done(new Refused("given up before it was sent", false));
        }
        passed("checked");
        CompletionStage<List<Member>> answer = send(route.sender());
        passed("sent");
        return answer.handle((after, failure) -> failure == null ? confirmed(route, after) : judge(route, failure))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<List<Member>> send(Endpoint sender) {
        if (change instanceof Add add) {
            return client.add(sender, add.peerUrl(), add.learner());
        }
        if (change instanceof Remove remove) {
            return client.remove(sender, remove.member().id());
        }
        if (change instanceof Update update) {
            return client.update(sender, update.member().id(), update.peerUrl());
        }
        return client.promote(sender, ((Promote) change).member().id());
    }

    private CompletionStage<ChangeOutcome> confirmed(Route route, List<Member> after) {
        passed("read back");
        return inEffect(after)
                ? done(new Changed(after, "made through " + route.sender()))
                : settle(
                        route,
                        new EtcdException(Kind.UNDECIDED, route.sender() + " confirmed it with a list that lacks it"));
    }

    private CompletionStage<ChangeOutcome> judge(Route route, Throwable failure) {
        EtcdException why = EtcdException.of(failure);
        return switch (why.kind()) {
            // Perhaps somebody else did it: the list tells, at once.
            case DUPLICATE_URL, NOT_A_LEARNER -> readBack(route, why);
            case NOT_FOUND ->
                change instanceof Add
                        ? done(new Refused(
                                "etcd mistakes it for a member that was removed within the same second: "
                                        + why.getMessage(),
                                false))
                        : readBack(route, why);
            case DENIED, UNSUPPORTED, INVALID -> done(new Refused(message(why), true));
            case NOT_NOW, NOT_CAPABLE, LEARNER, CONNECTION_REFUSED, NO_CONNECTION, TLS ->
                done(new Refused(message(why), false));
            case TIMED_OUT, BROKEN, GARBLED, GATEWAY, UNDECIDED, REFUSED_WITHOUT_REASON -> settle(route, why);
        };
    }

    private CompletionStage<ChangeOutcome> settle(Route route, EtcdException why) {
        return pause.of(LONGER_THAN_AN_ELECTION).thenCompose(ignored -> readBack(route, why));
    }

    private CompletionStage<ChangeOutcome> readBack(Route route, EtcdException why) {
        List<Endpoint> witnesses = new ArrayList<>(via);
        witnesses.remove(route.sender());
        route.removed().ifPresent(witnesses::remove);
        witnesses.add(route.sender());
        return askWitness(witnesses, 0, why, Optional.empty()).thenApply(outcome -> {
            passed("read back");
            return outcome;
        });
    }

    private CompletionStage<ChangeOutcome> askWitness(
            List<Endpoint> witnesses, int next, EtcdException why, Optional<MemberList> lacking) {
        if (next == witnesses.size()) {
            return done(notSeen(why, lacking));
        }
        Endpoint witness = witnesses.get(next);
        return bestList(witness).thenCompose(list -> {
            Optional<MemberList> usable = list.filter(it -> it.cluster().equals(basis.id())
                    && it.answeredBy().filter(this::isRemoved).isEmpty());
            if (usable.filter(it -> inEffect(it.members())).isPresent()) {
                return done(new Changed(
                        usable.get().members(), "seen in the list of " + witness + " after: " + why.getMessage()));
            }
            if (usable.filter(MemberList::quorumRead).isPresent()) {
                return done(notSeen(why, usable));
            }
            return askWitness(witnesses, next + 1, why, usable.or(() -> lacking));
        });
    }

    /** Through a quorum, or else the member's own list: what that shows as in effect is, too. */
    private CompletionStage<Optional<MemberList>> bestList(Endpoint witness) {
        return client.members(witness, true)
                .handle((list, failure) -> failure == null
                        ? CompletableFuture.completedFuture(Optional.of(list))
                        : client.members(witness, false)
                                .handle((own, again) ->
                                        again == null ? Optional.of(own) : Optional.<MemberList>empty()))
                .thenCompose(stage -> stage);
    }

    private ChangeOutcome notSeen(EtcdException why, Optional<MemberList> list) {
        boolean proven = list.filter(MemberList::quorumRead).isPresent();
        // A refusal without a reason comes at once, before anything is proposed to the cluster.
        boolean harmless = why.kind().nothingDone() || (why.kind() == Kind.REFUSED_WITHOUT_REASON && list.isPresent());
        if (proven || harmless) {
            return list.isPresent() && !shape(list.get().members()).equals(shape(basis.members()))
                    ? new Overtaken(list.get().members())
                    : new Refused(message(why), false);
        }
        return new Uncertain(message(why) + "; "
                + (list.isPresent()
                        ? "the lists read back do not show it, but it may yet come about"
                        : "no list could be read back"));
    }

    private boolean inEffect(List<Member> members) {
        if (change instanceof Add add) {
            return members.stream()
                    .anyMatch(it -> it.peerUrls().stream()
                            .map(PeerUrl::text)
                            .anyMatch(add.peerUrl().text()::equals));
        }
        if (change instanceof Remove remove) {
            return members.stream()
                    .noneMatch(it -> it.id().equals(remove.member().id()));
        }
        if (change instanceof Update update) {
            return members.stream()
                    .anyMatch(it -> it.id().equals(update.member().id())
                            && it.peerUrls().stream()
                                    .map(PeerUrl::text)
                                    .toList()
                                    .equals(List.of(update.peerUrl().text())));
        }
        MemberId promoted = ((Promote) change).member().id();
        return members.stream().anyMatch(it -> it.id().equals(promoted) && it.voter());
    }

    private boolean isRemoved(MemberId id) {
        return change instanceof Remove remove && remove.member().id().equals(id);
    }

    /** What of a member list bears on decisions about it; names and client URLs come and go with restarts. */
    private static Set<List<Object>> shape(List<Member> members) {
        return members.stream()
                .map(it -> List.<Object>of(
                        it.id(),
                        it.peerUrls().stream().map(PeerUrl::text).collect(Collectors.toCollection(HashSet::new)),
                        it.learner()))
                .collect(Collectors.toSet());
    }

    private static String message(Throwable failure) {
        return String.valueOf(EtcdException.of(failure).getMessage());
    }

    private static List<String> plus(List<String> list, String one) {
        List<String> longer = new ArrayList<>(list);
        longer.add(one);
        return longer;
    }

    private static CompletionStage<ChangeOutcome> done(ChangeOutcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }
}
