package io.etcdaws.membership;

/**
 * Something about the cluster or its group that an operator should mend; never acted on.
 *
 * @param kind what kind of thing it is
 * @param message what was seen
 * @param wayOut what to do about it
 */
public record Condition(Kind kind, String message, String wayOut) {
    /** The kinds of conditions. */
    public enum Kind {
        /** A member that maps to no instance that ever was. */
        FOREIGN_MEMBER,
        /** A member that serves, and whose instance the group does not hold. */
        OUTSIDE_GROUP,
        /** More than one cluster among the group's instances. */
        SEVERAL_CLUSTERS,
        /** Versions of etcd in one cluster that etcd does not support side by side. */
        VERSION_SKEW,
        /** Fewer than two availability zones. */
        FEW_ZONES,
        /** An even number of voters where the group is complete. */
        EVEN_VOTERS,
        /** The cluster has etcd's default token. */
        DEFAULT_TOKEN,
        /** The durable mark names another cluster than the one that serves. */
        MARK_DIFFERS,
        /** AWS refuses to record the durable mark. */
        MARK_REFUSED
    }
}
