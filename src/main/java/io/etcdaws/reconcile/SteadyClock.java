package io.etcdaws.reconcile;

import java.time.Instant;
import java.time.InstantSource;

/**
 * A clock that nobody sets, so that the time between two of its instants is what has passed. The clock of the machine may be set
 * after the start, so that people are told times by that.
 */
public interface SteadyClock extends InstantSource {
    /** When a moment of this clock was, or will be, by the clock of the machine as it is set now. */
    Instant told(Instant moment);
}
