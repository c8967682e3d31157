package io.etcdaws.reconcile;

import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A round that is over.
 *
 * @param number counted from 1, anew when the configuration has changed
 * @param startedAt when it began
 * @param took how long it lasted, a change that it made included
 * @param observation what was seen; empty if it failed before all was seen
 * @param decision what was decided; empty if nothing could be
 * @param conditions what an operator should mend, as far as this round saw
 * @param result what came of it, in a few words for people
 * @param failed whether something kept it from reaching or carrying out its decision
 * @param settled whether this node's peers file is in place
 * @param converged whether all was found as it should be
 * @param nextIn after which pause the next one begins
 */
public record Round(
        long number,
        Instant startedAt,
        Duration took,
        Optional<Observation> observation,
        Optional<Decision> decision,
        List<Condition> conditions,
        String result,
        boolean failed,
        boolean settled,
        boolean converged,
        Duration nextIn) {
    public Round {
        conditions = List.copyOf(conditions);
    }

    /** The same by another clock. */
    public Round startingAt(Instant other) {
        return new Round(
                number, other, took, observation, decision, conditions, result, failed, settled, converged, nextIn);
    }

    /** When it was over. */
    public Instant endedAt() {
        return startedAt.plus(took);
    }
}
