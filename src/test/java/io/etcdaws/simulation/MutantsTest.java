package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.etcdaws.membership.ClusterView;
import java.lang.reflect.Method;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** Without its guards the program breaks an invariant: so the invariants, and the schedules, are worth something. */
@Tag("exhaustive")
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

    /**
     * Without this guard, or without it and the one that {@link Hunts} names beside it, where each of the two alone is enough. One
     * guard cannot be shown so, see the next test; and what is etcd's own is no guard of ours.
     */
    @ParameterizedTest
    @EnumSource(
            value = Guard.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"QUORUM_WITH_LEARNER", "ETCD_IN_STEP"})
    void isCaught(Guard guard) throws ReflectiveOperationException {
        assertNotEquals("", caught().invoke(null, guard.name(), SEEDS), guard.text);
    }

    /**
     * Why no schedule needs the guard of 7c: a cluster that serves with quorum keeps it when a learner that serves gets its vote,
     * whatever the number of voters. The guard says no only where this node reaches fewer of them than the leader does.
     */
    @Test
    void aHealthyLearnersVoteNeverCostsAQuorum() {
        for (int voters = 1; voters < 100; voters++) {
            assertTrue(ClusterView.quorumOf(voters) + 1 >= ClusterView.quorumOf(voters + 1));
        }
    }

    /** A guard whose method is gone would be switched off by nobody. */
    @ParameterizedTest
    @EnumSource(Guard.class)
    void isAMethodOfTheProgram(Guard guard) throws ReflectiveOperationException {
        Class<?> owner = Class.forName(guard.owner.replace('/', '.'));

        assertTrue(Arrays.stream(owner.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals(guard.method)));
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
