package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Recorder.Transition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What tests of the periodic mode share that follow each other on one live group, as what they test does in a group's life:
 * each finds it converged and leaves it so, with as many nodes. To form a group costs more than most of what is tested.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SharedGroupTest {
    static final Duration SOON = PeriodicTest.SOON;
    static final Duration LONG = PeriodicTest.LONG;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path directory = Path.of("unset");

    private final int nodes;
    private @Nullable LiveGroup live;
    private boolean whole;
    private int before;

    SharedGroupTest(int nodes) {
        this.nodes = nodes;
    }

    /** The group of all tests of this class. */
    LiveGroup live() {
        return Objects.requireNonNull(live);
    }

    /** How the member list has changed since this test began. */
    List<Transition> transitions() {
        List<Transition> all = live().recorder().transitions();
        return all.subList(before, all.size());
    }

    /** For this test's last sentence, where that is that the member list has not changed. */
    void assertConvergedUnchanged() {
        live().awaitConverged(SOON);
        assertEquals(List.of(), transitions());
    }

    @BeforeAll
    void form() {
        LiveGroup made = new LiveGroup(LabGroup.of(nodes, EmulatedAws.fresh(), directory));
        live = made;
        made.formed();
        whole = true;
    }

    @BeforeEach
    void begin() {
        assertTrue(whole, "an earlier test has left the group in disorder");
        whole = false;
        before = live().recorder().transitions().size();
        live().writer().forgetSilence();
    }

    @AfterEach
    void leaveItWhole() {
        live().awaitConverged(SOON);
        assertEquals(nodes, live().running().size());
        assertEquals(List.of(), live().violations());
        whole = true;
    }

    @AfterAll
    void end() {
        try (LiveGroup last = live()) {
            last.verify();
        }
    }
}
