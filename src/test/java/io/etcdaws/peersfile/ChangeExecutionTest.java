package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.peersfile.ChangeCommand.CouldNotStart;
import io.etcdaws.peersfile.ChangeCommand.Ran;
import io.etcdaws.peersfile.ChangeCommand.Result;
import io.etcdaws.peersfile.ChangeCommand.TimedOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeExecutionTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(700);

    @TempDir
    Path folder;

    @Test
    void tellsTheExitCodeAndBothOutputs() {
        Ran ran = assertInstanceOf(Ran.class, run(LONG, "echo out; echo err >&2; exit 3"));
        assertEquals(3, ran.exitCode());
        assertEquals("out\nerr", ran.output());
    }

    @Test
    void tellsTheCommandWhereTheFileIsAndGivesItNothingToRead() {
        Ran ran = assertInstanceOf(Ran.class, run(LONG, "cat; echo $ETCD_AWS_PEERS_FILE_PATH $HOME"));
        assertEquals(folder.resolve("etcd-peers") + " " + System.getenv("HOME"), ran.output());
    }

    @Test
    void involvesNoShell() {
        Ran ran = assertInstanceOf(
                Ran.class, execution(LONG, List.of("echo", "$HOME; exit 1")).run());
        assertEquals("$HOME; exit 1", ran.output());
    }

    @Test
    void keepsOnlyTheEndOfALongOutput() {
        Ran ran = assertInstanceOf(Ran.class, run(LONG, "seq 1 100000; echo the end"));
        assertTrue(ran.output().endsWith("100000\nthe end"), ran.output());
        assertTrue(ran.output().startsWith("…"), ran.output());
        assertTrue(ran.output().length() <= 2049, ran.output());
    }

    @Test
    void endsTheWholeTreeAtTheDeadline() throws IOException {
        TimedOut late = assertInstanceOf(
                TimedOut.class, run(SHORT, "echo begun; sh -c 'echo $$ > " + pidFile() + "; sleep 600' ; sleep 600"));
        assertEquals("begun", late.output());
        assertEquals(SHORT, late.after());
        awaitEnd();
    }

    @Test
    void endsWhatNeverStopsWriting() {
        assertInstanceOf(TimedOut.class, run(SHORT, "while :; do echo more; done"));
    }

    @Test
    void doesNotWaitForADaemonThatTheCommandLeavesRunning() throws IOException {
        Ran ran = assertInstanceOf(
                Ran.class, run(LONG, "sh -c 'echo $$ > " + pidFile() + "; exec sleep 600' & sleep 0.3; echo done"));
        assertEquals("done", ran.output());
        assertTrue(ran.took().compareTo(Duration.ofSeconds(30)) < 0);
        ProcessHandle daemon = ProcessHandle.of(pid()).orElseThrow();
        assertTrue(daemon.isAlive());
        daemon.destroyForcibly();
    }

    @Test
    void namesAProgramThatCannotBeStarted() {
        CouldNotStart not = assertInstanceOf(
                CouldNotStart.class,
                execution(LONG, List.of("/no/such/program")).run());
        assertTrue(not.message().contains("/no/such/program"), not.message());
    }

    @Test
    void canBeEndedByAnother() throws Exception {
        ChangeExecution execution =
                execution(LONG, List.of("sh", "-c", "sh -c 'echo $$ > " + pidFile() + "; sleep 600'; sleep 600"));
        CompletableFuture<Result> result = CompletableFuture.supplyAsync(execution::run);
        Awaitility.await().until(() -> Files.exists(pidFile()) && Files.size(pidFile()) > 0);
        execution.end();
        assertEquals(137, assertInstanceOf(Ran.class, result.get()).exitCode());
        awaitEnd();
    }

    @Test
    void whatWasEndedBeforeItBeganNeverRuns() {
        ChangeExecution execution = execution(LONG, List.of("touch", pidFile().toString()));
        execution.end();
        assertInstanceOf(CouldNotStart.class, execution.run());
        assertFalse(Files.exists(pidFile()));
    }

    @Test
    void aCommandHasAProgramAndTimeToRun() {
        assertThrows(IllegalArgumentException.class, () -> new ChangeCommand(List.of(), LONG, folder));
        assertThrows(IllegalArgumentException.class, () -> new ChangeCommand(List.of("true"), Duration.ZERO, folder));
    }

    private Result run(Duration deadline, String script) {
        return execution(deadline, List.of("sh", "-c", script)).run();
    }

    private ChangeExecution execution(Duration deadline, List<String> argv) {
        return new ChangeExecution(new ChangeCommand(argv, deadline, folder.resolve("etcd-peers")));
    }

    private Path pidFile() {
        return folder.resolve("pid");
    }

    private long pid() throws IOException {
        return Long.parseLong(Files.readString(pidFile()).strip());
    }

    private void awaitEnd() throws IOException {
        long pid = pid();
        Awaitility.await()
                .until(() -> ProcessHandle.of(pid).map(it -> !it.isAlive()).orElse(true));
    }
}
