package io.etcdaws.etcd;

import static io.etcdaws.etcd.FakeEtcd.endpoint;
import static io.etcdaws.etcd.FakeEtcd.member;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Overtaken;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LockedChangeTest {
    private static final Add ADD_4 = new Add(PeerUrl.parse("http://10.0.0.4:2380"), true);
    private static final Remove REMOVE_3 = new Remove(member(3, false));
    private static final Update MOVE_3 = new Update(member(3, false), PeerUrl.parse("http://10.0.0.9:2380"));

    private static final Duration LAST_LOOK = Duration.ofSeconds(2);

    private final Set<Lock> unreleased = ConcurrentHashMap.newKeySet();
    private final FakeEtcd etcd = new FakeEtcd(3);
    private final List<Duration> pauses = new ArrayList<>();

    @Test
    void readsLocksReadsAgainChangesAndUnlocks() {
        Changed outcome = assertInstanceOf(Changed.class, apply(ADD_4));
        assertEquals(4, outcome.after().size());
        assertEquals(
                List.of(
                        "10.0.0.1 list",
                        "10.0.0.1 lock",
                        "10.0.0.1 list through quorum",
                        "10.0.0.1 add 10.0.0.4 as learner",
                        "10.0.0.1 unlock"),
                etcd.log);
        assertFalse(pauses.contains(LockedChange.LONGER_THAN_AN_ELECTION));
    }

    @Test
    void removesTheLeaderThroughAnotherMemberAfterItHandedOver() {
        assertInstanceOf(Changed.class, apply(new Remove(member(1, false))));
        assertEquals(
                List.of(
                        "10.0.0.1 list",
                        "10.0.0.2 list",
                        "10.0.0.2 lock",
                        "10.0.0.2 list through quorum",
                        "10.0.0.1 hand over to 2",
                        "10.0.0.2 remove 1",
                        "10.0.0.2 unlock"),
                etcd.log);
    }

    @Test
    void doesNotReadBackFromTheMemberThatItRemoves() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        assertInstanceOf(Changed.class, apply(new Remove(member(1, false))));
        assertTrue(etcd.log.contains("10.0.0.3 list through quorum"), etcd.log.toString());
        assertFalse(etcd.log.contains("10.0.0.1 list through quorum"), etcd.log.toString());
    }

    @Test
    void correctsThePeerUrlOfAVoterAsItChangesAnythingElse() {
        Changed outcome = assertInstanceOf(Changed.class, apply(MOVE_3));
        assertTrue(outcome.after().stream().anyMatch(it -> it.peerUrls().equals(List.of(MOVE_3.peerUrl()))));
        assertEquals(
                List.of(
                        "10.0.0.1 list",
                        "10.0.0.1 lock",
                        "10.0.0.1 list through quorum",
                        "10.0.0.1 update 3 to 10.0.0.9",
                        "10.0.0.1 unlock"),
                etcd.log);
    }

    @Test
    void aPeerUrlIsInEffectOnlyAloneAndExactlySpelt() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        assertInstanceOf(Changed.class, apply(MOVE_3));
        etcd.put(member(3, false));
        etcd.changesTakeEffect = false;
        assertInstanceOf(Refused.class, apply(MOVE_3));
        Member three = member(3, false);
        etcd.beforeChange = () -> etcd.put(new Member(
                three.id(),
                three.name(),
                List.of(MOVE_3.peerUrl(), three.peerUrls().get(0)),
                three.clientUrls(),
                false));
        assertInstanceOf(Overtaken.class, apply(MOVE_3));
    }

    @Test
    void aLearnersPeerUrlIsNeverChanged() {
        etcd.put(member(4, true));
        Update asListed = new Update(member(4, true), MOVE_3.peerUrl());
        Update mistaken = new Update(member(4, false), MOVE_3.peerUrl());
        for (Update update : List.of(asListed, mistaken)) {
            assertTrue(assertInstanceOf(Refused.class, apply(update)).permanent());
        }
        assertEquals(List.of(), etcd.log);
    }

    @Test
    void aMemberThatWasDemotedMeanwhileIsNotMoved() {
        etcd.afterLock = () -> etcd.put(member(3, true));
        assertInstanceOf(Overtaken.class, apply(MOVE_3));
        assertEquals(member(3, true), etcd.members.get(member(3, true).id()));
    }

    @Test
    void noPeerUrlIsChangedUnlessTheOthersAreAQuorumOfAllVoters() {
        etcd.frozen.add("10.0.0.3");
        ClusterView basis = withoutAnswer(etcd.view(), 3);
        List<Endpoint> via = List.of(endpoint(1), endpoint(2));
        Update two = new Update(member(2, false), MOVE_3.peerUrl());
        assertTrue(assertInstanceOf(Refused.class, run(change(two, basis, via)))
                .message()
                .contains("quorum"));
        assertInstanceOf(Changed.class, run(change(MOVE_3, basis, via)));
    }

    @Test
    void aMemberThatStoppedAnsweringWhereItWasListedIsMoved() {
        etcd.afterLock = () -> etcd.frozen.add("10.0.0.3");
        assertInstanceOf(Changed.class, apply(MOVE_3));
    }

    @Test
    void tellsEachStepInOrderAlsoWhereItHadNothingToDo() {
        List<String> steps = List.of("locked", "compared", "handed over", "checked", "sent", "read back", "unlocked");
        assertEquals(steps, stepsOf(() -> apply(ADD_4)));
        assertEquals(steps, stepsOf(() -> apply(new Remove(member(1, false)))));
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        assertEquals(steps, stepsOf(() -> apply(new Remove(member(3, false)))));
    }

    private static List<String> stepsOf(Runnable work) {
        Logger logger = (Logger) LoggerFactory.getLogger(LockedChange.class);
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        Level before = logger.getLevel();
        logger.setLevel(Level.DEBUG);
        logger.addAppender(lines);
        try {
            work.run();
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(before);
        }
        return lines.list.stream()
                .map(ILoggingEvent::getFormattedMessage)
                .map(line -> line.replace("membership change: ", ""))
                .toList();
    }

    @Test
    void passesOverMembersThatDoNotAnswerARead() {
        etcd.mute.add("10.0.0.1");
        assertInstanceOf(Changed.class, apply(REMOVE_3));
        assertTrue(etcd.log.contains("10.0.0.2 remove 3"));
    }

    @Test
    void isRefusedIfNobodyAnswers() {
        etcd.mute.addAll(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        Refused outcome = assertInstanceOf(Refused.class, apply(REMOVE_3));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("10.0.0.2 hangs"), outcome.message());
    }

    @Test
    void asksNoMemberOfAnotherCluster() {
        ClusterView other =
                new ClusterView(new ClusterId(8), etcd.list(), etcd.view().leader(), Map.of());
        ChangeOutcome outcome = run(change(REMOVE_3, other, etcd.voters()));
        assertTrue(assertInstanceOf(Refused.class, outcome).message().contains("another cluster"));
        assertFalse(etcd.log.contains("10.0.0.1 lock"));
    }

    @Test
    void theLastVoterIsNeverRemoved() {
        FakeEtcd single = new FakeEtcd(1);
        LockedChange change = new LockedChange(
                single,
                this::pause,
                "me",
                new Remove(member(1, false)),
                single.view(),
                List.of(endpoint(1)),
                LAST_LOOK,
                unreleased);
        assertTrue(assertInstanceOf(Refused.class, run(change)).permanent());
        assertEquals(List.of("10.0.0.1 list"), single.log);
    }

    @Test
    void respectsTheLockOfAnother() {
        etcd.lockHolder = Optional.of("i-2");
        assertEquals(new ChangeOutcome.Locked("i-2"), apply(REMOVE_3));
        assertFalse(etcd.log.contains("10.0.0.1 unlock"));
    }

    @Test
    void aLockThatIsForbiddenIsRefusedForGoodWithTheWayOut() {
        etcd.lockFailure = failure(Kind.DENIED);
        Refused outcome = assertInstanceOf(Refused.class, apply(REMOVE_3));
        assertTrue(outcome.permanent());
        assertTrue(outcome.message().contains("etcd-aws/membership-lock"), outcome.message());
        assertTrue(outcome.message().contains("root role"), outcome.message());
    }

    @Test
    void withoutQuorumThereIsNoLockAndNoChange() {
        etcd.lockFailure = failure(Kind.UNDECIDED);
        assertFalse(assertInstanceOf(Refused.class, apply(REMOVE_3)).permanent());
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
    }

    @Test
    void isOvertakenByAChangeThatHappenedBeforeTheLock() {
        etcd.afterLock = () -> etcd.put(member(9, true));
        Overtaken outcome = assertInstanceOf(Overtaken.class, apply(REMOVE_3));
        assertEquals(4, outcome.now().size());
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
        assertTrue(etcd.log.contains("10.0.0.1 unlock"));
    }

    @Test
    void isOvertakenIfALearnerWasPromotedMeanwhile() {
        etcd.put(member(5, true));
        etcd.afterLock = () -> etcd.put(member(5, false));
        assertInstanceOf(Overtaken.class, apply(REMOVE_3));
    }

    @Test
    void aMemberThatStartedMeanwhileDoesNotOvertake() {
        etcd.put(new Member(member(3, false).id(), "", member(3, false).peerUrls(), List.of(), false));
        etcd.afterLock = () -> etcd.put(member(3, false));
        assertInstanceOf(Changed.class, apply(REMOVE_3));
    }

    @Test
    void isDoneIfSomebodyElseDidIt() {
        etcd.afterLock = () -> etcd.members.remove(member(3, false).id());
        assertInstanceOf(Changed.class, apply(REMOVE_3));
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
    }

    @Test
    void aTimedOutChangeThatTookEffectIsSeenInAnotherMembersList() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        Changed outcome = assertInstanceOf(Changed.class, apply(REMOVE_3));
        assertTrue(outcome.detail().contains("10.0.0.2"), outcome.detail());
        assertTrue(pauses.contains(LockedChange.LONGER_THAN_AN_ELECTION));
    }

    @Test
    void aTimedOutChangeThatAQuorumDoesNotKnowIsRefused() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        etcd.changesTakeEffect = false;
        assertFalse(assertInstanceOf(Refused.class, apply(REMOVE_3)).permanent());
    }

    @Test
    void aTimedOutChangeThatOnlyLocalListsDoNotShowIsUncertain() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        etcd.changesTakeEffect = false;
        etcd.canReadThroughQuorum = false;
        assertInstanceOf(Uncertain.class, apply(REMOVE_3));
        assertTrue(etcd.log.contains("10.0.0.2 list through quorum"));
        assertTrue(etcd.log.contains("10.0.0.3 list through quorum"));
    }

    @Test
    void aChangeAfterWhichQuorumIsGoneIsUncertainUnlessALocalListShowsIt() {
        etcd.changeFailure = failure(Kind.BROKEN);
        etcd.beforeChange = () -> etcd.quorum = false;
        etcd.changesTakeEffect = false;
        assertInstanceOf(Uncertain.class, apply(REMOVE_3));
        etcd.quorum = true;
        etcd.changesTakeEffect = true;
        assertInstanceOf(Changed.class, apply(REMOVE_3));
    }

    @Test
    void isUncertainIfNobodyCanBeAskedAfterwards() {
        etcd.changeFailure = failure(Kind.TIMED_OUT);
        etcd.beforeChange = () -> etcd.mute.addAll(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"));
        Uncertain outcome = assertInstanceOf(Uncertain.class, apply(REMOVE_3));
        assertTrue(outcome.message().contains("no list could be read back"), outcome.message());
    }

    @Test
    void aDuplicateUrlIsLookedUpWithoutWaiting() {
        etcd.changeFailure = failure(Kind.DUPLICATE_URL);
        assertEquals(4, assertInstanceOf(Changed.class, apply(ADD_4)).after().size());
        assertFalse(pauses.contains(LockedChange.LONGER_THAN_AN_ELECTION));
    }

    @Test
    void anAddMistakenForARemovedMemberIsTriedAnotherTime() {
        etcd.changeFailure = failure(Kind.NOT_FOUND);
        etcd.changesTakeEffect = false;
        Refused outcome = assertInstanceOf(Refused.class, apply(ADD_4));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("same second"), outcome.message());
    }

    @Test
    void aMemberThatIsGoneAlreadyIsRemoved() {
        etcd.changeFailure = failure(Kind.NOT_FOUND);
        assertInstanceOf(Changed.class, apply(REMOVE_3));
    }

    @Test
    void aLearnerThatIsGoneIsNotPromoted() {
        etcd.put(member(4, true));
        etcd.changeFailure = failure(Kind.NOT_FOUND);
        etcd.changesTakeEffect = false;
        etcd.beforeChange = () -> etcd.members.remove(member(4, true).id());
        assertInstanceOf(Overtaken.class, apply(new Promote(member(4, true))));
    }

    @Test
    void aLearnerThatHasItsVoteAlreadyIsPromoted() {
        etcd.put(member(4, true));
        etcd.changeFailure = failure(Kind.NOT_A_LEARNER);
        assertInstanceOf(Changed.class, apply(new Promote(member(4, true))));
    }

    @Test
    void etcdsPlainRefusalsAreFinalAtOnce() {
        etcd.changesTakeEffect = false;
        for (Kind kind : List.of(Kind.NOT_NOW, Kind.CONNECTION_REFUSED, Kind.LEARNER)) {
            etcd.changeFailure = failure(kind);
            assertFalse(assertInstanceOf(Refused.class, apply(ADD_4)).permanent());
        }
        for (Kind kind : List.of(Kind.DENIED, Kind.UNSUPPORTED, Kind.INVALID)) {
            etcd.changeFailure = failure(kind);
            assertTrue(assertInstanceOf(Refused.class, apply(ADD_4)).permanent());
        }
        assertFalse(pauses.contains(LockedChange.LONGER_THAN_AN_ELECTION));
    }

    @Test
    void v2sRefusalWithoutAReasonIsRefusedOnceTheListsDoNotShowIt() {
        etcd.canReadThroughQuorum = false;
        etcd.changesTakeEffect = false;
        etcd.changeFailure = failure(Kind.REFUSED_WITHOUT_REASON);
        assertFalse(assertInstanceOf(Refused.class, apply(ADD_4)).permanent());
    }

    @Test
    void aLockThatCannotBeReleasedDoesNotChangeTheOutcome() {
        etcd.unlockFailure = failure(Kind.TIMED_OUT);
        assertInstanceOf(Changed.class, apply(ADD_4));
    }

    @Test
    void whatWasGivenUpBeforeItWasSentIsNeverSent() {
        LockedChange change = change(REMOVE_3, etcd.view(), etcd.voters());
        etcd.afterLock = () -> assertTrue(change.abandon());
        assertInstanceOf(Refused.class, run(change));
        assertFalse(etcd.log.contains("10.0.0.1 remove 3"));
        assertTrue(etcd.log.contains("10.0.0.1 unlock"));
    }

    @Test
    void whatWasSentCannotBeGivenUp() {
        LockedChange change = change(REMOVE_3, etcd.view(), etcd.voters());
        etcd.beforeChange = () -> assertFalse(change.abandon());
        assertInstanceOf(Changed.class, run(change));
    }

    @Test
    void nothingIsAddedIfAVoterFreezesBetweenTheDecisionAndTheChange() {
        for (boolean learner : List.of(true, false)) {
            etcd.frozen.clear();
            etcd.afterLock = () -> etcd.frozen.add("10.0.0.3");
            Refused outcome =
                    assertInstanceOf(Refused.class, apply(new Add(PeerUrl.parse("http://10.0.0.4:2380"), learner)));
            assertFalse(outcome.permanent());
            assertTrue(
                    outcome.message().contains("m3 (")
                            && outcome.message().contains("stopped answering between the decision and the change"),
                    outcome.message());
        }
        assertEquals(3, etcd.members.size());
        assertEquals("10.0.0.1 unlock", etcd.log.get(etcd.log.size() - 1));
    }

    @Test
    void nobodyIsRemovedAsDeadWhoAnswersAgainBeforeTheChange() {
        ClusterView all = etcd.view();
        Map<MemberId, PeerState> states = new HashMap<>();
        all.members().forEach(member -> states.put(member.id(), all.stateOf(member)));
        states.put(REMOVE_3.member().id(), new PeerState.NotServing());
        ClusterView before = new ClusterView(all.id(), all.members(), all.leader(), states);
        Refused outcome = assertInstanceOf(Refused.class, run(change(REMOVE_3, before, etcd.voters())));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("answers again"), outcome.message());
        assertEquals(3, etcd.members.size());
    }

    @Test
    void nothingIsChangedThroughTheNextVoterIfTheLeaderFreezesBeforeTheLock() {
        etcd.put(member(4, true));
        ClusterView basis = etcd.view();
        List<Endpoint> via = etcd.voters();
        etcd.frozen.add("10.0.0.1");
        for (MembershipChange change : List.of(
                new Add(PeerUrl.parse("http://10.0.0.5:2380"), false), REMOVE_3, new Promote(member(4, true)))) {
            assertInstanceOf(Refused.class, run(change(change, basis, via)));
        }
        assertEquals(basis.members(), etcd.list());
        assertTrue(etcd.log.contains("10.0.0.2 lock"));
    }

    @Test
    void aMemberThatFrozeIsRemoved() {
        etcd.afterLock = () -> etcd.frozen.add("10.0.0.3");
        assertInstanceOf(Changed.class, apply(REMOVE_3));
    }

    @Test
    void allVotersAreProbedOnceUnderTheLock() {
        etcd.afterLock = () -> assertEquals(List.of(), etcd.probed);
        etcd.beforeChange = () -> assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"), etcd.probed);
        assertInstanceOf(Changed.class, apply(ADD_4));
    }

    @Test
    void aVoterThatLostItsQuorumOrItsClusterDoesNotCount() {
        PeerState without = new PeerState.Serving(
                FakeEtcd.CLUSTER,
                member(1, false).id(),
                etcd.list(),
                Optional.empty(),
                false,
                false,
                "3.5.16",
                "3.5.0",
                2,
                9,
                PeerState.Api.V3);
        PeerState foreign = new PeerState.Serving(
                new ClusterId(8),
                member(1, false).id(),
                etcd.list(),
                etcd.view().leader(),
                true,
                false,
                "3.5.16",
                "3.5.0",
                2,
                9,
                PeerState.Api.V3);
        for (PeerState state : List.of(without, foreign, new PeerState.NotServing())) {
            etcd.probe = Optional.of(() -> CompletableFuture.completedFuture(state));
            assertInstanceOf(Refused.class, apply(ADD_4));
        }
        assertEquals(3, etcd.members.size());
    }

    @Test
    void aVoterThatNobodyToldWhereToFindCountsAsNotHealthy() {
        assertInstanceOf(Refused.class, run(change(ADD_4, etcd.view(), List.of(endpoint(1), endpoint(2)))));
        assertEquals(3, etcd.members.size());
    }

    @Test
    void noVoterIsAddedWhereTheServingOnesWouldBeTooFew() {
        FakeEtcd two = new FakeEtcd(3);
        two.frozen.add("10.0.0.3");
        ClusterView basis = withoutAnswer(two.view(), 3);
        List<Endpoint> via = List.of(endpoint(1), endpoint(2));
        Add voter = new Add(PeerUrl.parse("http://10.0.0.4:2380"), false);
        ChangeOutcome refused = run(new LockedChange(two, this::pause, "me", voter, basis, via, LAST_LOOK, unreleased));
        assertTrue(assertInstanceOf(Refused.class, refused).message().contains("quorum"));
        assertInstanceOf(
                Refused.class,
                run(new LockedChange(
                        two, this::pause, "me", new Remove(member(2, false)), basis, via, LAST_LOOK, unreleased)));
        assertEquals(3, two.members.size());
        assertInstanceOf(
                Changed.class, run(new LockedChange(two, this::pause, "me", ADD_4, basis, via, LAST_LOOK, unreleased)));
    }

    @Test
    void aClusterOfOneGrowsByAVoter() {
        FakeEtcd single = new FakeEtcd(1);
        Add voter = new Add(PeerUrl.parse("http://10.0.0.4:2380"), false);
        assertInstanceOf(
                Changed.class,
                run(new LockedChange(
                        single, this::pause, "me", voter, single.view(), List.of(endpoint(1)), LAST_LOOK, unreleased)));
    }

    @Test
    void aLearnerBesideASingleVoterIsPromotedOnlyWhileItServes() {
        FakeEtcd single = new FakeEtcd(1);
        single.put(member(2, true));
        ClusterView basis = single.view();
        single.frozen.add("10.0.0.2");
        Promote promote = new Promote(member(2, true));
        assertInstanceOf(
                Refused.class,
                run(new LockedChange(
                        single, this::pause, "me", promote, basis, List.of(endpoint(1)), LAST_LOOK, unreleased)));
        assertEquals(basis.members(), single.list());
        single.frozen.clear();
        assertInstanceOf(
                Changed.class,
                run(new LockedChange(
                        single, this::pause, "me", promote, basis, List.of(endpoint(1)), LAST_LOOK, unreleased)));
    }

    @Test
    void nothingIsChangedOnAnswersThatWaitedForAProgramThatWasPaused() {
        // The answers to the last look are a minute old when they are read: voters may have failed since.
        Refused outcome = assertInstanceOf(Refused.class, run(pausedAfterReading(2)));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("60000 ms old"), outcome.message());
        assertEquals(3, etcd.members.size());
        assertTrue(etcd.log.contains("10.0.0.1 unlock"), etcd.log.toString());
    }

    @Test
    void nothingIsChangedWhenTheLockMayBeOver() {
        Refused outcome = assertInstanceOf(Refused.class, run(pausedAfterReading(1)));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("lock may be over"), outcome.message());
        assertEquals(3, etcd.members.size());
    }

    /** A change during which a minute passes after the clock was read that often. */
    private LockedChange pausedAfterReading(int times) {
        AtomicInteger readings = new AtomicInteger();
        Pause clock = new Pause() {
            @Override
            public CompletionStage<Void> of(Duration duration) {
                return pause(duration);
            }

            @Override
            public long nanoTime() {
                return readings.getAndIncrement() < times
                        ? 0
                        : Duration.ofMinutes(1).toNanos();
            }
        };
        return new LockedChange(etcd, clock, "me", REMOVE_3, etcd.view(), etcd.voters(), LAST_LOOK, unreleased);
    }

    private static ClusterView withoutAnswer(ClusterView view, int number) {
        Map<MemberId, PeerState> states = new HashMap<>(view.states());
        states.put(new MemberId(number), new PeerState.Silent("hangs"));
        return new ClusterView(view.id(), view.members(), view.leader(), states);
    }

    private ChangeOutcome apply(MembershipChange change) {
        return run(change(change, etcd.view(), etcd.voters()));
    }

    private LockedChange change(MembershipChange change, ClusterView basis, List<Endpoint> via) {
        return new LockedChange(etcd, this::pause, "me", change, basis, via, LAST_LOOK, unreleased);
    }

    private static ChangeOutcome run(LockedChange change) {
        CompletableFuture<ChangeOutcome> outcome = change.run().toCompletableFuture();
        assertTrue(outcome.isDone());
        return outcome.join();
    }

    private CompletableFuture<Void> pause(Duration duration) {
        pauses.add(duration);
        return CompletableFuture.runAsync(() -> {}, Runnable::run);
    }

    private static Optional<EtcdException> failure(Kind kind) {
        return Optional.of(new EtcdException(kind, "etcd says " + kind));
    }
}
