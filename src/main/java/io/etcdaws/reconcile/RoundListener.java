package io.etcdaws.reconcile;

import java.time.Instant;
import java.util.List;

/** Is told of every round, from the reconciler's thread: it must not block, and must not fail. */
public interface RoundListener {
    /** Nobody listens. */
    RoundListener NONE = all(List.of());

    /** A round begins. */
    void began(Instant at);

    /** A round is over, and the pause before the next begins. */
    void ended(Round round);

    /** A change of the membership was tried. */
    void changed(Audit audit);

    /** Tells all of these, in that order. */
    static RoundListener all(List<RoundListener> listeners) {
        List<RoundListener> everybody = List.copyOf(listeners);
        return new RoundListener() {
            @Override
            public void began(Instant at) {
                everybody.forEach(listener -> listener.began(at));
            }

            @Override
            public void ended(Round round) {
                everybody.forEach(listener -> listener.ended(round));
            }

            @Override
            public void changed(Audit audit) {
                everybody.forEach(listener -> listener.changed(audit));
            }
        };
    }
}
