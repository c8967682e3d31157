package io.etcdaws.membership;

/** What EC2 says of an instance, spelt as its API spells it but for the case. */
public enum InstanceState {
    PENDING,
    RUNNING,
    STOPPING,
    STOPPED,
    SHUTTING_DOWN,
    TERMINATED,
    /** EC2's answer does not hold the instance: never was, long gone, or not visible yet. */
    NOT_FOUND;

    /** Whether it is over for good: an instance never comes back from these states. */
    public boolean terminal() {
        return this == SHUTTING_DOWN || this == TERMINATED;
    }
}
