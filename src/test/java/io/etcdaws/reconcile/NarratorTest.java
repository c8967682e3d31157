package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.T0;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Reason;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is told, and what is not told again. */
class NarratorTest {
    private static final Reason REASON = new Reason(Rule.RESTART, "there are data", List.of());
    private static final String KEPT =
            "decided to keep the peers file: there are data, by rule 3 (restart on own data)";

    private final Logger logger = (Logger) LoggerFactory.getLogger(Narrator.class);
    private final ListAppender<ILoggingEvent> told = new ListAppender<>();
    private final Narrator narrator = new Narrator(Mode.ONCE);

    @BeforeEach
    void listen() {
        told.start();
        logger.addAppender(told);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(told);
        logger.setLevel(null);
    }

    private void assertTold(String... lines) {
        assertEquals(
                List.of(lines),
                told.list.stream().map(ILoggingEvent::getFormattedMessage).toList());
    }

    private void decided(Decision decision, int second) {
        narrator.decided(decision, T0.plusSeconds(second), Optional.of(Duration.ofSeconds(60)));
    }

    private static Wait waitFor(String what) {
        return new Wait(what, Until.TIME_PASSES, "", REASON);
    }

    @Test
    void aDecisionThatIsMadeAgainIsToldFromTimeToTime() {
        decided(new KeepPeersFile(REASON), 0);
        decided(new KeepPeersFile(REASON), 9);
        assertTold(KEPT);
        decided(new KeepPeersFile(REASON), 10);
        assertTold(KEPT, KEPT);
    }

    @Test
    void aWaitIsTheSameHoweverManySecondsItCounts() {
        String line = "waiting for 3 more seconds, for 60 s at most: there are data, by rule 3 (restart on own data)";
        decided(waitFor("3 more seconds"), 0);
        decided(waitFor("2 more seconds"), 1);
        assertTold(line);
    }

    @Test
    void anotherDecisionIsToldAtOnce() {
        decided(new KeepPeersFile(REASON), 0);
        decided(waitFor("more"), 1);
        decided(new KeepPeersFile(REASON), 2);
        assertEquals(3, told.list.size());
    }

    @Test
    void anObstacleIsToldBesideTheDecisionThatItStandsInTheWayOf() {
        for (int second = 0; second < 10; second++) {
            decided(new KeepPeersFile(REASON), second);
            narrator.cameToNothing("somebody else is at it", T0.plusSeconds(second));
        }
        assertTold(KEPT, "somebody else is at it");
        narrator.cameToNothing("somebody else is at it", T0.plusSeconds(10));
        narrator.cameToNothing("it is too late", T0.plusSeconds(11));
        assertTold(KEPT, "somebody else is at it", "somebody else is at it", "it is too late");
    }
}
