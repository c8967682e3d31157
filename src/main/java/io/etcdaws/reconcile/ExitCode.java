package io.etcdaws.reconcile;

/** How a run ended, as the process's exit code says it. */
public enum ExitCode {
    /** The peers file is in place, or a plan was made. */
    DONE(0),
    /** An unexpected error: a bug. */
    BUG(1),
    /** Usage or configuration is wrong. */
    CONFIGURATION(2),
    /** Instance metadata are not available or unusable. */
    METADATA(3),
    /** The auto scaling group was not found, is ambiguous, or does not hold this instance. */
    GROUP(4),
    /** The AWS API refused or was not reachable. */
    AWS(5),
    /** No safe decision was reached in time. */
    TIMED_OUT(6),
    /** Going on would risk data or quorum. */
    REFUSED(7),
    /** The peers file cannot be written. */
    PEERS_FILE(8),
    /** etcd refused the membership change. */
    ETCD_REFUSED(9);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The process's exit code. */
    public int code() {
        return code;
    }
}
