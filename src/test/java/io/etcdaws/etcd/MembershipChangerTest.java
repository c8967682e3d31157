package io.etcdaws.etcd;

import static io.etcdaws.etcd.FakeEtcd.member;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.MembershipChanger.Apply;
import io.etcdaws.etcd.MembershipChanger.HandOver;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MembershipChangerTest {
    private static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofSeconds(53);

    private final ActorTestKit testKit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(testKit.system());
    private final TestProbe<ChangeOutcome> caller = testKit.createTestProbe();
    private final FakeEtcd etcd = new FakeEtcd(3);

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void repliesHowTheChangeEndedAndTakesTheNext() {
        ActorRef<MembershipChanger.Command> changer = spawn(etcd);
        changer.tell(removal(3));
        assertInstanceOf(Changed.class, caller.receiveMessage());
        changer.tell(removal(2));
        assertInstanceOf(Changed.class, caller.receiveMessage());
        time.timePasses(LONGEST);
        caller.expectNoMessage(Duration.ZERO);
    }

    @Test
    void releasesTheLockThatItsEarlierChangeLeft() {
        ActorRef<MembershipChanger.Command> changer = spawn(etcd);
        etcd.unlockFailure = Optional.of(new EtcdException(Kind.TIMED_OUT, "hangs"));
        changer.tell(removal(3));
        assertInstanceOf(Changed.class, caller.receiveMessage());
        etcd.unlockFailure = Optional.empty();
        changer.tell(removal(2));
        assertInstanceOf(Changed.class, caller.receiveMessage());
    }

    @Test
    void leavesTheLockOfAnotherProcessOfTheSameName() {
        etcd.lockHolder = Optional.of("me");
        spawn(etcd).tell(removal(3));
        assertInstanceOf(ChangeOutcome.Locked.class, caller.receiveMessage());
        assertFalse(etcd.log.contains("10.0.0.1 unlock"));
    }

    @Test
    void waitsForAnElectionBeforeItReadsBack() {
        etcd.changeFailure = Optional.of(new EtcdException(Kind.TIMED_OUT, "hangs"));
        spawn(etcd).tell(removal(3));
        Awaitility.await().until(() -> etcd.log.contains("10.0.0.1 remove 3"));
        time.expectNoMessageFor(LockedChange.LONGER_THAN_AN_ELECTION.minusMillis(100), caller);
        time.timePasses(Duration.ofMillis(100));
        assertInstanceOf(Changed.class, caller.receiveMessage());
    }

    @Test
    void handsLeadershipOverAndRepliesHowThatEnded() {
        ActorRef<MembershipChanger.Command> changer = spawn(etcd);
        changer.tell(handOver());
        assertInstanceOf(Changed.class, caller.receiveMessage());
        assertFalse(etcd.log.contains("10.0.0.1 lock"));
    }

    @Test
    void handsNothingOverDuringAChange() {
        ActorRef<MembershipChanger.Command> changer = spawn(new HangingEtcd(etcd, "lock"));
        changer.tell(removal(3));
        changer.tell(handOver());
        assertInstanceOf(Refused.class, caller.receiveMessage());
    }

    @Test
    void aHandOverThatHangsIsUncertainAtTheDeadline() {
        HangingEtcd hanging = new HangingEtcd(etcd, "move");
        spawn(hanging).tell(handOver());
        Awaitility.await().until(() -> hanging.reached);
        time.timePasses(LONGEST);
        assertInstanceOf(Uncertain.class, caller.receiveMessage());
    }

    private HandOver handOver() {
        return new HandOver(member(2, false), etcd.view(), FakeEtcd.endpoint(1), caller.ref());
    }

    @Test
    void makesOneChangeAtATime() {
        ActorRef<MembershipChanger.Command> changer = spawn(new HangingEtcd(etcd, "lock"));
        changer.tell(removal(3));
        changer.tell(removal(2));
        Refused second = assertInstanceOf(Refused.class, caller.receiveMessage());
        assertFalse(second.permanent());
    }

    @Test
    void givesUpAtItsDeadlineBeforeAnythingWasSent() {
        ActorRef<MembershipChanger.Command> changer = spawn(new HangingEtcd(etcd, "lock"));
        changer.tell(removal(3));
        time.expectNoMessageFor(LONGEST.minusMillis(1), caller);
        time.timePasses(Duration.ofMillis(1));
        assertInstanceOf(Refused.class, caller.receiveMessage());
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
    }

    @Test
    void isUncertainAtItsDeadlineAfterItWasSent() {
        HangingEtcd hanging = new HangingEtcd(etcd, "remove");
        spawn(hanging).tell(removal(3));
        Awaitility.await().until(() -> hanging.reached);
        time.timePasses(LONGEST);
        assertInstanceOf(Uncertain.class, caller.receiveMessage());
    }

    @Test
    void givesUpWhenItIsStopped() {
        HangingEtcd hanging = new HangingEtcd(etcd, "lock");
        ActorRef<MembershipChanger.Command> changer = spawn(hanging);
        changer.tell(removal(3));
        Awaitility.await().until(() -> hanging.reached);
        testKit.stop(changer);
        hanging.letGo();
        assertTrue(etcd.log.contains("10.0.0.1 unlock"));
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
    }

    private ActorRef<MembershipChanger.Command> spawn(EtcdClient client) {
        return testKit.spawn(MembershipChanger.create(client, "me", CHANGE_TIMEOUT, System::nanoTime));
    }

    private Apply removal(int number) {
        return new Apply(new Remove(member(number, false)), etcd.view(), etcd.voters(), caller.ref());
    }

    /** Never gets beyond one call, until it is let go. */
    private static final class HangingEtcd implements EtcdClient {
        private final EtcdClient etcd;
        private final String hangingAt;
        private final CompletableFuture<Boolean> gate = new CompletableFuture<>();
        volatile boolean reached;

        HangingEtcd(EtcdClient etcd, String hangingAt) {
            this.etcd = etcd;
            this.hangingAt = hangingAt;
        }

        void letGo() {
            gate.complete(true);
        }

        private <T> CompletionStage<T> pass(String call, Supplier<CompletionStage<T>> onward) {
            if (!call.equals(hangingAt)) {
                return onward.get();
            }
            reached = true;
            return gate.thenCompose(open -> onward.get());
        }

        @Override
        public Call<PeerState> probe(Endpoint peer, Duration deadline) {
            return etcd.probe(peer, deadline);
        }

        @Override
        public CompletionStage<MemberList> members(Endpoint via, boolean quorumRead) {
            return etcd.members(via, quorumRead);
        }

        @Override
        public CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner) {
            return etcd.add(via, peerUrl, learner);
        }

        @Override
        public CompletionStage<List<Member>> remove(Endpoint via, MemberId member) {
            return pass("remove", () -> etcd.remove(via, member));
        }

        @Override
        public CompletionStage<List<Member>> promote(Endpoint via, MemberId member) {
            return etcd.promote(via, member);
        }

        @Override
        public CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl) {
            return etcd.update(via, member, peerUrl);
        }

        @Override
        public CompletionStage<Void> moveLeader(Endpoint leader, MemberId target) {
            return pass("move", () -> etcd.moveLeader(leader, target));
        }

        @Override
        public CompletionStage<LockAttempt> lock(Endpoint via, String holder) {
            return pass("lock", () -> etcd.lock(via, holder));
        }

        @Override
        public CompletionStage<Void> unlock(Endpoint via, Lock lock) {
            return etcd.unlock(via, lock);
        }
    }
}
