package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.B;
import static io.etcdaws.reconcile.Samples.C;
import static io.etcdaws.reconcile.Samples.address;
import static io.etcdaws.reconcile.Samples.endpoint;
import static io.etcdaws.reconcile.Samples.member;
import static io.etcdaws.reconcile.Samples.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger.Apply;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How runs go, and how they end. */
class ReconcilerTest extends ReconcilerFixture {
    @Test
    void writesThePeersFileAndIsDone() {
        Group group = asMember();
        ActorRef<Reconciler.Command> reconciler = start();
        scanned(group);
        told(State.NEW).replyTo().tell(new PeersFileWriter.Written(PATH));
        Outcome outcome = ended(ExitCode.DONE, "wrote " + PATH);
        assertEquals(group, outcome.observation().orElseThrow().group());
        assertInstanceOf(WritePeersFile.class, outcome.decision().orElseThrow());
        writer.expectTerminated(reconciler);
    }

    @Test
    void isDoneIfTheFileIsRightAlready() {
        Group group = asMember();
        start();
        scanned(group);
        told(State.NEW).replyTo().tell(new PeersFileWriter.Unchanged(PATH));
        ended(ExitCode.DONE, PATH + " was right already");
    }

    @Test
    void isDoneIfTheFileIsToStay() {
        data = DataDirectory.HOLDS_DATA;
        peersFile = true;
        Group group = alone();
        start();
        scanned(group);
        ended(ExitCode.DONE, "stays");
        writer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void endsIfTheFileCannotBeWritten() {
        Group group = asMember();
        start();
        scanned(group);
        told(State.NEW).replyTo().tell(new PeersFileWriter.WriteFailed("the disk is full"));
        ended(ExitCode.PEERS_FILE, "the disk is full");
    }

    @Test
    void addsThisNodeThenLooksAgainThenWritesWhatItSees() {
        Group group = asJoiner();
        start();
        scanned(group);
        Apply apply = applied();
        assertEquals(new Add(PeerUrl.parse("http://10.0.0.1:2380"), false), apply.change());
        assertEquals(List.of(B, C), apply.basis().members());
        assertEquals(List.of(endpoint(address(3)), endpoint(address(2))), apply.via(), "the leader first");
        writer.expectNoMessage(Duration.ZERO);

        Member added = member(9, "", "http://10.0.0.1:2380");
        etcd.answer(2, serving(2, C, B, added));
        etcd.answer(3, serving(3, C, B, added));
        apply.replyTo().tell(new ChangeOutcome.Changed(List.of(B, C, added), "added"));

        scanned(group);
        PeersFileWriter.Write write = told(State.EXISTING);
        assertEquals(3, write.cluster().entries().size());
        write.replyTo().tell(new PeersFileWriter.Written(PATH));
        ended(ExitCode.DONE, "wrote");
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void formsAClusterOnceTheGroupWasTheSameForLongEnough() {
        Group group = alone();
        start();
        scanned(group);
        pass(STABLE_MARGIN);
        scanned(group);
        told(State.NEW).replyTo().tell(new PeersFileWriter.Written(PATH));
        ended(ExitCode.DONE, "wrote");
    }

    @Test
    void endsIfTheMetadataCannotBeRead() {
        spawn(Mode.ONCE);
        metadata.expectMessageClass(MetadataReader.Read.class)
                .replyTo()
                .tell(new MetadataReader.MetadataFailed("no token"));
        ended(ExitCode.METADATA, "no token");
        aws.expectNoMessage(Duration.ZERO);
    }

    @Test
    void endsIfAFileThatTheConfigurationNamesCannotBeUsed() {
        files = () -> {
            throw new LocalFiles.Unusable("ca.pem holds no certificate", new IOException());
        };
        start();
        ended(ExitCode.CONFIGURATION, "ca.pem holds no certificate");
        aws.expectNoMessage(Duration.ZERO);
    }

    @Test
    void anUnforeseenFailureToReadFilesIsABug() {
        files = () -> {
            throw new IllegalStateException("unforeseen");
        };
        start();
        ended(ExitCode.BUG, "unforeseen");
    }

    @Test
    void aRoundThatBreaksIsABug() {
        endpoints = address -> {
            throw new IllegalStateException("unforeseen");
        };
        start();
        scanned(ALONE);
        ended(ExitCode.BUG, "unforeseen");
    }

    @Test
    void aChangerThatBreaksIsABug() {
        Group group = asJoiner();
        breakingChanger = true;
        start();
        scanned(group);
        canBeWritten();
        ended(ExitCode.BUG, "unforeseen");
    }

    @Test
    void aPartThatStopsByItselfIsABug() {
        start();
        aws.stop();
        // Its end is told by a thread of the actor system's own.
        Awaitility.await().until(() -> !outcomes.isEmpty());
        ended(ExitCode.BUG, "stopped by itself");
    }

    @ParameterizedTest
    @EnumSource(names = {"DENIED", "THROTTLED", "UNREACHABLE", "NO_CREDENTIALS", "OTHER"})
    void endsIfAwsDoesNotTellTheGroup(Kind kind) {
        start();
        scanFails(kind);
        ended(ExitCode.AWS, "it is " + kind);
    }

    @Test
    void endsAtOnceIfMoreThanOneGroupFits() {
        start();
        scanFails(Kind.AMBIGUOUS);
        ended(ExitCode.GROUP, "it is AMBIGUOUS");
    }

    @ParameterizedTest
    @EnumSource(names = {"NOT_IN_GROUP", "NOT_FOUND"})
    void endsIfThisInstanceIsInNoGroupForLongEnough(Kind kind) {
        start();
        scanFails(kind);
        pass(CONFIRM_AFTER.minusMillis(1));
        scanFails(kind);
        assertEquals(List.of(), outcomes);
        pass(Duration.ofSeconds(1));
        scanFails(kind);
        ended(ExitCode.GROUP, "it is " + kind);
    }

    @Test
    void anInstanceThatItsGroupShowsInBetweenIsNotMissing() {
        Group group = halfAGroup();
        start();
        scanFails(Kind.NOT_IN_GROUP);
        pass(CONFIRM_AFTER.dividedBy(2));
        scanned(group);
        pass(CONFIRM_AFTER.dividedBy(2));
        scanFails(Kind.NOT_IN_GROUP);
        pass(CONFIRM_AFTER.minusMillis(1));
        scanFails(Kind.NOT_IN_GROUP);
        assertEquals(List.of(), outcomes);
    }

    @Test
    void endsIfGoingOnWouldRiskData() {
        data = DataDirectory.HOLDS_DATA;
        Group group = asJoiner();
        start();
        scanned(group);
        Outcome outcome = ended(ExitCode.REFUSED, "way out: move the member/ directory");
        assertInstanceOf(Refuse.class, outcome.decision().orElseThrow());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void timesOutWhileOthersAreWaitedFor() {
        Group group = halfAGroup();
        start();
        scanned(group);
        pass(TIMEOUT.minusMillis(1));
        assertEquals(List.of(), outcomes);
        pass(Duration.ofMillis(1));
        Outcome outcome = ended(ExitCode.TIMED_OUT, "a part of the group must not form a cluster of its own");
        assertInstanceOf(Wait.class, outcome.decision().orElseThrow());
    }

    @Test
    void refusesAtTheEndWhatWouldBeUnsafe() {
        etcd.answer(1, new NotServing());
        etcd.answer(2, new Rejected("certificate required"));
        start();
        scanned(PAIR);
        assertEquals(List.of(), outcomes);
        pass(TIMEOUT);
        ended(ExitCode.REFUSED, "certificate required");
        assertTrue(
                outcomes.get(0).message().contains("way out: correct etcd.tls"),
                outcomes.get(0).message());
    }

    @Test
    void timesOutBeforeTheMetadataWereRead() {
        spawn(Mode.ONCE);
        pass(TIMEOUT);
        ended(ExitCode.METADATA, "still not read");
    }

    @Test
    void timesOutWhileTheMembershipIsChanged() {
        Group group = asJoiner();
        start();
        scanned(group);
        canBeWritten();
        pass(TIMEOUT);
        ended(ExitCode.TIMED_OUT, "having etcd add http://10.0.0.1:2380");
    }

    @Test
    void aPlanIsMadeAndNothingChanged() {
        Group group = asJoiner();
        start(Mode.PLAN);
        scanned(group);
        Outcome outcome = ended(ExitCode.DONE, "planned: add http://10.0.0.1:2380");
        assertInstanceOf(ChangeMembership.class, outcome.decision().orElseThrow());
        changer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aPlanWritesNothing() {
        Group group = asMember();
        start(Mode.PLAN);
        scanned(group);
        ended(ExitCode.DONE, "planned: write the peers file (new, 2 peer URLs)");
        writer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aPlanWaitsForWhatTimeAloneBrings() {
        Group group = alone();
        start(Mode.PLAN);
        scanned(group);
        assertEquals(List.of(), outcomes);
        pass(STABLE_MARGIN);
        scanned(group);
        ended(ExitCode.DONE, "planned: write the peers file (new, 1 peer URL)");
        writer.expectNoMessage(Duration.ZERO);
    }

    @Test
    void aPlanDoesNotWaitForOthers() {
        Group group = halfAGroup();
        start(Mode.PLAN);
        scanned(group);
        ended(ExitCode.DONE, "planned: wait for the group to reach its desired capacity");
    }

    @Test
    void aPlanThatTimesOutTellsWhatItCameTo() {
        Group group = alone();
        start(Mode.PLAN);
        scanned(group);
        pass(TIMEOUT);
        ended(ExitCode.DONE, "planned: wait for the group to stay the same");
    }

    @Test
    void endsOnceWhateverComesLater() {
        Group group = asMember();
        ActorRef<Reconciler.Command> reconciler = start();
        scanned(group);
        PeersFileWriter.Write write = told(State.NEW);
        write.replyTo().tell(new PeersFileWriter.Written(PATH));
        writer.expectTerminated(reconciler);
        write.replyTo().tell(new PeersFileWriter.WriteFailed("late"));
        pass(TIMEOUT);
        ended(ExitCode.DONE, "wrote");
    }

    @Test
    void endsOnceIfTheTimeIsUpBeforeAnAnswer() {
        Group group = asMember();
        ActorRef<Reconciler.Command> reconciler = start();
        scanned(group);
        PeersFileWriter.Write write = told(State.NEW);
        pass(TIMEOUT);
        writer.expectTerminated(reconciler);
        write.replyTo().tell(new PeersFileWriter.Written(PATH));
        ended(ExitCode.TIMED_OUT, "writing the peers file");
    }

    @Test
    void aChangeIsNotMadeWhereTheFileCouldNotBeWrittenAfterwards() {
        start();
        scanned(asJoiner());
        writer.expectMessageClass(PeersFileWriter.Check.class)
                .replyTo()
                .tell(new PeersFileWriter.WriteFailed("the disk is full"));
        changer.expectNoMessage(Duration.ZERO);
        ended(ExitCode.PEERS_FILE, "the disk is full");
    }
}
