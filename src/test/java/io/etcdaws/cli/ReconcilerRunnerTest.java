package io.etcdaws.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ReconcilerRunnerTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pekko = 5",
                "pekko.actor.default-dispatcher = 5",
                "pekko.http.client.connecting-timeout = blah",
                "pekko.loggers = [no.such.Logger]",
                "pekko.logging-filter = no.such.Filter",
            })
    void refusesALibraryConfigurationThatCannotBeUsed(String line) throws IOException {
        Path file = Files.writeString(directory.resolve("some.conf"), line);
        Invocation invocation = new Invocation(
                Invocation.Mode.ONCE, true, Optional.of(file), Invocation.OutputFormat.TEXT, Optional.empty(), false);
        Runner runner = new ReconcilerRunner(Map.of(), new PrintStream(new ByteArrayOutputStream(), true, UTF_8));

        String message = String.valueOf(assertThrows(
                        ConfigurationException.class, () -> runner.run(invocation, Settings.load(invocation, Map.of())))
                .getMessage());

        assertTrue(message.contains("pekko"), message);
        assertTrue(message.contains("--config") || message.contains("some.conf"), message);
    }
}
