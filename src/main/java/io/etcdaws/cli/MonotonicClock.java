package io.etcdaws.cli;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Tells the time by what has passed since the start. The wall clock of a machine that boots is stepped when NTP first answers,
 * often by more than the waits before a cluster is formed or a member removed, which would then be over at once.
 */
final class MonotonicClock implements InstantSource {
    private final Instant start;
    private final LongSupplier nanos;
    private final long startNanos;

    /**
     * A clock.
     *
     * @param start the time now
     * @param nanos never steps, as {@link System#nanoTime()}
     */
    MonotonicClock(Instant start, LongSupplier nanos) {
        this.start = start;
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    /** One that starts with the system's time. */
    static MonotonicClock start() {
        return new MonotonicClock(InstantSource.system().instant(), System::nanoTime);
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.getAsLong() - startNanos);
    }
}
