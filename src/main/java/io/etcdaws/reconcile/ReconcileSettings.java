package io.etcdaws.reconcile;

import java.time.Duration;

/**
 * How rounds go.
 *
 * @param mode what is done with decisions
 * @param timeout when the run ends at the latest, counted from its start
 * @param probeTimeout how long a peer has to answer
 * @param lookUpMaxAge how old a look-up of an instance may be before it is repeated
 * @param pollDelay the first pause between rounds while something is waited for; it grows with each round
 * @param pollDelayMax the longest such pause
 * @param refusalDelay the first pause after etcd refused a change that it might accept later; it grows with each refusal
 * @param refusalDelayMax the longest such pause
 * @param refusals how often in a row etcd may refuse a change that it might accept later, before the run fails
 */
public record ReconcileSettings(
        Mode mode,
        Duration timeout,
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
        PLAN
    }
}
