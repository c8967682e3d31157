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
 * @param number counted from 1, in this run
 * @param observation the last one: of this round, or of an earlier one if this one came to none
 * @param decision the last one, likewise
 * @param conditions what an operator should mend, as of that observation
 * @param result what became of it, for people
 * @param failed whether something did not go as decided, or could not be looked at
 * @param settled whether this node's peers file is in place
 * @param converged whether nothing was left to be done
 * @param nextIn how long it is until the next round
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
}
