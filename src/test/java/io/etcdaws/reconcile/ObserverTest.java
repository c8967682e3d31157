package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.A;
import static io.etcdaws.reconcile.Samples.B;
import static io.etcdaws.reconcile.Samples.C;
import static io.etcdaws.reconcile.Samples.SELF;
import static io.etcdaws.reconcile.Samples.T0;
import static io.etcdaws.reconcile.Samples.address;
import static io.etcdaws.reconcile.Samples.group;
import static io.etcdaws.reconcile.Samples.instance;
import static io.etcdaws.reconcile.Samples.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.AwsFailures;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupScanner.Depth;
import io.etcdaws.aws.GroupScanner.LookUp;
import io.etcdaws.aws.GroupScanner.Scan;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Sighting;
import io.etcdaws.reconcile.Observer.ObservationFailed;
import io.etcdaws.reconcile.Observer.Observed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ObserverTest {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    private static final Group THREE = group(instance(1), instance(2), instance(3));
    private static final Group TWO = group(instance(1), instance(2));
    private static final InstanceId ID_OF_C = new InstanceId("i-0000000c");

    private final ActorTestKit testKit = ActorTestKit.create(OneThread.config());
    private final ManualTime time = ManualTime.get(testKit.system());
    private final TestProbe<GroupScanner.Command> aws = testKit.createTestProbe();
    private final TestProbe<Observer.Reply> caller = testKit.createTestProbe();
    private final FakePeers etcd = new FakePeers();
    private DataDirectory data = DataDirectory.EMPTY;

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void readsTheDataDirectoryAfterThePeersHaveTold() {
        etcd.answer(1, new NotServing());
        spawn();
        data = DataDirectory.HOLDS_DATA;
        scanned(group(instance(1)));
        assertEquals(DataDirectory.HOLDS_DATA, observed().observation().dataDirectory());
    }

    private ActorRef<Observer.Command> spawn() {
        return testKit.spawn(Observer.create(
                new Observer.Sources(aws.ref(), etcd, PROBE_TIMEOUT),
                SELF,
                new ObservationDraft(
                        SELF,
                        Samples.policy(Role.MEMBER),
                        Situation.blank(),
                        Samples::endpoint,
                        Duration.ofSeconds(2),
                        Memory.blank()),
                () -> CompletableFuture.completedFuture(new LocalFiles.Found(data, true)),
                Depth.LIGHT,
                () -> T0,
                caller.ref()));
    }

    private void scanned(Group group) {
        aws.expectMessageClass(Scan.class).replyTo().tell(new GroupScanner.Scanned(group, T0));
    }

    private Observed observed() {
        return caller.expectMessageClass(Observed.class);
    }

    private void nothingMore() {
        time.timePasses(Duration.ofMinutes(1));
        caller.expectNoMessage(Duration.ZERO);
        aws.expectNoMessage(Duration.ZERO);
    }

    @Test
    void asksForTheGroupFirstAndAsCloselyAsItIsTold() {
        spawn();
        Scan scan = aws.expectMessageClass(Scan.class);
        assertEquals(SELF, scan.node());
        assertEquals(Depth.LIGHT, scan.depth());
        assertEquals(List.of(), etcd.asked);
    }

    @Test
    void asksAllPeersWithoutWaitingForAnyOfThem() {
        ActorRef<Observer.Command> observer = spawn();
        scanned(THREE);
        assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"), etcd.asked);

        etcd.answer(3, new NotServing());
        etcd.answer(1, new NotServing());
        caller.expectNoMessage(Duration.ZERO);
        etcd.answer(2, new NotServing());

        Observed observed = observed();
        assertEquals(
                Set.of(address(1), address(2), address(3)),
                observed.observation().peers().keySet());
        assertEquals(observed.observation().peers().keySet(), observed.asked().keySet());
        assertEquals(THREE, observed.observation().group());
        assertEquals(DataDirectory.EMPTY, observed.observation().dataDirectory());
        assertTrue(observed.observation().peersFilePresent());
        assertEquals(1, observed.memory().groupScans());
        caller.expectTerminated(observer);
        nothingMore();
    }

    @Test
    void aPeerThatDoesNotAnswerIsSilentAtItsDeadline() {
        spawn();
        etcd.answer(1, new NotServing());
        scanned(TWO);
        time.expectNoMessageFor(PROBE_TIMEOUT.minusMillis(1), caller);
        time.timePasses(Duration.ofMillis(1));
        assertInstanceOf(Silent.class, observed().observation().peers().get(address(2)));
    }

    @Test
    void asksMembersOutsideTheGroupAsSoonAsTheyAreKnown() {
        spawn();
        scanned(TWO);
        etcd.answer(2, serving(2, A, B, C));
        assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"), etcd.asked);

        etcd.answer(1, serving(1, A, B, C));
        caller.expectNoMessage(Duration.ZERO);
        aws.expectNoMessage(Duration.ZERO);
        etcd.answer(3, new NotServing());

        assertEquals(3, etcd.asked.size());
        assertEquals(Set.of(ID_OF_C), aws.expectMessageClass(LookUp.class).ids());
    }

    @Test
    void looksUpTheInstancesOfMembersThatTheGroupDoesNotHold() {
        ActorRef<Observer.Command> observer = spawn();
        etcd.answer(1, serving(1, A, B, C));
        etcd.answer(2, serving(2, A, B, C));
        etcd.answer(3, new NotServing());
        scanned(TWO);

        LookUp lookUp = aws.expectMessageClass(LookUp.class);
        assertEquals(new LookUp(SELF, Set.of(ID_OF_C), Set.of(), lookUp.replyTo()), lookUp);
        caller.expectNoMessage(Duration.ZERO);
        lookUp.replyTo().tell(new GroupScanner.LookedUp(Map.of(), Map.of(), T0.plusSeconds(1)));

        assertEquals(
                Sighting.once(Optional.of(ID_OF_C), InstanceState.NOT_FOUND, false, T0.plusSeconds(1)),
                observed().observation().sightings().get(new MemberId(3)));
        caller.expectTerminated(observer);
        nothingMore();
    }

    @Test
    void looksNothingUpIfTheGroupHoldsAllMembers() {
        spawn();
        etcd.answer(1, serving(1, A, B));
        etcd.answer(2, serving(2, A, B));
        scanned(TWO);
        assertEquals(2, observed().observation().sightings().size());
        nothingMore();
    }

    @Test
    void aFailedScanIsToldOnceAndEndsTheRound() {
        ActorRef<Observer.Command> observer = spawn();
        AwsFailure failure = AwsFailures.of(Kind.DENIED, "not allowed");
        aws.expectMessageClass(Scan.class).replyTo().tell(new GroupScanner.ScanFailed(failure));
        assertEquals(new ObservationFailed(failure), caller.receiveMessage());
        caller.expectTerminated(observer);
        assertEquals(List.of(), etcd.asked);
        nothingMore();
    }

    @Test
    void aFailedLookUpIsToldOnceAndEndsTheRound() {
        ActorRef<Observer.Command> observer = spawn();
        etcd.answer(1, serving(1, A, B, C));
        etcd.answer(2, serving(2, A, B, C));
        etcd.answer(3, new NotServing());
        scanned(TWO);
        AwsFailure failure = AwsFailures.of(Kind.UNREACHABLE, "no answer");
        aws.expectMessageClass(LookUp.class).replyTo().tell(new GroupScanner.LookUpFailed(failure));
        assertEquals(new ObservationFailed(failure), caller.receiveMessage());
        caller.expectTerminated(observer);
        nothingMore();
    }

    @Test
    void aProbeThatBreaksIsNoAbsence() {
        etcd.breaks = true;
        ActorRef<Observer.Command> observer = spawn();
        scanned(TWO);
        Observed observed = (Observed) caller.receiveMessage();
        observed.observation().peers().values().forEach(state -> assertInstanceOf(PeerState.Silent.class, state));
        caller.expectTerminated(observer);
        nothingMore();
    }

    @Test
    void takesItsProbesAlongWhenItIsStopped() {
        ActorRef<Observer.Command> observer = spawn();
        etcd.answer(2, new NotServing());
        scanned(THREE);
        etcd.closed.clear();
        testKit.stop(observer);
        assertEquals(Set.of("10.0.0.1", "10.0.0.3"), Set.copyOf(etcd.closed));
        nothingMore();
    }
}
