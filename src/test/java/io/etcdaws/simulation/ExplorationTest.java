package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

final class ExplorationTest {
    private static final int CALLS = Integer.getInteger("simulation.calls", 3);

    @Test
    void anyTwoCrashesLeaveAGroupOfThreeThatConverges() {
        Logger own = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("io.etcdaws");
        Level before = own.getLevel();
        own.setLevel(Level.OFF);
        try {
            Exploration exploration = new Exploration();

            assertEquals(Optional.empty(), exploration.explore(CALLS));

            System.out.println(
                    "explored " + exploration.schedules() + " schedules with " + exploration.states() + " states");
            assertTrue(exploration.states() > exploration.schedules());
        } finally {
            own.setLevel(before);
        }
    }
}
