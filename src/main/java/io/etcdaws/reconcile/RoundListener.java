package io.etcdaws.reconcile;

import java.time.Instant;
import java.util.List;

/** Is told how rounds go, from the reconciler's own thread: must not block, and must not fail. */
public interface RoundListener {
    /** Takes note of nothing. */
    RoundListener NONE = all(List.of());

    /** A round has begun. */
    void began(Instant at);

    /** A round is over, whatever came of it. */
    void ended(Round round);

    /** A change of the membership was tried. */
    void changed(Audit audit);

    /** Tells all of them, in that order. */
    static RoundListener all(List<RoundListener> listeners) {
        List<RoundListener> each = List.copyOf(listeners);
        return new RoundListener() {
            @Override
            public void began(Instant at) {
                each.forEach(listener -> listener.began(at));
            }

            @Override
            public void ended(Round round) {
                each.forEach(listener -> listener.ended(round));
            }

            @Override
            public void changed(Audit audit) {
                each.forEach(listener -> listener.changed(audit));
            }
        };
    }
}
