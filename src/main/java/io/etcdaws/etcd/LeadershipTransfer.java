package io.etcdaws.etcd;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Serving;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Leadership handed from the leader to a voter, from the last look to the proof. It takes no lock, since the members stay as
 * they are, and two that hand over at once only make two elections.
 *
 * <ol>
 *   <li>Probe the voter that is to lead: it must serve with quorum at this moment.
 *   <li>Have the leader hand over.
 *   <li>Unless etcd plainly refused, ask both who leads: at once if etcd confirmed it, else after an election's time.
 * </ol>
 */
final class LeadershipTransfer implements Work {
    private enum Phase {
        PREPARING,
        SENT,
        ABANDONED
    }

    private final EtcdClient client;
    private final Pause pause;
    private final Member to;
    private final ClusterView basis;
    private final Endpoint leader;
    private final Duration probeDeadline;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.PREPARING);

    /**
     * A transfer that has not begun.
     *
     * @param to the voter that is to lead
     * @param basis the cluster that this was decided on
     * @param leader where the present leader is asked
     * @param probeDeadline how long each look at the two may take
     */
    LeadershipTransfer(
            EtcdClient client, Pause pause, Member to, ClusterView basis, Endpoint leader, Duration probeDeadline) {
        this.client = client;
        this.pause = pause;
        this.to = to;
        this.basis = basis;
        this.leader = leader;
        this.probeDeadline = probeDeadline;
    }

    @Override
    public CompletionStage<ChangeOutcome> run() {
        return look(Places.of(to, List.of(leader))).thenCompose(this::move).exceptionally(failure -> {
            String message = "unexpected: " + message(failure);
            return phase.get() == Phase.SENT ? new Uncertain(message) : new Refused(message, false);
        });
    }

    @Override
    public boolean abandon() {
        return phase.compareAndSet(Phase.PREPARING, Phase.ABANDONED) || phase.get() == Phase.ABANDONED;
    }

    private CompletionStage<ChangeOutcome> move(List<PeerState> seen) {
        Optional<Serving> heir = ofThisCluster(seen)
                .filter(it -> it.self().equals(to.id()) && it.healthy() && !it.learner())
                .findFirst();
        if (heir.isEmpty()) {
            return done(new Refused(to + " cannot lead now; what was seen there " + describe(seen), false));
        }
        if (heir.get().leads()) {
            return done(new Changed(basis.members(), to + " led already"));
        }
        if (!phase.compareAndSet(Phase.PREPARING, Phase.SENT)) {
            return done(new Refused("given up before it was sent", false));
        }
        return client.moveLeader(leader, to.id())
                .handle((moved, failure) ->
                        failure == null ? whoLeads("etcd confirmed it") : judge(EtcdException.of(failure)))
                .thenCompose(stage -> stage);
    }

    private CompletionStage<ChangeOutcome> judge(EtcdException why) {
        if (why.kind().nothingDone()) {
            // Never for good: a leader that cannot hand over can still be removed, at the price of an election.
            return done(new Refused(message(why), false));
        }
        return pause.of(LockedChange.LONGER_THAN_AN_ELECTION).thenCompose(passed -> whoLeads(message(why)));
    }

    private CompletionStage<ChangeOutcome> whoLeads(String after) {
        Set<Endpoint> both = new LinkedHashSet<>(Places.of(to, List.of(leader)));
        both.add(leader);
        return look(both).thenApply(seen -> {
            Set<MemberId> leaders = ofThisCluster(seen)
                    .flatMap(it -> it.leader().stream())
                    .collect(Collectors.toCollection(LinkedHashSet::new));
            if (leaders.contains(to.id())) {
                return new Changed(basis.members(), to + " leads; " + after);
            }
            return leaders.isEmpty()
                    ? new Uncertain("nobody told who leads; " + after)
                    : new Refused("not " + to + " but " + leaders.iterator().next() + " leads; " + after, false);
        });
    }

    private CompletionStage<List<PeerState>> look(Set<Endpoint> places) {
        CompletionStage<List<PeerState>> all = CompletableFuture.completedFuture(List.of());
        for (Endpoint place : places) {
            all = all.thenCombine(client.probe(place, probeDeadline).answer(), (states, state) -> {
                List<PeerState> more = new ArrayList<>(states);
                more.add(state);
                return more;
            });
        }
        return all;
    }

    private Stream<Serving> ofThisCluster(List<PeerState> seen) {
        return seen.stream()
                .flatMap(state -> state instanceof Serving serving ? Stream.of(serving) : Stream.empty())
                .filter(serving -> serving.cluster().equals(basis.id()));
    }

    private static String describe(List<PeerState> seen) {
        return seen.stream().map(Describe::state).distinct().collect(Collectors.joining("; "));
    }

    private static String message(Throwable failure) {
        return String.valueOf(EtcdException.of(failure).getMessage());
    }

    private static CompletionStage<ChangeOutcome> done(ChangeOutcome outcome) {
        return CompletableFuture.completedFuture(outcome);
    }
}
