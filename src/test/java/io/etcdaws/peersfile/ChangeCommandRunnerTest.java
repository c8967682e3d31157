package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.etcdaws.peersfile.ChangeCommand.Ran;
import io.etcdaws.peersfile.ChangeCommand.Result;
import io.etcdaws.peersfile.ChangeCommandRunner.Command;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangeCommandRunnerTest {
    private static final ActorTestKit KIT = ActorTestKit.create();

    @TempDir
    Path folder;

    private final TestProbe<Result> asker = KIT.createTestProbe();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void runsTheCommandAndTellsWhatCameOfIt() {
        runner("exit 4").tell(new Run(asker.ref()));
        assertEquals(4, assertInstanceOf(Ran.class, asker.receiveMessage()).exitCode());
    }

    @Test
    void runsOnceMoreForAllChangesThatCameMeanwhile() throws IOException {
        // Each run begins by a line, and goes on when it is let go.
        ActorRef<Command> runner =
                runner("echo begun >> " + log() + "; while [ ! -e " + go() + " ]; do sleep 0.05; done");
        runner.tell(new Run(asker.ref()));
        Awaitility.await().until(() -> runs() == 1);
        runner.tell(new Run(asker.ref()));
        runner.tell(new Run(asker.ref()));
        asker.expectNoMessage(Duration.ofMillis(300));
        assertEquals(1, runs());
        Files.createFile(go());
        asker.receiveSeveralMessages(3).forEach(result -> assertInstanceOf(Ran.class, result));
        assertEquals(2, runs());
    }

    @Test
    void endsTheCommandWhenItIsStopped() {
        ActorRef<Command> runner = runner("echo $$ > " + log() + "; sleep 600");
        runner.tell(new Run(asker.ref()));
        Awaitility.await().until(() -> Files.exists(log()) && Files.size(log()) > 0);
        KIT.stop(runner);
        Awaitility.await()
                .until(() -> ProcessHandle.of(
                                Long.parseLong(Files.readString(log()).strip()))
                        .map(it -> !it.isAlive())
                        .orElse(true));
    }

    private ActorRef<Command> runner(String script) {
        return KIT.spawn(ChangeCommandRunner.create(
                new ChangeCommand(List.of("sh", "-c", script), Duration.ofMinutes(1), folder.resolve("etcd-peers"))));
    }

    private Path log() {
        return folder.resolve("log");
    }

    private Path go() {
        return folder.resolve("go");
    }

    private long runs() throws IOException {
        return Files.exists(log()) ? Files.readAllLines(log()).size() : 0;
    }
}
