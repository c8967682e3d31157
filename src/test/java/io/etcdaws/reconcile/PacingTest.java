package io.etcdaws.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** How long the pauses between rounds are. */
class PacingTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private static Pacing pacing(Mode mode, Duration interval) {
        ReconcileSettings settings = new ReconcileSettings(
                mode,
                TIMEOUT,
                interval,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofMillis(100),
                Duration.ofMillis(500),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                3);
        return new Pacing(settings, pause -> pause, START);
    }

    private final Pacing pacing = pacing(Mode.PERIODIC, INTERVAL);

    @Test
    void aNodeThatHasItsFileRestsForTheInterval() {
        assertEquals(INTERVAL, pacing.regular());
    }

    @Test
    void aNodeWhoseEtcdStartsWithTheFileLooksSoonAndThenLessOften() {
        assertEquals(Duration.ofMillis(500), pacing.settling());
        assertEquals(Duration.ofMillis(750), pacing.whileWaiting(true, START));
        Duration last = Duration.ZERO;
        for (int round = 0; round < 20; round++) {
            last = pacing.settling();
        }
        assertEquals(INTERVAL, last);
        assertEquals(
                Duration.ofMillis(200),
                pacing(Mode.PERIODIC, Duration.ofMillis(200)).settling());
    }

    @Test
    void aNodeThatWaitsForItsFileLooksWithinMoments() {
        assertEquals(Duration.ofMillis(100), pacing.whileWaiting(false, START));
        assertEquals(Duration.ofMillis(150), pacing.whileWaiting(false, START));
    }

    @Test
    void aNodeThatHasWaitedForLongAsksLessOften() {
        Instant late = START.plus(TIMEOUT).plusMillis(1);
        assertEquals(INTERVAL, pacing.whileWaiting(false, late));
        assertEquals(Duration.ofMillis(100), pacing(Mode.ONCE, INTERVAL).whileWaiting(false, late));
    }

    @Test
    void failuresAreTriedAgainAfterPausesThatGrowUpToAFewIntervals() {
        assertEquals(Duration.ofSeconds(2), pacing.afterFailure());
        assertEquals(Duration.ofSeconds(3), pacing.afterFailure());
        Duration last = Duration.ZERO;
        for (int failure = 0; failure < 20; failure++) {
            last = pacing.afterFailure();
        }
        assertEquals(INTERVAL.multipliedBy(4), last);
    }

    @Test
    void aRoundThatGoesWellForgivesTheFailuresBefore() {
        pacing.afterFailure();
        pacing.afterFailure();
        pacing.regular();
        assertEquals(Duration.ofSeconds(2), pacing.afterFailure());
    }

    @Test
    void failuresWaitNoLongerThanAFewShortIntervals() {
        Pacing brisk = pacing(Mode.PERIODIC, Duration.ofMillis(200));
        assertEquals(Duration.ofMillis(800), brisk.afterFailure());
        assertEquals(Duration.ofMillis(800), brisk.afterFailure());
    }

    @Test
    void refusalsAndConflictsRestLongEnoughForEtcdToSettle() {
        assertEquals(Duration.ofSeconds(2), pacing.afterRefusal());
        assertEquals(Duration.ofSeconds(3), pacing.afterConflict(true));
        assertEquals(Duration.ofMillis(100), pacing.afterConflict(false));
        pacing.madeProgress();
        assertEquals(Duration.ofSeconds(2), pacing.afterRefusal());
    }

    @Test
    void theRegularIntervalIsJittered() {
        Pacing jittered = new Pacing(
                new ReconcileSettings(
                        Mode.PERIODIC,
                        TIMEOUT,
                        INTERVAL,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(2),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        3),
                pause -> pause.plusMillis(7),
                START);
        assertTrue(jittered.regular().toMillis() == INTERVAL.toMillis() + 7);
    }
}
