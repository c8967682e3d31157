package io.etcdaws.sandbox;

import java.time.Instant;
import java.util.Optional;

/** Where commands come from. */
@FunctionalInterface
interface Commands {
    /** A wait of a script that took longer than it may. */
    final class TimedOut extends Exception {
        TimedOut(String message) {
            super(message);
        }
    }

    /**
     * What is to be done now, if anything.
     *
     * @param sight made after the last command was carried out
     */
    Optional<Command> next(Sight sight, Instant now) throws TimedOut;
}
