package io.etcdaws.membership;

/** What is known of this node's etcd data directory. */
public enum DataDirectory {
    /** It holds a member's data. */
    HOLDS_DATA,
    /** It was named in the configuration, and there is no member's data in it. */
    EMPTY,
    /** Nothing is seen at the default place; it may be elsewhere or not visible from here. Never taken for empty. */
    UNKNOWN
}
