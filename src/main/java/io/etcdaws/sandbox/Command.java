package io.etcdaws.sandbox;

import java.time.Duration;

/** What the user, or a script, asks for. */
sealed interface Command {
    /** Something that is done to one node, which is named as {@link Sight#find} knows it. */
    record OnNode(Deed deed, String node) implements Command {}

    /** What can be done to a node. */
    enum Deed {
        KILL("kill etcd; its supervisor starts it again after 3 s"),
        HANG("freeze etcd: connections stay, nothing answers"),
        RESUME("let a frozen etcd go on"),
        WIPE("lose the disk with etcd's data, and restart"),
        CUT("cut the node off from the other nodes"),
        HEAL("undo that"),
        TERMINATE("have the group end the instance; its member leaves first"),
        LOSE("lose the instance at once, as when a machine breaks"),
        LOG("show the last lines of the node's logs");

        private final String help;

        Deed(String help) {
            this.help = help;
        }

        String help() {
            return help;
        }
    }

    /** One instance more. */
    record Add() implements Command {}

    /** The group's desired capacity. */
    record Capacity(int instances) implements Command {}

    /** An instance refresh. */
    record Refresh() implements Command {}

    /** All that is known, once. */
    record Show() implements Command {}

    /** A line for the timeline. */
    record Say(String text) implements Command {}

    /** Go on after that time. */
    record Pause(Duration time) implements Command {}

    /**
     * Go on when the cluster is converged, which is an error if that takes longer.
     *
     * @param voters how many it must have; any number if 0
     */
    record Await(int voters, Duration limit) implements Command {}

    record Help() implements Command {}

    record Quit() implements Command {}
}
