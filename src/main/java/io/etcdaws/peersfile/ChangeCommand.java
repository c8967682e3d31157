package io.etcdaws.peersfile;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The operator's command that runs after the peers file has changed, for whatever must take notice of that.
 *
 * @param argv the program and its arguments, as it gets them; no shell is involved
 * @param deadline how long it may run; positive
 * @param peersFile the file that has changed; absolute
 */
public record ChangeCommand(List<String> argv, Duration deadline, Path peersFile) {
    /** The environment variable that tells the command where the peers file is. */
    static final String PATH_VARIABLE = "ETCD_AWS_PEERS_FILE_PATH";

    /**
     * Checks what each value must fulfil.
     *
     * @throws IllegalArgumentException if there is no program to run, or no time for it
     */
    public ChangeCommand {
        argv = List.copyOf(argv);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("a command is at least the name of a program");
        }
        if (deadline.isNegative() || deadline.isZero()) {
            throw new IllegalArgumentException("the deadline " + deadline + " is not positive");
        }
    }

    /** What came of a run. */
    public sealed interface Result {}

    /**
     * It ended before its deadline.
     *
     * @param exitCode 0 for success by convention; 128 and the signal's number if a signal ended it
     * @param took how long it ran
     * @param output the end of what it wrote to both of its outputs
     */
    public record Ran(int exitCode, Duration took, String output) implements Result {}

    /**
     * It was ended at its deadline, with all that it had started.
     *
     * @param after the deadline
     * @param output the end of what it had written to both of its outputs
     */
    public record TimedOut(Duration after, String output) implements Result {}

    /**
     * It never ran.
     *
     * @param message which program, and why, for people
     */
    public record CouldNotStart(String message) implements Result {}
}
