package io.etcdaws.cli;

/** How a run ended, for scripts and units. The numbers are promised to users. */
public enum ExitCode {
    /** The peers file is in place, written now or already right; for {@code plan}: a decision was reached. */
    DONE(0),
    /** A bug: an unexpected error, with its stack trace in the log. */
    BUG(1),
    /** The command line or the configuration is wrong; the message names the option or the key. */
    CONFIGURATION(2),
    /** The instance metadata is not available or not usable. */
    METADATA(3),
    /** The auto scaling group was not found, is ambiguous, or does not hold this instance. */
    GROUP(4),
    /** An AWS API refused or could not be reached; the message says which action, and which permission it needs. */
    AWS(5),
    /** The time was up before a safe decision could be made; the message says what was waited for. */
    TIMEOUT(6),
    /** Going on would risk data or quorum; the message says by which rule, and how to overrule it. */
    REFUSED(7),
    /** The peers file cannot be written. */
    PEERS_FILE(8),
    /** etcd refused the membership change. */
    ETCD_REFUSED(9);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** The process's exit status. */
    public int number() {
        return number;
    }
}
