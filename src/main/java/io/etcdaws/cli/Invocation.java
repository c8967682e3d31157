package io.etcdaws.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What the command line asks for.
 *
 * @param mode what to do
 * @param dryRun whether it is only decided and told what the mode would do next
 * @param config a configuration file to lay over the defaults
 * @param output how results are printed
 * @param timeout how long to wait for a safe decision, in place of {@code once.timeout}
 * @param forceNewCluster the operator's word that no data is to be kept
 */
public record Invocation(
        Mode mode,
        boolean dryRun,
        Optional<Path> config,
        OutputFormat output,
        Optional<Duration> timeout,
        boolean forceNewCluster) {
    /** What to do. */
    public enum Mode {
        /** Bootstrap or join this node, write the peers file, and exit. */
        ONCE,
        /** As {@link #ONCE}, and then keep the membership converged until SIGTERM. */
        PERIODIC
    }

    /** How results are printed to standard output. */
    public enum OutputFormat {
        TEXT,
        JSON
    }
}
