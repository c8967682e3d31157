package io.etcdaws.cli;

import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Tells the time by what has passed since the start. The wall clock of a machine that boots is stepped when NTP first answers,
 * often by more than the waits before a cluster is formed or a member removed, which would then be over at once.
 */
public final class MonotonicClock implements SteadyClock {
    private final InstantSource machine;
    private final Instant start;
    private final LongSupplier nanos;
    private final long startNanos;

    /**
     * A clock.
     *
     * @param machine the clock of the machine, the time of which this one starts with
     * @param nanos never steps, as {@link System#nanoTime()}
     */
    public MonotonicClock(InstantSource machine, LongSupplier nanos) {
        this.machine = machine;
        this.start = machine.instant();
        this.nanos = nanos;
        this.startNanos = nanos.getAsLong();
    }

    /** One that starts with the system's time. */
    static MonotonicClock start() {
        return new MonotonicClock(InstantSource.system(), System::nanoTime);
    }

    @Override
    public Instant instant() {
        return start.plusNanos(nanos.getAsLong() - startNanos);
    }

    @Override
    public Instant told(Instant moment) {
        return machine.instant().plus(Duration.between(instant(), moment));
    }
}
