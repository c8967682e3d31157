package io.etcdaws.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.function.UnaryOperator;

/**
 * How long to rest before the next round. Belongs to one run of one thread.
 *
 * <p>While this node's peers file is not in place, somebody's boot waits for it: rounds follow each other within half a second,
 * for as long as the one-shot mode would wait; after that at the regular interval. Once the file is in place etcd starts with it,
 * so the pauses grow from there to the regular interval. What fails is tried again after pauses that grow, up to a few
 * intervals.
 */
final class Pacing {
    /** A failure may be over in a moment; later ones are not worth a call every other second. */
    private static final Duration FIRST_AFTER_FAILURE = Duration.ofSeconds(2);

    /** Longer than this, and what fails would be found mended much too late. */
    private static final int INTERVALS_AFTER_FAILURES = 4;

    private final ReconcileSettings settings;
    private final UnaryOperator<Duration> jitter;
    private final Instant impatientUntil;
    private final Pauses waiting;
    private final Pauses settling;
    private final Pauses refusals;
    private final Pauses failures;

    /**
     * Paces a run that starts now.
     *
     * @param jitter makes the regular interval a little longer or shorter, so that not all nodes ask at once
     */
    Pacing(ReconcileSettings settings, UnaryOperator<Duration> jitter, Instant now) {
        this.settings = settings;
        this.jitter = jitter;
        this.impatientUntil = now.plus(settings.timeout());
        this.waiting = new Pauses(settings.pollDelay(), settings.pollDelayMax());
        this.settling = new Pauses(shorter(settings.pollDelayMax(), settings.interval()), settings.interval());
        this.refusals = new Pauses(settings.refusalDelay(), settings.refusalDelayMax());
        Duration longest = settings.interval().multipliedBy(INTERVALS_AFTER_FAILURES);
        this.failures = new Pauses(shorter(FIRST_AFTER_FAILURE, longest), longest);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** After a change was made: what comes next may come soon. */
    void madeProgress() {
        waiting.startAgain();
        refusals.startAgain();
        failures.startAgain();
    }

    /** After a round that went well and left nothing to be waited for within moments. */
    Duration regular() {
        failures.startAgain();
        return jitter.apply(settings.interval());
    }

    /** After a round that found this node's file in place, and not yet all converged: etcd may be starting. */
    Duration settling() {
        failures.startAgain();
        return jitter.apply(settling.next());
    }

    /**
     * After a round that waits for something.
     *
     * @param settled whether this node's file is in place
     */
    Duration whileWaiting(boolean settled, Instant now) {
        boolean patient =
                settings.mode() == ReconcileSettings.Mode.PERIODIC && (settled || now.isAfter(impatientUntil));
        if (patient) {
            return settled ? settling() : regular();
        }
        failures.startAgain();
        return waiting.next();
    }

    /**
     * After somebody else was faster with a change, or nobody knows what became of one.
     *
     * @param settled whether this node's file is in place
     */
    Duration afterConflict(boolean settled) {
        return settled ? refusals.next() : waiting.next();
    }

    /** After etcd refused a change that it may accept later. */
    Duration afterRefusal() {
        return refusals.next();
    }

    /** After a round that failed. */
    Duration afterFailure() {
        return jitter.apply(failures.next());
    }
}
