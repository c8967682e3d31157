package io.etcdaws.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Processes.Running;
import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sandbox from its command line, with real etcds: what it shows, how it ends, and that nothing is left. */
class SandboxIT {
    /** A machine with much else to do takes minutes for what is done in seconds. */
    private static final Duration LIMIT = Duration.ofMinutes(6);

    @TempDir
    private Path directory;

    @Test
    void replacesATerminatedInstanceAndLeavesNothing() throws IOException {
        Path script = Files.writeString(directory.resolve("script"), """
                wait voters 3 150s
                terminate leader
                wait voters 3 150s
                show
                """);
        Result result = start("--script", script.toString()).await(LIMIT);
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(result.stdout().contains("node 4 is launched"), result::toString);
        assertTrue(result.stdout().contains("has left the cluster"), result::toString);
        assertTrue(result.stdout().contains("decided: complete the lifecycle action of terminating"), result::toString);
        assertTrue(
                result.stdout().contains("3 of 3 instances in service; etcd: 3 voters, quorum 2; converged"),
                result::toString);
        assertEquals("", result.stderr());
        List<String> decisions = result.stdout()
                .lines()
                .filter(line -> line.contains(" decided: "))
                .toList();
        assertEquals(decisions.stream().distinct().toList(), decisions, "no decision is told again");
        assertNothingIsLeft();
    }

    @Test
    void runsBesideAnother() throws IOException {
        String script = Files.writeString(directory.resolve("script"), "wait voters 1 150s\n")
                .toString();
        List<Running> both =
                List.of(start("--nodes", "1", "--script", script), start("--nodes", "1", "--script", script));
        List<Result> results = both.stream().map(each -> each.await(LIMIT)).toList();
        results.forEach(result -> assertEquals(0, result.exitCode(), result::toString));
        assertEquals(
                2,
                results.stream()
                        .map(result -> result.stdout()
                                .replaceFirst("(?s).* i-00000001 at ", "")
                                .split(" ", 2)[0])
                        .distinct()
                        .count(),
                "each has addresses of its own");
        assertNothingIsLeft();
    }

    @Test
    void endsAScriptThatNamesANodeThatIsNotThere() throws IOException {
        Path script = Files.writeString(directory.resolve("script"), "kill 7\nwait 150s\n");
        Result result = start("--script", script.toString()).await(LIMIT);
        assertEquals(6, result.exitCode(), result::toString);
        assertTrue(
                result.stdout().contains("there is no node '7' in the group now, which ends the script"),
                result::toString);
        assertNothingIsLeft();
    }

    @Test
    void leavesNothingWhenItIsInterruptedOrKilled() throws IOException {
        for (String signal : List.of("INT", "KILL")) {
            Running sandbox = start("--nodes", "1");
            await().atMost(LIMIT).until(() -> Files.readString(sandbox.stdout()).contains("is the leader"));
            Processes.signal(signal, List.of(sandbox.process().pid()));
            Result result = sandbox.await(Duration.ofSeconds(30));
            assertEquals(signal.equals("INT") ? 130 : 137, result.exitCode(), result::toString);
            await().atMost(Duration.ofSeconds(30)).untilAsserted(this::assertNothingIsLeft);
            assertEquals(
                    signal.equals("KILL"),
                    Files.readString(sandbox.stdout())
                            .endsWith("etcd-aws sandbox: it was killed; its processes and files are removed\n"));
        }
    }

    @Test
    void saysWhatIsWrongBeforeItStartsAnything() throws IOException {
        List<String> plainly = new ArrayList<>(Tools.runJarPlainly());
        plainly.add("sandbox");
        Result noEtcd = Processes.start(directory, "no-etcd", Map.of("PATH", "/nowhere"), plainly)
                .await(LIMIT);
        assertEquals(2, noEtcd.exitCode());
        assertTrue(
                noEtcd.stderr().startsWith("etcd-aws sandbox: there is no etcd on the PATH. Get one"), noEtcd::stderr);
        Path script = Files.writeString(directory.resolve("wrong"), "explode 3\n");
        Result wrong = start("--script", script.toString()).await(LIMIT);
        assertEquals(2, wrong.exitCode());
        assertEquals(
                "etcd-aws sandbox: line 1 of the script: there is no command 'explode 3'; help lists them\n",
                wrong.stderr());
        assertNothingIsLeft();
    }

    /** In a temporary directory of its own, by which all that it starts can be told. */
    private Running start(String... arguments) {
        List<String> command = new ArrayList<>(command());
        command.addAll(List.of("--etcd", Etcd.V3_5.binary("etcd")));
        command.addAll(List.of(arguments));
        return Processes.start(directory, "sandbox-" + System.nanoTime(), Map.of(), command);
    }

    private List<String> command() {
        // Whoever runs the tests in the background has all their processes ignore SIGINT.
        List<String> command = new ArrayList<>(
                List.of("env", "--default-signal=INT", "JVM_OPTIONS=-Xmx256m -Djava.io.tmpdir=" + temporary()));
        command.addAll(Tools.runJar());
        command.add("sandbox");
        return command;
    }

    private Path temporary() {
        try {
            return Files.createDirectories(directory.resolve("tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void assertNothingIsLeft() throws IOException {
        try (Stream<Path> files = Files.list(temporary())) {
            assertEquals(List.of(), files.toList());
        }
        List<String> left = ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.contains(temporary().toString()))
                .toList();
        assertEquals(List.of(), left);
    }
}
