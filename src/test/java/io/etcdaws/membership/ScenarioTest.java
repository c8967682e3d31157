package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Scenario.Expected;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every file in {@code scenarios} is decided as it says. */
class ScenarioTest {
    private static final File FOLDER = new File("src/test/resources/scenarios");

    @TempDir
    private Path temporary = Path.of("");

    @TestFactory
    Stream<DynamicTest> scenarios() {
        File[] files = Objects.requireNonNull(FOLDER.listFiles((folder, name) -> name.endsWith(".conf")));
        return Arrays.stream(files).sorted().map(file -> {
            Scenario scenario = Scenario.read(file);
            return DynamicTest.dynamicTest(scenario.title(), file.toURI(), () -> check(scenario));
        });
    }

    private static void check(Scenario scenario) {
        Decision decision = scenario.scene().decide();
        Expected expected = scenario.expected();
        String told = Golden.told(decision);
        Expected actual = new Expected(
                Golden.kind(decision),
                decision.reason().rule().number(),
                Golden.file(decision),
                Golden.change(decision),
                told.contains(expected.reason()) ? expected.reason() : told);
        assertEquals(expected, actual, told);
    }

    @Test
    void aMistakeInAScenarioIsNamedWithItsFileAndKey() throws IOException {
        assertMistake("member = []", "broken.conf: member: no such key");
        assertMistake("members = [\"1 i-0000000a\"]", "broken.conf: members: '1 i-0000000a' should be: <id>");
        assertMistake("data = full", "broken.conf: data: is none of holds-data, empty, unknown");
        assertMistake("sightings { 3 = \"- running inside 1m 2\" }", "broken.conf: sightings.3: 'inside' is none of");
    }

    private void assertMistake(String line, String message) throws IOException {
        Path file = temporary.resolve("broken.conf");
        Files.writeString(file, """
                title = "t", why = "w", self = "i-0000000a 10.0.0.1", data = empty
                group.instances = ["i-0000000a 10.0.0.1 InService running"]
                %s
                """.formatted(line));
        Exception mistake = assertThrows(IllegalArgumentException.class, () -> Scenario.read(file.toFile()));
        assertTrue(String.valueOf(mistake.getMessage()).startsWith(message), mistake.getMessage());
    }
}
