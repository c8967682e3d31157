package io.etcdaws.membership;

/** A transition of an instance's life in its group that a lifecycle hook may hold up. */
public enum Transition {
    LAUNCHING,
    TERMINATING
}
