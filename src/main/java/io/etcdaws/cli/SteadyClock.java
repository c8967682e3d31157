package io.etcdaws.cli;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The time of day as it was when the program started, and from then on what has passed since. The system's clock may be
 * set at any moment, on a machine that has just started most of all; a minute that never was must not prove anything.
 */
final class SteadyClock implements InstantSource {
    private final Instant start;
    private final LongSupplier nanoTime;
    private final long startNanos;

    /** A clock that starts now. */
    static SteadyClock start() {
        return new SteadyClock(Instant.now(), System::nanoTime);
    }

    SteadyClock(Instant start, LongSupplier nanoTime) {
        this.start = start;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanoTime.getAsLong() - startNanos);
    }
}
