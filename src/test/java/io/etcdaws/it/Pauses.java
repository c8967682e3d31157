package io.etcdaws.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting where there is nothing to wait for but time. */
final class Pauses {
    private Pauses() {}

    /** Sleeps that long, or until the thread is interrupted. */
    static void sleep(Duration duration) {
        long until = System.nanoTime() + duration.toNanos();
        long left = duration.toNanos();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = until - System.nanoTime();
        }
    }
}
