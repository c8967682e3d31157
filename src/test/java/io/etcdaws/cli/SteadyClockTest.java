package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void goesOnFromItsStartByWhatHasPassed() {
        // As on a machine whose count is just about to run over, which it may.
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
        SteadyClock clock = new SteadyClock(START, nanos::get);
        assertEquals(START, clock.instant());
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        assertEquals(START.plusSeconds(10), clock.instant());
    }
}
