package io.etcdaws.management;

import static io.etcdaws.management.Sights.T0;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LivenessTest {
    private final HandClock clock = new HandClock();
    private final Liveness liveness = new Liveness(clock, Duration.ofMinutes(5));

    @Test
    void livesBeforeItsFirstRoundForAsLongAsARoundMayLast() {
        clock.forward(Duration.ofMinutes(5));
        assertTrue(lives());
        clock.forward(Duration.ofMillis(1));
        assertFalse(lives());
    }

    @Test
    void livesWhileARoundLastsForSoLong() {
        clock.forward(Duration.ofHours(1));
        liveness.began(clock.instant());
        clock.forward(Duration.ofMinutes(5));
        assertTrue(lives());
        clock.forward(Duration.ofSeconds(1));
        assertFalse(lives());
    }

    @Test
    void livesThroughAPauseAndForSoLongAfterIt() {
        liveness.began(T0);
        liveness.ended(Sights.failed(1));
        clock.forward(Duration.ofSeconds(32).plusMinutes(5));
        assertTrue(lives());
        clock.forward(Duration.ofSeconds(1));
        assertFalse(lives());
    }

    private boolean lives() {
        return liveness.check().toCompletableFuture().join().holds();
    }
}
