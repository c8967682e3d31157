package io.etcdaws.management;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.SeenCluster;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Whether this node does what it is there for.
 *
 * <p>A member is ready if a probe made now sees its own etcd serve as a voter with quorum, in the cluster that the last
 * observation saw; and it is not leaving. A proxy is ready if the last observation saw a cluster with quorum, and the peers
 * file is in place. Both only while rounds go on. A round that fails, since AWS does not answer, takes nobody's readiness:
 * etcd needs no AWS.
 */
public final class Readiness implements Health, RoundListener {
    /** For how long a probe answers for others that ask. */
    static final Duration REUSED_FOR = Duration.ofSeconds(1);

    /** What the rounds have told. */
    private record Told(Instant nextAt, Observation observation, Optional<Decision> decision) {
        private Optional<SeenCluster> cluster() {
            return SeenCluster.in(observation);
        }
    }

    private record Look(Instant at, CompletionStage<PeerState> state) {}

    private final SteadyClock clock;
    private final Duration latest;
    private final Optional<OwnEtcd> etcd;
    private final Supplier<CompletionStage<Boolean>> peersFilePresent;
    private volatile Optional<Told> told = Optional.empty();
    private volatile boolean leads;
    private Optional<Look> last = Optional.empty();

    private Readiness(
            SteadyClock clock,
            Duration latest,
            Optional<OwnEtcd> etcd,
            Supplier<CompletionStage<Boolean>> peersFilePresent) {
        this.clock = clock;
        this.latest = latest;
        this.etcd = etcd;
        this.peersFilePresent = peersFilePresent;
    }

    /**
     * That of a member.
     *
     * @param clock the reconciler's
     * @param latest how late the end of the next round may be, counted from when it was to begin
     * @param etcd looks at this node's etcd; never asked twice at once
     */
    public static Readiness ofMember(SteadyClock clock, Duration latest, OwnEtcd etcd) {
        return new Readiness(clock, latest, Optional.of(etcd), () -> CompletableFuture.completedFuture(true));
    }

    /**
     * That of a proxy.
     *
     * @param clock the reconciler's
     * @param latest how late the end of the next round may be, counted from when it was to begin
     * @param peersFilePresent tells whether the peers file is in place; must not block
     */
    public static Readiness ofProxy(
            SteadyClock clock, Duration latest, Supplier<CompletionStage<Boolean>> peersFilePresent) {
        return new Readiness(clock, latest, Optional.empty(), peersFilePresent);
    }

    private static Instant nextAt(Round round) {
        return round.endedAt().plus(round.nextIn());
    }

    /** Whether the last probe saw this node's member lead. */
    public boolean leads() {
        return leads;
    }

    @Override
    public void began(Instant at) {
        // Only what it ends with counts.
    }

    @Override
    public void ended(Round round) {
        told = round.observation()
                .map(seen -> new Told(nextAt(round), seen, round.decision()))
                .or(() -> told.map(before -> new Told(nextAt(round), before.observation(), before.decision())));
    }

    @Override
    public void changed(Audit audit) {
        // The next round sees it.
    }

    @Override
    public CompletionStage<Verdict> check() {
        Optional<Told> known = told;
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(
                    Verdict.of(List.of("no round has seen the group and its peers yet")));
        }
        return (etcd.isPresent() ? member(known.get(), etcd.get()) : proxy(known.get()))
                .exceptionally(failure -> Verdict.of(List.of("finding out broke: " + failure)));
    }

    private CompletionStage<Verdict> member(Told known, OwnEtcd own) {
        List<String> problems = new ArrayList<>(ofRounds(known));
        leaving(known).ifPresent(problems::add);
        return look(known, own).thenApply(state -> {
            leads = state instanceof Serving serving && serving.leads();
            ofEtcd(state, known).ifPresent(problems::add);
            return Verdict.of(problems);
        });
    }

    private CompletionStage<Verdict> proxy(Told known) {
        List<String> problems = new ArrayList<>(ofRounds(known));
        if (known.cluster().filter(SeenCluster::quorate).isEmpty()) {
            problems.add("the last observation, of "
                    + clock.told(known.observation().now()) + ", saw no cluster with quorum");
        }
        return peersFilePresent.get().thenApply(present -> {
            if (!present) {
                problems.add("the peers file is not in place");
            }
            return Verdict.of(problems);
        });
    }

    private List<String> ofRounds(Told known) {
        Duration late = Duration.between(known.nextAt(), clock.instant());
        return late.compareTo(latest) > 0
                ? List.of("no round has ended for " + Describe.duration(late)
                        + " since the last one was to begin, which is more than " + Describe.duration(latest))
                : List.of();
    }

    /** A node that may end is not leaving while it only hands its leadership over. */
    private static Optional<String> leaving(Told known) {
        Observation seen = known.observation();
        Optional<String> lifecycle = seen.group()
                .find(seen.self().id())
                .flatMap(self -> self.lifecycle())
                .filter(state -> state.standing() == LifecycleState.Standing.LEAVING)
                .map(state -> "its lifecycle state is " + state);
        Optional<String> notice = seen.continuity()
                .notice()
                .filter(it -> it.kind() != Notice.Kind.AT_RISK)
                .map(Notice::detail);
        Optional<String> decided = known.decision()
                .filter(decision -> !(decision instanceof MoveLeadership))
                .map(Decision::reason)
                .filter(reason -> reason.rule() == Rule.LEAVE)
                .map(reason -> reason.why());
        return lifecycle.or(() -> notice).or(() -> decided).map(why -> "this node is leaving: " + why);
    }

    private synchronized CompletionStage<PeerState> look(Told known, OwnEtcd own) {
        Instant now = clock.instant();
        boolean fresh = last.filter(it -> !it.state().toCompletableFuture().isDone()
                        || Duration.between(it.at(), now).compareTo(REUSED_FOR) < 0)
                .isPresent();
        if (!fresh) {
            last = Optional.of(new Look(now, probe(known, own)));
        }
        return last.orElseThrow().state();
    }

    private static CompletionStage<PeerState> probe(Told known, OwnEtcd own) {
        try {
            return own.probe(known.observation().self().address())
                    .exceptionally(failure -> new Silent("the probe broke: " + failure));
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(new Silent("the probe broke: " + e));
        }
    }

    /** What speaks against it. Of quorum the probe tells, which is fresh; the rounds tell which cluster is ours. */
    private Optional<String> ofEtcd(PeerState state, Told known) {
        String says = "this node's etcd " + Describe.state(state);
        if (!(state instanceof Serving serving) || !serving.healthy() || serving.learner()) {
            return Optional.of(says);
        }
        Optional<ClusterId> ours = known.cluster().map(seen -> seen.view().id());
        if (ours.isEmpty()) {
            return Optional.of(says + ", and the last observation, of "
                    + clock.told(known.observation().now()) + ", saw no cluster, or more than one");
        }
        return ours.get().equals(serving.cluster())
                ? Optional.empty()
                : Optional.of(says + ", and not the cluster that was last seen, " + ours.get());
    }
}
