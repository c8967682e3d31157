package io.etcdaws.membership;

/** The rules of {@link Decider}, as logs, plans and metrics name them. */
public enum Rule {
    IDENTITY("1", "identity and group"),
    MEMBER("2a", "already a member that has started"),
    REPLACE("2b", "member whose data directory is empty"),
    LISTED("2c", "listed, never started"),
    RESTART("3", "restart on own data"),
    JOIN("4", "join the cluster"),
    FORM("5a", "form a new cluster"),
    NO_QUORUM("5b", "a cluster is there without quorum"),
    SEVERAL("5c", "more than one cluster"),
    REMOVE("6", "remove a dead member"),
    LEAVE("7a", "leave on purpose"),
    GROUP_LOSS("7b", "a group that lost many at once"),
    PROMOTE("7c", "promote a learner"),
    EXPIRE("7d", "remove a learner without progress"),
    PEER_URL("7e", "correct a changed peer URL"),
    MARK("7f", "record the durable mark"),
    LAUNCHED("7g", "complete this node's launch"),
    CONVERGED("7h", "converged"),
    PROXY("proxy", "only the cluster's addresses are wanted");

    private final String number;
    private final String title;

    Rule(String number, String title) {
        this.number = number;
        this.title = title;
    }

    /** As {@code ARCHITECTURE.md} numbers it. */
    public String number() {
        return number;
    }

    /** What it is about, in a few words. */
    public String title() {
        return title;
    }

    @Override
    public String toString() {
        return "rule " + number + " (" + title + ")";
    }
}
