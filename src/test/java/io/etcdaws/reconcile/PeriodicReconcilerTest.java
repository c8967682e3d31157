package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.A;
import static io.etcdaws.reconcile.Samples.B;
import static io.etcdaws.reconcile.Samples.C;
import static io.etcdaws.reconcile.Samples.SELF;
import static io.etcdaws.reconcile.Samples.instance;
import static io.etcdaws.reconcile.Samples.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.AwsFailures;
import io.etcdaws.aws.GroupScanner.Depth;
import io.etcdaws.aws.GroupScanner.LookUp;
import io.etcdaws.aws.GroupScanner.LookedUp;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.Rule;
import io.etcdaws.peersfile.ChangeCommand;
import io.etcdaws.peersfile.ChangeCommandRunner;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** How the periodic mode goes on, round after round, whatever happens. */
class PeriodicReconcilerTest extends ReconcilerFixture {
    private static final Group THREE_MARKED = marked(THREE);

    private static Group marked(Group group) {
        return new Group(group.name(), group.desiredCapacity(), group.instances(), Optional.of("c1"));
    }

    private ActorRef<Reconciler.Command> startPeriodic() {
        return start(Mode.PERIODIC);
    }

    /** All three serve, and this node leads. */
    private void allServe() {
        etcd.answer(1, serving(1, A, B, C));
        etcd.answer(2, serving(2, A, B, C));
        etcd.answer(3, serving(3, A, B, C));
    }

    private void fileIsRight() {
        told(State.NEW).replyTo().tell(new PeersFileWriter.Unchanged(PATH));
    }

    /** Goes through the first round, which puts the file in place, and the second, which finds all well. */
    private ActorRef<Reconciler.Command> converged() {
        allServe();
        ActorRef<Reconciler.Command> reconciler = startPeriodic();
        scanned(THREE_MARKED);
        fileIsRight();
        pass(INTERVAL);
        scanned(THREE_MARKED);
        fileIsRight();
        assertTrue(last().converged(), last().toString());
        return reconciler;
    }

    private Round last() {
        return rounds.get(rounds.size() - 1);
    }

    @Test
    void putsTheFileInPlaceFirstAndThenTurnsToTheUpkeep() {
        allServe();
        startPeriodic();
        scanned(THREE_MARKED);
        fileIsRight();
        assertTrue(last().settled());
        assertFalse(last().converged());
        rests(PAUSES.get(PAUSES.size() - 1));
        scanned(THREE_MARKED);
        fileIsRight();
        assertTrue(last().decision().orElseThrow() instanceof Converged);
    }

    @Test
    void looksOverWhatWasConvergedAndLooksClosely() {
        converged();
        pass(INTERVAL);
        scanned(THREE_MARKED, Depth.LIGHT);
        etcd.answer(3, new NotServing());
        fileIsRight();
        pass(INTERVAL);
        scanned(THREE_MARKED, Depth.LIGHT);
        assertFalse(last().converged());
        pass(INTERVAL);
        scanned(THREE_MARKED, Depth.FULL);
    }

    @Test
    void removesADeadMemberAndLooksAgainAtOnce() {
        converged();
        etcd.answer(3, new NotServing());
        pass(INTERVAL);
        scanned(marked(group(THREE, InstanceState.TERMINATED)));
        var apply = applied();
        assertEquals(new Remove(C), apply.change());
        etcd.answer(1, serving(1, A, B));
        etcd.answer(2, serving(2, A, B));
        machineAhead = Duration.ofDays(365);
        apply.replyTo().tell(new ChangeOutcome.Changed(List.of(A, B), "removed"));
        pass(Duration.ZERO);
        scanned(marked(PAIR));
        assertEquals(1, audits.size());
        Audit audit = audits.get(0);
        assertEquals("2027", audit.at().toString().substring(0, 4));
        assertEquals(List.of(A, B, C), audit.before());
        assertEquals(List.of(A, B), audit.after());
        assertEquals(SELF, audit.who());
    }

    /** The group with its third instance in that state. */
    private static Group group(Group of, InstanceState state) {
        return new Group(
                of.name(),
                of.desiredCapacity(),
                List.of(instance(1), instance(2), Samples.instance("i-0000000c", "10.0.0.3", "InService", state)),
                Optional.empty());
    }

    @Test
    void aRoundThatFailsIsToldAndTheNextStartsFromScratch() {
        converged();
        pass(INTERVAL);
        scanFails(Kind.THROTTLED);
        assertTrue(last().failed());
        assertTrue(last().result().contains("THROTTLED"));
        rests(Duration.ofSeconds(2));
        scanFails(Kind.UNREACHABLE);
        rests(Duration.ofSeconds(3));
        scanned(THREE_MARKED, Depth.FULL);
        fileIsRight();
        assertTrue(last().converged());
        rests(INTERVAL);
    }

