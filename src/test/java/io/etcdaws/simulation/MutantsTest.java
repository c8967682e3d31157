package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Without its guards the program breaks an invariant: so the invariants, and the schedules, are worth something. */
final class MutantsTest {
    /** The seeds within which each is caught. */
    private static final long SEEDS = 60;

    private static final Logger OWN = ((LoggerContext) LoggerFactory.getILoggerFactory()).getLogger("io.etcdaws");

    private static @Nullable Method caught;

    private @Nullable Level before;

    @BeforeEach
    void silence() {
        before = OWN.getLevel();
        OWN.setLevel(Level.OFF);
    }

    @AfterEach
    void speak() {
        OWN.setLevel(before);
    }

    @ParameterizedTest
    @EnumSource(
            value = Guard.class,
            names = {"REMOVED_DATA", "ONE_MORE_VOTER", "MARK", "UNDER_WAY", "UNKNOWN_PEERS", "INCOMPLETE", "DARK"})
    void isCaught(Guard guard) throws ReflectiveOperationException {
        assertNotEquals("", caught().invoke(null, guard.name(), SEEDS), guard.text);
    }

    private static synchronized Method caught() throws ReflectiveOperationException {
        Method found = caught;
        if (found == null) {
            found = new GuardedLoader()
                    .loadClass(Mutants.class.getName())
                    .getMethod("caught", String.class, long.class);
            caught = found;
        }
        return found;
    }
}
