package io.etcdaws.management;

import static io.etcdaws.management.Sights.CLUSTER;
import static io.etcdaws.management.Sights.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.management.Health.Verdict;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.SeenCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class ReadinessTest {
    private static final Duration LATEST = Duration.ofMinutes(2);

    private final HandClock clock = new HandClock();
    private final List<Address> probed = new ArrayList<>();
    private CompletionStage<PeerState> etcd = CompletableFuture.completedFuture(serving(1));
    private final Readiness readiness = Readiness.ofMember(clock, LATEST, self -> {
        probed.add(self);
        return etcd;
    });

    @Test
    void isReadyWhileItsEtcdServesAsAVoterOfTheClusterThatWasSeen() {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        assertEquals(new Verdict(true, List.of()), verdict());
        assertEquals(List.of(Sights.address(1)), probed);
        assertTrue(readiness.leads());
    }

    @Test
    void isNotReadyBeforeARoundHasSeenAnything() {
        assertNotReady("no round has seen the group");
        readiness.ended(Sights.failed(1));
        assertNotReady("no round has seen the group");
        assertEquals(List.of(), probed);
    }

    @Test
    void isNotReadyWithoutAnEtcdThatServesNow() {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        etcd = seen(new PeerState.NotServing());
        assertNotReady("runs no etcd");
        etcd = seen(serving(1, CLUSTER, false, false));
        assertNotReady("no quorum");
        etcd = seen(serving(1, CLUSTER, true, true));
        assertNotReady("learner");
        etcd = seen(serving(1, new ClusterId(0xc2), true, false));
        assertNotReady("not the cluster that was last seen, c1");
        etcd = CompletableFuture.failedFuture(new IllegalStateException("a bug"));
        assertNotReady("the probe broke");
        assertFalse(readiness.leads());
    }

    @Test
    void isReadyAsSoonAsTheClusterThatWasSeenHasQuorumAgain() {
        readiness.ended(Sights.round(1, withoutQuorum(), Sights.refusal()));
        assertTrue(verdict().holds());
    }

    @Test
    void isNotReadyIfTheLastRoundSawNotOneCluster() {
        readiness.ended(Sights.round(1, Sights.observation("InService", Optional.empty(), Map.of()), Sights.refusal()));
        assertNotReady("saw no cluster, or more than one");
        Map<Address, PeerState> two =
                Map.of(Sights.address(1), serving(1), Sights.address(2), serving(2, new ClusterId(0xc2), true, false));
        readiness.ended(Sights.round(2, Sights.observation("InService", Optional.empty(), two), Sights.refusal()));
        assertNotReady("saw no cluster, or more than one");
    }

    private static Observation withoutQuorum() {
        return Sights.observation(
                "InService", Optional.empty(), Map.of(Sights.address(1), serving(1, CLUSTER, false, false)));
    }

    @Test
    void isNotReadyOnceTheRoundsHaveStopped() {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        clock.forward(LATEST.plusSeconds(32));
        assertTrue(verdict().holds());
        clock.forward(Duration.ofSeconds(1));
        assertNotReady("no round has ended");
    }

    @Test
    void staysReadyWhileAwsDoesNotAnswer() {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        readiness.ended(Sights.failed(2));
        assertTrue(verdict().holds());
    }

    @Test
    void isNotReadyWhileThisNodeIsLeaving() {
        Notice terminating = new Notice(Notice.Kind.TERMINATING, "its target lifecycle state is Terminated");
        Notice atRisk = new Notice(Notice.Kind.AT_RISK, "a rebalance recommendation");
        Decision hold = new Decision.Refuse("", Sights.reason(Rule.LEAVE));
        readiness.ended(Sights.round(
                1, Sights.observation("Terminating:Wait", Optional.empty(), Sights.peers()), Sights.converged()));
        assertNotReady("this node is leaving: its lifecycle state is Terminating:Wait");
        readiness.ended(Sights.round(
                2, Sights.observation("InService", Optional.of(terminating), Sights.peers()), Sights.converged()));
        assertNotReady("this node is leaving: its target");
        readiness.ended(Sights.round(3, Sights.healthy(), hold));
        assertNotReady("this node is leaving: so it is");
        readiness.ended(Sights.round(
                4, Sights.observation("InService", Optional.of(atRisk), Sights.peers()), Sights.converged()));
        assertTrue(verdict().holds());
        SeenCluster cluster = SeenCluster.in(Sights.healthy()).orElseThrow();
        readiness.ended(Sights.round(
                5,
                Sights.observation("InService", Optional.of(atRisk), Sights.peers()),
                new Decision.MoveLeadership(Sights.MEMBERS.get(1), cluster.view(), Sights.reason(Rule.LEAVE))));
        assertTrue(verdict().holds());
    }

    @Test
    void probesOnceAtATimeAndNotAgainForASecond() {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        CompletableFuture<PeerState> hanging = new CompletableFuture<>();
        etcd = hanging;
        CompletionStage<Verdict> first = readiness.check();
        clock.forward(Duration.ofSeconds(10));
        CompletionStage<Verdict> second = readiness.check();
        hanging.complete(serving(1));
        assertTrue(first.toCompletableFuture().join().holds()
                && second.toCompletableFuture().join().holds());
        assertEquals(1, probed.size());
        verdict();
        assertEquals(2, probed.size());
        clock.forward(Duration.ofMillis(999));
        verdict();
        assertEquals(2, probed.size());
        clock.forward(Duration.ofMillis(1));
        verdict();
        assertEquals(3, probed.size());
    }

    @Test
    void aProxyIsReadyWhereAClusterWasSeenAndTheFileIsInPlace() {
        List<Boolean> present = new ArrayList<>(List.of(false));
        Readiness proxy = Readiness.ofProxy(clock, LATEST, () -> CompletableFuture.completedFuture(present.get(0)));
        proxy.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        assertEquals(
                List.of("the peers file is not in place"),
                proxy.check().toCompletableFuture().join().problems());
        present.set(0, true);
        assertTrue(proxy.check().toCompletableFuture().join().holds());
        assertFalse(proxy.leads());
        proxy.ended(Sights.round(2, withoutQuorum(), Sights.refusal()));
        assertFalse(proxy.check().toCompletableFuture().join().holds());
    }

    private Verdict verdict() {
        return readiness.check().toCompletableFuture().join();
    }

    private void assertNotReady(String why) {
        clock.forward(Readiness.REUSED_FOR);
        Verdict verdict = verdict();
        assertFalse(verdict.holds());
        assertTrue(verdict.problems().stream().anyMatch(it -> it.contains(why)), verdict.problems()::toString);
    }

    private static CompletionStage<PeerState> seen(PeerState state) {
        return CompletableFuture.completedFuture(state);
    }
}
