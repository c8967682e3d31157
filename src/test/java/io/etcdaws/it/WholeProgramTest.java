package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Processes.Result;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** What all tests of the whole program share: a group of their own in a freshly wiped AWS. */
abstract class WholeProgramTest {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory = Path.of("unset");

    private @Nullable LabGroup group;

    /** A group of that many instances; the only one in its AWS, unless a test makes more. */
    LabGroup groupOf(int desired) {
        return groupOf(desired, Map.of());
    }

    LabGroup groupOf(int desired, Map<String, String> tags) {
        LabGroup made = LabGroup.of(desired, EmulatedAws.fresh(), directory, tags);
        group = made;
        return made;
    }

    @AfterEach
    void closeGroup() {
        if (group != null) {
            group.close();
        }
    }

    /** Checks how a run ended, and that it said this to the operator. */
    static void assertEnds(int exitCode, String said, Result result) {
        assertEquals(exitCode, result.exitCode(), result::toString);
        assertTrue(result.stderr().contains(said), () -> "'" + said + "' was not said: " + result);
    }
}
