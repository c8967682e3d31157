package io.etcdaws.etcd;

import io.etcdaws.membership.Member;
import java.util.List;

/** How a change of the membership, or of who leads, ended. */
public sealed interface ChangeOutcome {
    /**
     * The change is in effect, by this call or by somebody else.
     *
     * @param after the member list with the change
     * @param detail how it came about, for people
     */
    record Changed(List<Member> after, String detail) implements ChangeOutcome {
        public Changed {
            after = List.copyOf(after);
        }
    }

    /**
     * The change was not made, and will not come about by itself.
     *
     * @param message who refused it and why, for people
     * @param permanent whether trying again is of no use until somebody changes something
     */
    record Refused(String message, boolean permanent) implements ChangeOutcome {}

    /**
     * Somebody else is changing the membership at this moment, so nothing was tried: look again.
     *
     * @param holder who; the lock of one that crashed expires by itself
     */
    record Locked(String holder) implements ChangeOutcome {}

    /**
     * The cluster is not the one that the change was decided on, so nothing was changed: decide afresh.
     *
     * @param now the member list as it is
     */
    record Overtaken(List<Member> now) implements ChangeOutcome {
        public Overtaken {
            now = List.copyOf(now);
        }
    }

    /**
     * Whether the change was made, or will yet be, could not be found out: look again before anything else is decided.
     *
     * @param message what happened, for people
     */
    record Uncertain(String message) implements ChangeOutcome {}
}
