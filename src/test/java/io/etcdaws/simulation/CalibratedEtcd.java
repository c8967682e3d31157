package io.etcdaws.simulation;

import java.util.List;

/** etcd, real or modelled, as the stories of the calibration use it. Nodes are counted from 1. */
final class CalibratedEtcd {
    private CalibratedEtcd() {}

    /** Every answer is a word or two, the same for both. */
    interface Subject extends AutoCloseable {
        /** Starts a node: {@code serves}, {@code forms} if it waits for others, or {@code ends}. */
        String start(int node, String state, List<Integer> list);

        /** Kills a node's process. */
        void kill(int node);

        /** Takes a dead node's data away. */
        void wipe(int node);

        /** Adds a node through another: {@code done}, or a part of the refusal. */
        String add(int via, int node, boolean learner);

        /** Removes a node through another. */
        String remove(int via, int node);

        /** Gives a learner its vote. */
        String promote(int via, int node);

        /** Writes a key: {@code done} or {@code fails}. */
        String write(int via);

        /** The cluster's id. */
        String cluster(int via);

        /** How many members are listed, and how many of them have no vote. */
        String members(int via);

        /** Whether a node's process runs: {@code runs} or {@code ended}. */
        String process(int node);

        /** Lets so much time pass that members are believed to be connected. */
        void rest();

        @Override
        void close();
    }
}
