package io.etcdaws.management;

import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.time.Instant;

/** A clock that stands still until it is set forward. */
final class HandClock implements SteadyClock {
    private volatile Instant now = Sights.T0;
    private volatile Duration set = Duration.ZERO;

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public Instant told(Instant moment) {
        return moment.plus(set);
    }

    /** The machine's clock is set to be so much ahead. */
    void setMachine(Duration ahead) {
        set = ahead;
    }

    void forward(Duration by) {
        now = now.plus(by);
    }
}
