package io.etcdaws.reconcile;

import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Notice;
import java.util.Optional;

/**
 * Where this process stands, as far as decisions must know it. Immutable.
 *
 * @param settled whether it has put the peers file in place
 * @param notice what this node's own metadata tell of its end, if anything
 * @param markRefused whether AWS has refused to record the durable mark
 * @param handedOver whether it has handed its member's leadership over because of the notice
 * @param handled the state of this instance in its group whose lifecycle action was completed, or is none of ours
 */
record Situation(
        boolean settled,
        Optional<Notice> notice,
        boolean markRefused,
        boolean handedOver,
        Optional<LifecycleState> handled) {
    /** Nothing was done or heard of yet. */
    static Situation blank() {
        return new Situation(false, Optional.empty(), false, false, Optional.empty());
    }

    /** The peers file is in place. */
    Situation asSettled() {
        return new Situation(true, notice, markRefused, handedOver, handled);
    }

    /** The metadata say this now; what was done because of something else counts no longer. */
    Situation with(Optional<Notice> heard) {
        return new Situation(settled, heard, markRefused, handedOver && heard.equals(notice), handled);
    }

    /** AWS does not let this node record the mark. */
    Situation withMarkRefused() {
        return new Situation(settled, notice, true, handedOver, handled);
    }

    /** This node's member leads no longer, because of the notice. */
    Situation asHandedOver() {
        return new Situation(settled, notice, markRefused, true, handled);
    }

    /** The group shows this instance in that state now; what was done in another one counts no longer. */
    Situation shown(Optional<LifecycleState> state) {
        return handled.equals(state) ? this : new Situation(settled, notice, markRefused, handedOver, Optional.empty());
    }

    /** Nothing is left to be done for an instance in that state. */
    Situation withHandled(Optional<LifecycleState> state) {
        return new Situation(settled, notice, markRefused, handedOver, state);
    }
}
