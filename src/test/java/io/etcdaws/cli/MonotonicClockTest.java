package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

final class MonotonicClockTest {
    private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void goesOnAsTimePassesFromWhereverTheCounterStands() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1);
        MonotonicClock clock = new MonotonicClock(() -> START, nanos::get);

        assertEquals(START, clock.instant());
        nanos.addAndGet(2_500_000_000L);
        assertEquals(START.plusMillis(2500), clock.instant());
    }

    @Test
    void tellsTimesByTheMachinesClockAsItIsSetNow() {
        AtomicLong nanos = new AtomicLong();
        AtomicReference<Instant> machine = new AtomicReference<>(START);
        MonotonicClock clock = new MonotonicClock(machine::get, nanos::get);
        Instant moment = clock.instant();

        nanos.addAndGet(60_000_000_000L);
        machine.set(START.plusSeconds(86_460));

        assertEquals(START.plusSeconds(60), clock.instant());
        assertEquals(START.plusSeconds(86_400), clock.told(moment));
    }

    @Test
    void startsWithTheTimeOfTheSystem() {
        Instant before = Instant.now();

        assertFalse(MonotonicClock.start().instant().isBefore(before));
    }
}
