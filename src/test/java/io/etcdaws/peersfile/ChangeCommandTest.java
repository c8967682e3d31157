package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.peersfile.ChangeCommand.CouldNotStart;
import io.etcdaws.peersfile.ChangeCommand.Ran;
import io.etcdaws.peersfile.ChangeCommand.Result;
import io.etcdaws.peersfile.ChangeCommand.TimedOut;
import io.etcdaws.peersfile.ChangeCommandRunner.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is run after the peers file has changed. */
class ChangeCommandTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final ActorTestKit testKit = ActorTestKit.create();

    @TempDir
    Path directory;

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    private ChangeCommand shell(String script, Duration timeout) {
        return new ChangeCommand(List.of("sh", "-c", script), timeout, Path.of("/etc/peers"));
    }

    @Test
    void tellsWhatItEndedWithAndWhatItSaid() {
        Ran ran = assertInstanceOf(
                Ran.class, shell("echo out; echo err >&2; exit 3", LONG).run());
        assertEquals(3, ran.exitCode());
        assertTrue(ran.output().contains("out") && ran.output().contains("err"), ran.output());
        assertTrue(ran.toString().startsWith("ended with 3"), ran.toString());
    }

    @Test
    void isToldWhereTheFileIs() {
        Ran ran = assertInstanceOf(
                Ran.class, shell("echo $ETCD_AWS_PEERS_FILE_PATH", LONG).run());
        assertEquals("/etc/peers", ran.output());
    }

    @Test
    void keepsTheEndOfALongOutput() {
        Ran ran = assertInstanceOf(
                Ran.class, shell("seq 1 100000; echo the end", LONG).run());
        assertTrue(ran.output().endsWith("the end"));
        assertTrue(ran.output().length() <= 2048);
    }

    @Test
    void isKilledWithItsChildrenWhenItTakesTooLong() throws IOException {
        Path mark = directory.resolve("pid");
        Result result = shell("sleep 60 & echo $! > " + mark + "; wait", Duration.ofMillis(500))
                .run();
        assertInstanceOf(TimedOut.class, result);
        long child = Long.parseLong(Files.readString(mark).strip());
        Awaitility.await()
                .until(() ->
                        ProcessHandle.of(child).filter(ProcessHandle::isAlive).isEmpty());
    }

    @Test
    void aProgramThatIsNotThereIsNamed() {
        CouldNotStart result = assertInstanceOf(
                CouldNotStart.class, new ChangeCommand(List.of("no-such-program"), LONG, directory).run());
        assertTrue(result.message().contains("no-such-program"), result.message());
    }

    @Test
    void runsOnceMoreForAChangeThatCameMeanwhile() throws IOException {
        TestProbe<Result> caller = testKit.createTestProbe();
        Path log = directory.resolve("log");
        ActorRef<ChangeCommandRunner.Command> runner =
                testKit.spawn(ChangeCommandRunner.create(shell("echo run >> " + log + "; sleep 0.5", LONG)));
        runner.tell(new Run(caller.ref()));
        Awaitility.await().until(() -> Files.exists(log));
        runner.tell(new Run(caller.ref()));
        runner.tell(new Run(caller.ref()));
        for (int reply = 0; reply < 3; reply++) {
            assertInstanceOf(Ran.class, caller.receiveMessage());
        }
        assertEquals(2, Files.readAllLines(log).size());
    }

    @Test
    void takesTheCommandAlongWhenItStops() throws IOException {
        TestProbe<Result> caller = testKit.createTestProbe();
        Path mark = directory.resolve("pid");
        ActorRef<ChangeCommandRunner.Command> runner =
                testKit.spawn(ChangeCommandRunner.create(shell("echo $$ > " + mark + "; sleep 60", LONG)));
        runner.tell(new Run(caller.ref()));
        Awaitility.await().until(() -> Files.exists(mark) && Files.size(mark) > 0);
        testKit.stop(runner);
        long pid = Long.parseLong(Files.readString(mark).strip());
        Awaitility.await()
                .until(() ->
                        ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }
}
