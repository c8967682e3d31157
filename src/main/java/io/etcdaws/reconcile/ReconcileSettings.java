package io.etcdaws.reconcile;

import java.time.Duration;

/**
 * How rounds go.
 *
 * @param mode what is done with decisions
 * @param timeout when the run ends at the latest, counted from its start; in the periodic mode, how long it asks within
 *     moments for what this node's start waits for
 * @param interval the pause between two rounds of the periodic mode
 * @param probeTimeout how long a peer has to answer
 * @param lookUpMaxAge how old a look-up of an instance may be before it is repeated
 * @param pollDelay the first pause between rounds while something is waited for; it grows with each round
 * @param pollDelayMax the longest such pause
 * @param refusalDelay the first pause after etcd refused a change that it might accept later; it grows with each refusal
 * @param refusalDelayMax the longest such pause
 * @param refusals how often in a row etcd may refuse a change that it might accept later, before a run of the one-shot mode fails
 */
public record ReconcileSettings(
        Mode mode,
        Duration timeout,
        Duration interval,
        Duration probeTimeout,
        Duration lookUpMaxAge,
        Duration pollDelay,
        Duration pollDelayMax,
        Duration refusalDelay,
        Duration refusalDelayMax,
        int refusals) {
    /** What is done with decisions. */
    public enum Mode {
        /** They are carried out until this node's peers file is in place. */
        ONCE,
        /** They are only told. */
        PLAN,
        /** They are carried out, round after round, until the run is told to end. */
        PERIODIC
    }
}
