package io.etcdaws.reconcile;

import java.time.Duration;

/**
 * The pauses between rounds that wait. They grow, so that a long wait costs little, and stay short enough to notice its
 * end at once.
 */
final class Pauses {
    private final Duration first;
    private final Duration longest;
    private Duration next;

    Pauses(Duration first, Duration longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** The pause to be made now. */
    Duration next() {
        Duration now = next;
        Duration longer = now.multipliedBy(3).dividedBy(2);
        next = longer.compareTo(longest) > 0 ? longest : longer;
        return now;
    }

    /** Something has happened: what comes next may come soon. */
    void startAgain() {
        next = first;
    }
}
