package io.etcdaws.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.EtcdProbe.Probed;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.PeerState;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EtcdProbeTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Endpoint PEER = FakeEtcd.endpoint(1);

    private final ActorTestKit testKit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(testKit.system());
    private final TestProbe<Probed> caller = testKit.createTestProbe();
    private final FakeEtcd etcd = new FakeEtcd(1);
    private final CompletableFuture<PeerState> answer = new CompletableFuture<>();

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void tellsWhatWasSeenAndStops() {
        ActorRef<EtcdProbe.Command> probe = spawn();
        answer.complete(new PeerState.NotServing());
        assertEquals(new Probed(PEER, new PeerState.NotServing()), caller.receiveMessage());
        caller.expectTerminated(probe);
        time.timePasses(DEADLINE);
        caller.expectNoMessage(Duration.ZERO);
    }

    @Test
    void tellsByItsDeadlineWhatWasOpenAndClosesIt() {
        ActorRef<EtcdProbe.Command> probe = spawn();
        time.expectNoMessageFor(DEADLINE.minusMillis(1), caller);
        time.timePasses(Duration.ofMillis(1));
        PeerState.Silent seen =
                assertInstanceOf(PeerState.Silent.class, caller.receiveMessage().state());
        assertTrue(seen.detail().contains("still waiting for GET http://10.0.0.1:2379/version"), seen.detail());
        caller.expectTerminated(probe);
        assertTrue(etcd.probeCancelled);
    }

    @Test
    void repliesOnlyOnceIfTheAnswerComesTooLate() {
        ActorRef<EtcdProbe.Command> probe = spawn();
        time.timePasses(DEADLINE);
        caller.receiveMessage();
        answer.complete(new PeerState.NotServing());
        caller.expectTerminated(probe);
        caller.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void closesWhatIsOpenAndSaysNothingIfItIsStopped() {
        ActorRef<EtcdProbe.Command> probe = spawn();
        testKit.stop(probe);
        assertTrue(etcd.probeCancelled);
        caller.expectNoMessage(Duration.ofMillis(50));
    }

    @Test
    void aFaultOfTheClientIsNotTakenForAbsence() {
        spawn();
        answer.completeExceptionally(new IllegalStateException("a bug"));
        PeerState.Silent seen =
                assertInstanceOf(PeerState.Silent.class, caller.receiveMessage().state());
        assertTrue(seen.detail().contains("a bug"), seen.detail());
    }

    @Test
    void repliesOnceIfTheClientThrows() {
        etcd.probe = Optional.of(() -> {
            throw new IllegalStateException("a bug");
        });
        ActorRef<EtcdProbe.Command> probe = testKit.spawn(EtcdProbe.create(etcd, PEER, DEADLINE, caller.ref()));
        assertInstanceOf(PeerState.Silent.class, caller.receiveMessage().state());
        caller.expectTerminated(probe);
        caller.expectNoMessage(Duration.ofMillis(50));
    }

    private ActorRef<EtcdProbe.Command> spawn() {
        etcd.probe = Optional.of(() -> answer);
        return testKit.spawn(EtcdProbe.create(etcd, PEER, DEADLINE, caller.ref()));
    }
}
