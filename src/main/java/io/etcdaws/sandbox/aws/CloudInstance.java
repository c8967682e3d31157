package io.etcdaws.sandbox.aws;

import java.time.Instant;

/**
 * An instance of the group, as Auto Scaling and EC2 tell of it.
 *
 * @param number how many were launched up to this one
 * @param address its private IPv4 address, which no other instance ever had
 * @param lifecycle its lifecycle state in the group; empty when it has left the group
 * @param state its state in EC2, such as {@code running}
 * @param since when it came into its lifecycle state
 */
public record CloudInstance(
        int number, String address, String zone, Instant launchedAt, String lifecycle, String state, Instant since) {
    static final String PENDING = "Pending";
    static final String PENDING_WAIT = "Pending:Wait";
    static final String IN_SERVICE = "InService";
    static final String TERMINATING_WAIT = "Terminating:Wait";
    static final String TERMINATING_PROCEED = "Terminating:Proceed";
    static final String RUNNING = "running";
    static final String SHUTTING_DOWN = "shutting-down";
    static final String TERMINATED = "terminated";

    /** Its id, from which its number can be read. */
    public String id() {
        return String.format("i-%08x", number);
    }

    /** Whether it runs, as EC2 says. */
    boolean runs() {
        return state.equals(RUNNING);
    }

    /** Whether its machine is on, which it still is while it shuts down. */
    public boolean isOn() {
        return runs() || state.equals(SHUTTING_DOWN);
    }

    /** Whether the group lists it. */
    public boolean inGroup() {
        return !lifecycle.isEmpty();
    }

    /** Whether it serves the group. */
    public boolean inService() {
        return runs() && lifecycle.equals(IN_SERVICE);
    }

    /** Whether the group counts on it: it serves, or will. */
    boolean counts() {
        return !over() && (lifecycle.startsWith(PENDING) || lifecycle.equals(IN_SERVICE));
    }

    boolean over() {
        return state.equals(SHUTTING_DOWN) || state.equals(TERMINATED);
    }

    /** Where its group is taking it, as its metadata say. */
    String target() {
        return lifecycle.startsWith(PENDING) || lifecycle.equals(IN_SERVICE) ? IN_SERVICE : "Terminated";
    }

    CloudInstance moved(String newLifecycle, String newState, Instant now) {
        return new CloudInstance(number, address, zone, launchedAt, newLifecycle, newState, now);
    }

    /** The same, with the hook's time begun anew. */
    CloudInstance refreshed(Instant now) {
        return moved(lifecycle, state, now);
    }
}
