package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupScanner.Scan;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger.Apply;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster.State;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What comes after what in a run, and after how long. */
class ReconcilerRoundsTest extends ReconcilerFixture {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Queue<Runnable> reads = new ArrayDeque<>();
    private boolean slowDisk;

    @Override
    void execute(Runnable reading) {
        if (slowDisk) {
            reads.add(reading);
        } else {
            reading.run();
        }
    }

    private static ChangeOutcome refused(boolean permanent) {
        return new ChangeOutcome.Refused("unhealthy cluster", permanent);
    }

    private static ChangeOutcome changed() {
        return new ChangeOutcome.Changed(List.of(), "added");
    }

    @Test
    void decidesAfreshAfterPausesThatGrow() {
        Group group = halfAGroup();
        start();
        scanned(group);
        for (Duration pause : PAUSES) {
            rests(pause);
            scanned(group);
        }
        rests(PAUSES.get(PAUSES.size() - 1));
        scanned(asMember());
        told(State.NEW);
    }

    @Test
    void readsTheDiskInEachRound() {
        Group group = halfAGroup();
        start();
        scanned(group);
        data = DataDirectory.HOLDS_DATA;
        peersFile = true;
        rests(PAUSES.get(0));
        scanned(group);
        ended(ExitCode.DONE, "stays");
    }

    @Test
    void aGroupThatDoesNotShowThisInstanceIsAskedAgainAfterAPause() {
        start();
        scanFails(Kind.NOT_IN_GROUP);
        rests(PAUSES.get(0));
        scanFails(Kind.NOT_IN_GROUP);
        rests(PAUSES.get(1));
        scanned(asMember());
        told(State.NEW);
    }

    @Test
    void looksAgainAtOnceAfterAChangeAndWaitsBrieflyFromThenOn() {
        Group half = halfAGroup();
        start();
        scanned(half);
        rests(PAUSES.get(0));
        scanned(half);
        rests(PAUSES.get(1));
        scanned(asJoiner());
        changeEnds(changed());
        scanned(half);
        rests(PAUSES.get(0));
        scanned(half);
    }

    private static Stream<ChangeOutcome> undone() {
        return Stream.of(
                new ChangeOutcome.Overtaken(List.of()),
                new ChangeOutcome.Uncertain("timed out"),
                new ChangeOutcome.Locked("i-0000000b at 10.0.0.2"));
    }

    @ParameterizedTest
    @MethodSource("undone")
    void decidesAfreshAfterAPauseWhenAChangeWasNotMade(ChangeOutcome outcome) {
        Group group = asJoiner();
        start();
        scanned(group);
        for (int round = 0; round <= REFUSALS; round++) {
            changeEnds(outcome);
            rests(PAUSES.get(round));
            scanned(group);
        }
        assertEquals(List.of(), outcomes);
    }

    @Test
    void givesEtcdTimeAfterARefusalAndGivesUpAfterAFew() {
        Group group = asJoiner();
        start();
        scanned(group);
        for (int refusal = 1; refusal < REFUSALS; refusal++) {
            changeEnds(refused(false));
            rests(REFUSAL_DELAY);
            scanned(group);
        }
        changeEnds(refused(false));
        ended(ExitCode.ETCD_REFUSED, "unhealthy cluster");
    }

    @Test
    void aChangeThatWasMadeForgivesTheRefusalsBefore() {
        Group group = asJoiner();
        start();
        scanned(group);
        for (int refusal = 1; refusal < REFUSALS; refusal++) {
            changeEnds(refused(false));
            rests(REFUSAL_DELAY);
            scanned(group);
        }
        changeEnds(changed());
        scanned(group);
        for (int refusal = 1; refusal < REFUSALS; refusal++) {
            changeEnds(refused(false));
            rests(REFUSAL_DELAY);
            scanned(group);
        }
        changeEnds(refused(false));
        ended(ExitCode.ETCD_REFUSED, "unhealthy cluster");
    }

    @Test
    void aRefusalForGoodEndsTheRunAtOnce() {
        Group group = asJoiner();
        start();
        scanned(group);
        changeEnds(refused(true));
        ended(ExitCode.ETCD_REFUSED, "unhealthy cluster");
    }

    @Test
    void whatEtcdRefusedIsToldWhenTheTimeIsUp() {
        Group group = asJoiner();
        start();
        scanned(group);
        rests(TIMEOUT.minusSeconds(1));
        changeEnds(refused(false));
        pass(Duration.ofSeconds(1));
        ended(ExitCode.TIMED_OUT, "it said: unhealthy cluster");
    }

    @Test
    void noRoundBeginsWhileTheDiskIsRead() {
        slowDisk = true;
        Group group = asMember();
        start();
        rests(LONG);
        assertEquals(1, reads.size());
        reads.remove().run();
        scanned(group);
        rests(LONG);
        assertEquals(1, reads.size());
        reads.remove().run();
        told(State.NEW);
        assertTrue(reads.isEmpty());
    }

    @Test
    void noRoundBeginsWhileAnotherObserves() {
        start();
        Scan scan = aws.expectMessageClass(Scan.class);
        rests(LONG);
        aws.expectNoMessage(Duration.ZERO);
        scan.replyTo().tell(new GroupScanner.Scanned(asMember(), T0));
        told(State.NEW);
    }

    @Test
    void noRoundBeginsWhileTheMembershipIsChanged() {
        Group group = asJoiner();
        start();
        scanned(group);
        Apply apply = applied();
        rests(LONG);
        aws.expectNoMessage(Duration.ZERO);
        apply.replyTo().tell(changed());
        scanned(group);
    }

    @Test
    void noRoundBeginsWhileTheFileIsWritten() {
        Group group = asMember();
        start();
        scanned(group);
        told(State.NEW);
        rests(LONG);
        aws.expectNoMessage(Duration.ZERO);
    }
}
