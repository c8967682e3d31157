package io.etcdaws.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.reconcile.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MainTest {
    private final ByteArrayOutputStream results = new ByteArrayOutputStream();
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();
    private final List<Invocation> invocations = new ArrayList<>();

    @Test
    void hasThePromisedExitCodes() {
        assertEquals(
                List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
                Arrays.stream(ExitCode.values()).map(ExitCode::code).toList());
        assertEquals(7, ExitCode.REFUSED.code());
    }

    @Test
    void endsAsTheRunnerSays() {
        assertEquals(
                ExitCode.REFUSED,
                main(Map.of(), (invocation, settings) -> ExitCode.REFUSED).run("--once"));
        assertEquals("", results.toString(UTF_8));
        assertEquals("", errors.toString(UTF_8));
    }

    @Test
    void handsInvocationAndSettingsToTheRunner() {
        Runner runner = (invocation, settings) -> {
            invocations.add(invocation);
            return settings.aws().group().isPresent() ? ExitCode.DONE : ExitCode.GROUP;
        };

        assertEquals(
                ExitCode.DONE,
                main(Map.of("ETCD_AWS_GROUP_NAME", "blue"), runner).run("plan"));
        assertTrue(invocations.get(0).dryRun());
    }

    @Test
    void showsHelpAndVersionOnStandardOutput() {
        assertEquals(ExitCode.DONE, main().run("--help"));
        assertEquals(ExitCode.DONE, main().run("--version"));
        assertTrue(results.toString(UTF_8).startsWith("Usage: etcd-aws"));
        assertEquals("", errors.toString(UTF_8));
    }

    @Test
    void endsWithTwoForMisuseWithOneLineOnStandardError() {
        assertEquals(ExitCode.CONFIGURATION, main().run("--frobnicate"));
        assertEquals("etcd-aws: unknown option '--frobnicate' (see etcd-aws --help)", errorLine());
        assertEquals("", results.toString(UTF_8));
    }

    @Test
    void endsWithTwoForAWrongConfigurationNamingTheKey() {
        assertEquals(
                ExitCode.CONFIGURATION,
                main(Map.of("ETCD_AWS_ETCD_API", "v1"), (invocation, settings) -> ExitCode.DONE)
                        .run("--once"));
        assertTrue(errorLine().startsWith("etcd-aws: configuration error: etcd-aws.etcd.api is 'v1'"), errorLine());
    }

    @Test
    void staysWithoutACommand() {
        Runner runner = (invocation, settings) -> {
            invocations.add(invocation);
            return ExitCode.DONE;
        };

        assertEquals(ExitCode.DONE, main(Map.of(), runner).run());
        assertEquals(Invocation.Mode.PERIODIC, invocations.get(0).mode());
    }

    @Test
    void endsWithOneForABug() {
        Runner buggy = (invocation, settings) -> {
            throw new IllegalStateException("a bug, thrown by a test");
        };

        assertEquals(ExitCode.BUG, main(Map.of(), buggy).run("--once"));
    }

    private Main main() {
        return main(Map.of(), (invocation, settings) -> {
            throw new AssertionError("nothing was to be run");
        });
    }

    private Main main(Map<String, String> environment, Runner runner) {
        return new Main(environment, print(results), print(errors), runner);
    }

    private static PrintStream print(ByteArrayOutputStream stream) {
        return new PrintStream(stream, true, UTF_8);
    }

    private String errorLine() {
        String text = errors.toString(UTF_8);
        assertEquals(1, text.lines().count(), text);
        return text.stripTrailing();
    }
}
