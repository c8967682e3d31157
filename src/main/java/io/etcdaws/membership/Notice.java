package io.etcdaws.membership;

/**
 * What this node's own metadata tell of its end.
 *
 * @param kind how sure and how soon it is
 * @param detail what the metadata said, for people
 */
public record Notice(Kind kind, String detail) {
    /** How sure and how soon the end is. */
    public enum Kind {
        /** Auto Scaling is taking the instance out of service: its target lifecycle state is {@code Terminated}. */
        TERMINATING,
        /** EC2 ends this spot instance within two minutes. */
        INTERRUPTED,
        /** EC2 may end or stop this spot instance soon: a rebalance recommendation, or a stop that it comes back from. */
        AT_RISK
    }
}