    @Test
    void aMissingGroupIsNoEnd() {
        startPeriodic();
        scanFails(Kind.NOT_IN_GROUP);
        pass(CONFIRM_AFTER.multipliedBy(2));
        scanFails(Kind.NOT_IN_GROUP);
        assertEquals(List.of(), outcomes);
    }

    @Test
    void metadataThatCannotBeReadAreReadAgain() {
        spawn(Mode.PERIODIC);
        metadata.expectMessageClass(MetadataReader.Read.class)
                .replyTo()
                .tell(new MetadataReader.MetadataFailed("no token"));
        pass(Duration.ofSeconds(2));
        metadata.expectMessageClass(MetadataReader.Read.class).replyTo().tell(new MetadataReader.Identified(SELF));
        scanned(THREE_MARKED);
    }

    @Test
    void aFileThatCannotBeUsedIsReadAgain() {
        converged();
        LocalFiles good = files;
        files = () -> {
            throw new LocalFiles.Unusable("client.pem holds no certificate", new IOException());
        };
        pass(INTERVAL);
        assertTrue(last().result().contains("client.pem"));
        files = good;
        pass(Duration.ofSeconds(2));
        scanned(THREE_MARKED);
    }

    @Test
    void aPeersFileThatCannotBeWrittenIsTriedAgain() {
        allServe();
        startPeriodic();
        scanned(THREE_MARKED);
        told(State.NEW).replyTo().tell(new PeersFileWriter.WriteFailed("the disk is full"));
        assertFalse(last().settled());
        rests(Duration.ofSeconds(2));
        scanned(THREE_MARKED);
        fileIsRight();
        assertTrue(last().settled());
    }

    @Test
    void aRefusalIsNoEnd() {
        converged();
        etcd.answer(3, new NotServing());
        pass(INTERVAL);
        scanned(marked(group(THREE, InstanceState.TERMINATED)));
        for (int refusal = 0; refusal < 2 * REFUSALS; refusal++) {
            changeEnds(new ChangeOutcome.Refused("unhealthy cluster", false));
            pass(INTERVAL);
            scanned(marked(group(THREE, InstanceState.TERMINATED)));
        }
        assertEquals(List.of(), outcomes);
    }

