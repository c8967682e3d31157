package io.etcdaws.sandbox;

import java.time.Instant;
import java.util.Optional;

/** Where commands come from. */
interface Commands {
    /** Something that a script wanted did not come about. */
    final class Failed extends Exception {
        Failed(String message) {
            super(message);
        }
    }

    /**
     * What is to be done now, if anything.
     *
     * @param sight made after the last command was carried out
     */
    Optional<Command> next(Sight sight, Instant now) throws Failed;

    /** The last command could not be carried out. */
    void failed(String why) throws Failed;
}
