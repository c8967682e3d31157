package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.cli.Invocation.Mode;
import io.etcdaws.cli.Invocation.OutputFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CommandLineParserTest {
    @ParameterizedTest
    @CsvSource({
        "'', PERIODIC, false",
        "--once, ONCE, false",
        "plan, PERIODIC, true",
        "--dry-run, PERIODIC, true",
        "--once --dry-run, ONCE, true",
        "plan --once, ONCE, true",
        "plan --dry-run, PERIODIC, true",
    })
    void knowsItsModes(String line, Mode mode, boolean dryRun) {
        assertEquals(mode, invocation(line).mode());
        assertEquals(dryRun, invocation(line).dryRun());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plan --config /a.conf --output json --timeout 90s --force-new-cluster",
                "--config /a.conf --output=JSON plan --timeout=90s --force-new-cluster",
                "--force-new-cluster --timeout PT90S --output json --config=/a.conf plan",
            })
    void takesOptionsBeforeTheCommandAndAfter(String line) {
        assertEquals(
                new Invocation(
                        Mode.PERIODIC,
                        true,
                        Optional.of(Path.of("/a.conf")),
                        OutputFormat.JSON,
                        Optional.of(Duration.ofSeconds(90)),
                        true),
                invocation(line));
    }

    @Test
    void printsTextWithoutALimitAndForcesNothingByDefault() {
        assertEquals(
                new Invocation(Mode.ONCE, false, Optional.empty(), OutputFormat.TEXT, Optional.empty(), false),
                invocation("--once"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "plan --help", "--once --help"})
    void showsHelp(String line) {
        String text = shown(line);

        assertTrue(text.startsWith("Usage: etcd-aws"), text);
        for (String word : new String[] {
            "plan",
            "--once",
            "--dry-run",
            "--config=FILE",
            "--output",
            "--timeout=DURATION",
            "--force-new-cluster",
            "--version"
        }) {
            assertTrue(text.contains(word), word);
        }
        assertTrue(text.lines().allMatch(line1 -> line1.length() <= 80), text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--version", "-V", "plan --version"})
    void showsTheVersionOfTheBuild(String line) {
        assertTrue(shown(line).matches("etcd-aws \\d+\\.\\d+\\.\\d+\\S*\n"), shown(line));
    }

    @ParameterizedTest
    @CsvSource({
        "--onec, unknown option '--onec'; did you mean --once?",
        "plna, unknown command 'plna'; did you mean plan?",
        "frobnicate, unknown command 'frobnicate'",
        "plan extra, unknown command 'extra'",
        "--output xml, 'xml' is neither text nor json",
        "--once --timeout 5, '5' is not a duration with a unit",
        "--once --timeout soon, 'soon' is not a duration",
        "--config, --config",
        "--once --once, only once",
        "@file, unknown command '@file'",
        "--timeout 5s, no meaning without --once or plan",
    })
    void hintsInOneLineAtWhatIsWrong(String line, String words) {
        String hint =
                assertInstanceOf(CommandLineParser.Misuse.class, parse(line)).hint();

        assertTrue(hint.startsWith("etcd-aws: "), hint);
        assertTrue(hint.contains(words), hint);
        assertTrue(hint.endsWith("(see etcd-aws --help)"), hint);
        assertEquals(1, hint.lines().count());
    }

    @Test
    void theSandboxesHelpHoldsItsOwnOptionsAlone() {
        String help = shown("sandbox --help");
        assertTrue(help.startsWith("Usage: etcd-aws sandbox [-h] "), help);
        assertTrue(help.contains("--nodes"), help);
        assertFalse(help.contains("--once"), help);
    }

    private static Invocation invocation(String line) {
        return assertInstanceOf(CommandLineParser.Run.class, parse(line)).invocation();
    }

    private static String shown(String line) {
        return assertInstanceOf(CommandLineParser.Show.class, parse(line)).text();
    }

    private static CommandLineParser.Parsed parse(String line) {
        return CommandLineParser.parse(line.isEmpty() ? new String[0] : line.split(" "));
    }
}
