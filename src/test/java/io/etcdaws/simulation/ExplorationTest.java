package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Every order of steps of three nodes, and up to two faults at every step; {@code scripts/simulate --explore} takes more. */
final class ExplorationTest {
    @Test
    void threeNodesFormOneClusterInWhateverOrder() {
        Exploration exploration = new Exploration();

        exploration.bootstrap(2);

        assertTrue(exploration.states() > 10_000, exploration.toString());
        System.out.println("forming: " + exploration);
    }

    @Test
    void aMemberThatEndsIsReplacedInWhateverOrder() {
        Exploration exploration = new Exploration();

        exploration.replace(2);

        assertTrue(exploration.states() > 10_000, exploration.toString());
        System.out.println("replacing: " + exploration);
    }
}