    /** Right after its file was written a node's etcd starts: it must not be taken for one that has lost its data. */
    @Test
    void anEtcdThatStartsDuringTheRoundHasNotLostItsData() {
        allServe();
        etcd.answer(1, new NotServing());
        data = DataDirectory.EMPTY;
        startPeriodic();
        data = DataDirectory.HOLDS_DATA;
        scanned(THREE_MARKED);
        fileIsRight();
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aNoticeStartsARoundAtOnce() {
        converged();
        isToEnd();
        pass(Duration.ZERO);
        scanned(THREE_MARKED);
        assertEquals(new Remove(A), applied().change());
    }

    @Test
    void aNoticeThatComesWhileItLooksAroundCountsAtOnce() {
        converged();
        pass(INTERVAL);
        isToEnd();
        scanned(THREE_MARKED);
        assertEquals(new Remove(A), applied().change());
    }

    private void isInterrupted() {
        Objects.requireNonNull(notices)
                .tell(new NoticeWatcher.Noticed(
                        Optional.of(new Notice(Notice.Kind.INTERRUPTED, "EC2 will terminate this spot instance"))));
    }

    @Test
    void aSpotInstanceThatEc2TakesLeavesThoughAwsDoesNotAnswer() {
        converged();
        isInterrupted();
        pass(Duration.ZERO);
        scanFails(Kind.UNREACHABLE);
        assertEquals(new Remove(A), applied().change());
    }

    @Test
    void aSpotInstanceThatEc2TakesStaysWhereTheClusterCannotSpareItThoughAwsDoesNotAnswer() {
        converged();
        isInterrupted();
        etcd.answer(2, new NotServing());
        etcd.answer(3, new NotServing());
        pass(Duration.ZERO);
        scanFails(Kind.UNREACHABLE);
        assertEquals(Rule.LEAVE, last().decision().orElseThrow().reason().rule());
        changer.expectNoMessage(Duration.ZERO);
        pass(Duration.ofSeconds(10));
        scanFails(Kind.UNREACHABLE);
    }

    @Test
    void nothingElseIsDecidedOnAGroupThatIsRemembered() {
        converged();
        isInterrupted();
        endpoints = address -> {
            Objects.requireNonNull(notices).tell(new NoticeWatcher.Noticed(Optional.empty()));
            return Samples.endpoint(address);
        };
        etcd.answer(3, new NotServing());
        pass(Duration.ZERO);
        scanFails(Kind.UNREACHABLE);
        assertTrue(last().failed());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void whoseGroupEndsItWaitsUntilAwsAnswers() {
        converged();
        isToEnd();
        pass(Duration.ZERO);
        scanFails(Kind.UNREACHABLE);
        assertTrue(last().failed());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void whoDoesNotKnowItsGroupYetWaitsUntilAwsAnswers() {
        allServe();
        startPeriodic();
        isInterrupted();
        scanFails(Kind.UNREACHABLE);
        assertTrue(last().failed());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void whoHasJustStartedAndIsToEndDoesNotJoin() {
        etcd.answer(1, new NotServing());
        etcd.answer(2, serving(2, C, B));
        etcd.answer(3, serving(3, C, B));
        startPeriodic();
        isToEnd();
        scanned(THREE_MARKED);
        assertEquals(Rule.LEAVE, last().decision().orElseThrow().reason().rule());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aNoticeWhileADecisionIsCarriedOutStartsTheNextRoundRightAfterIt() {
        converged();
        pass(INTERVAL);
        scanned(THREE_MARKED);
        isToEnd();
        fileIsRight();
        scanned(THREE_MARKED);
        assertEquals(new Remove(A), applied().change());
    }

    @Test
    void metadataThatComeAndGoAndSayTheSameAreNoReasonToLook() {
        converged();
        for (int i = 0; i < 3; i++) {
            Objects.requireNonNull(notices).tell(new NoticeWatcher.NoticesUnknown("no answer"));
            Objects.requireNonNull(notices).tell(new NoticeWatcher.Noticed(Optional.empty()));
        }
        rests(INTERVAL);
    }

    @Test
    void holdsAHookInTimeHoweverLongTheIntervalIs() {
        converged();
        etcd.answer(2, new NotServing());
        etcd.answer(3, new NotServing());
        isToEnd();
        pass(Duration.ZERO);
        scanned(withSelf("Terminating:Wait"));
        heldAgain();
        for (int heartbeat = 0; heartbeat < 12; heartbeat++) {
            pass(Duration.ofSeconds(10));
            scanned(withSelf("Terminating:Wait"));
            heldAgain();
        }
        for (int failure = 0; failure < 6; failure++) {
            pass(Duration.ofSeconds(10));
            scanFails(Kind.UNREACHABLE);
        }
    }

    @Test
    void holdsTheHookWhileEtcdRefusesToLetItsMemberGo() {
        converged();
        isToEnd();
        pass(Duration.ZERO);
        scanned(withSelf("Terminating:Wait"));
        changeEnds(new ChangeOutcome.Refused("unhealthy cluster", false));
        heldAgain();
        pass(REFUSAL_DELAY);
        scanned(withSelf("Terminating:Wait"));
        changeEnds(new ChangeOutcome.Locked("i-0000000b"));
        steward.expectNoMessage(Duration.ZERO);
    }

    private void heldAgain() {
        steward.expectMessageClass(GroupSteward.HoldAction.class).replyTo().tell(new GroupSteward.Acted("held"));
    }

    @Test
    void completesALaunchAgainWhenTheInstanceComesBackToIt() {
        converged();
        for (int launch = 0; launch < 2; launch++) {
            pass(INTERVAL);
            scanned(withSelf("Pending:Wait"));
            steward.expectMessageClass(GroupSteward.CompleteAction.class)
                    .replyTo()
                    .tell(new GroupSteward.Acted("completed"));
            pass(INTERVAL);
            scanned(withSelf("Pending:Wait"));
            fileIsRight();
            steward.expectNoMessage(Duration.ZERO);
            pass(INTERVAL);
            scanned(withSelf("Standby"));
            fileIsRight();
        }
    }

    @Test
    void completesALaunchAgainThatStillWaitsAMinuteAfterAwsSaidThatItIsComplete() {
        converged();
        pass(INTERVAL);
        scanned(withSelf("Pending:Wait"));
        steward.expectMessageClass(GroupSteward.CompleteAction.class)
                .replyTo()
                .tell(new GroupSteward.Acted("completed"));
        pass(Duration.ofMinutes(1));
        scanned(withSelf("Pending:Wait"));
        steward.expectMessageClass(GroupSteward.CompleteAction.class);
    }

    @Test
    void goesOnWithTheUpkeepWhereItMayNotCompleteTheLaunch() {
        converged();
        pass(INTERVAL);
        scanned(withSelf("Pending:Wait"));
        steward.expectMessageClass(GroupSteward.CompleteAction.class)
                .replyTo()
                .tell(new GroupSteward.ActionFailed(AwsFailures.of(Kind.DENIED, "not allowed")));
        assertFalse(last().failed());
        pass(INTERVAL);
        scanned(withSelf("Pending:Wait"));
        fileIsRight();
        steward.expectNoMessage(Duration.ZERO);
    }

    /** The group with this instance in that lifecycle state. */
    private static Group withSelf(String lifecycle) {
        return marked(Samples.group(
                Samples.instance("i-0000000a", "10.0.0.1", lifecycle, InstanceState.RUNNING),
                instance(2),
                instance(3)));
    }

    private void isToEnd() {
        Objects.requireNonNull(notices)
                .tell(new NoticeWatcher.Noticed(
                        Optional.of(new Notice(Notice.Kind.TERMINATING, "target-lifecycle-state: Terminated"))));
    }

    @Test
    void aGroupThatLosesTwoAtOnceIsLookedUpAndNotBelieved() {
        converged();
        pass(INTERVAL);
        scanned(marked(ALONE));
        LookUp lookUp = aws.expectMessageClass(LookUp.class);
        assertEquals(2, lookUp.ids().size());
        lookUp.replyTo()
                .tell(new LookedUp(
                        Map.of(instance(2).id(), instance(2), instance(3).id(), instance(3)), Map.of(), Samples.T0));
        Wait wait = (Wait) last().decision().orElseThrow();
        assertTrue(wait.waitingFor().contains("i-0000000b"), wait.toString());
        changer.expectNoMessage(Duration.ZERO);
        writer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void recordsTheMarkAndSaysOnceThatItMayNot() {
        allServe();
        startPeriodic();
        scanned(THREE);
        fileIsRight();
        pass(INTERVAL);
        scanned(THREE);
        GroupSteward.RecordMark record = steward.expectMessageClass(GroupSteward.RecordMark.class);
        assertEquals("c1", record.mark());
        record.replyTo().tell(new GroupSteward.ActionFailed(AwsFailures.of(Kind.DENIED, "not allowed")));
        assertFalse(last().failed());
        pass(INTERVAL);
        scanned(THREE);
        fileIsRight();
        assertTrue(last().converged());
        steward.expectNoMessage(Duration.ZERO);
    }

    @Test
    void runsTheOperatorsCommandAfterTheFileHasChangedAndDoesNotWaitForIt() {
        withChangeCommand = true;
        allServe();
        startPeriodic();
        scanned(THREE_MARKED);
        told(State.NEW).replyTo().tell(new PeersFileWriter.Written(PATH));
        changeCommand.expectMessageClass(ChangeCommandRunner.Run.class);
        pass(INTERVAL);
        scanned(THREE_MARKED);
        fileIsRight();
        changeCommand.expectNoMessage(Duration.ZERO);
    }

    @Test
    void theOneShotModeEndsWhenTheOperatorsCommandHasEnded() {
        withChangeCommand = true;
        start();
        scanned(asMember());
        told(State.NEW).replyTo().tell(new PeersFileWriter.Written(PATH));
        ChangeCommandRunner.Run run = changeCommand.expectMessageClass(ChangeCommandRunner.Run.class);
        assertEquals(List.of(), outcomes);
        run.replyTo().tell(new ChangeCommand.Ran(1, Duration.ofSeconds(1), "reload failed"));
        ended(ExitCode.DONE, "wrote");
    }

    @Test
    void finishesAtOnceWhileNothingIsUnderWay() {
        ActorRef<Reconciler.Command> reconciler = converged();
        reconciler.tell(new Reconciler.Finish());
        ended(ExitCode.DONE, "stopped");
    }

    @Test
    void finishesAfterTheOperatorsCommandThatNobodyWouldRunAgain() {
        withChangeCommand = true;
        allServe();
        ActorRef<Reconciler.Command> reconciler = startPeriodic();
        scanned(THREE_MARKED);
        told(State.NEW).replyTo().tell(new PeersFileWriter.Written(PATH));
        ChangeCommandRunner.Run run = changeCommand.expectMessageClass(ChangeCommandRunner.Run.class);
        reconciler.tell(new Reconciler.Finish());
        assertEquals(List.of(), outcomes);
        pass(INTERVAL);
        aws.expectNoMessage(Duration.ZERO);
        run.replyTo().tell(new ChangeCommand.Ran(0, Duration.ofSeconds(1), ""));
        ended(ExitCode.DONE, "stopped");
    }

    @Test
    void finishesAfterTheChangeThatIsUnderWay() {
        ActorRef<Reconciler.Command> reconciler = converged();
        etcd.answer(3, new NotServing());
        pass(INTERVAL);
        scanned(marked(group(THREE, InstanceState.TERMINATED)));
        var apply = applied();
        reconciler.tell(new Reconciler.Finish());
        assertEquals(List.of(), outcomes);
        apply.replyTo().tell(new ChangeOutcome.Changed(List.of(A, B), "removed"));
        ended(ExitCode.DONE, "stopped");
        assertEquals(1, audits.size());
    }
}
