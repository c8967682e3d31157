package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.Reconciler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DaemonTest {
    private final ActorTestKit testKit = ActorTestKit.create();
    private final TestProbe<Duration> started = testKit.createTestProbe();

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void ofTwoReloadsTheLaterOneIsInForceHoweverLongTheFirstTakes() {
        CountDownLatch reading = new CountDownLatch(1);
        AtomicInteger loads = new AtomicInteger();
        List<Settings> versions = List.of(every(20), every(40));
        Daemon.Parts parts = new Daemon.Parts(
                Optional.empty(),
                () -> {
                    int load = loads.getAndIncrement();
                    if (load == 0) {
                        await(reading);
                    }
                    return versions.get(load);
                },
                this::run,
                problem -> {},
                Optional.empty());
        ActorRef<Daemon.Command> daemon = testKit.spawn(Daemon.create(parts, every(30), new CompletableFuture<>()));
        started.expectMessage(Duration.ofSeconds(30));
        daemon.tell(new Daemon.Reload());
        daemon.tell(new Daemon.Reload());
        started.expectNoMessage(Duration.ofMillis(300));
        reading.countDown();
        // The first may be over before a reconciler has begun with it.
        if (!started.receiveMessage().equals(Duration.ofSeconds(40))) {
            started.expectMessage(Duration.ofSeconds(40));
        }
        started.expectNoMessage(Duration.ofMillis(300));
    }

    @Test
    void aReconcilerThatCannotBeMadeEndsItWithTheReason() {
        IllegalStateException reason = new IllegalStateException("no such endpoint");
        Daemon.Parts parts = new Daemon.Parts(
                Optional.empty(),
                () -> every(30),
                (settings, outcome) -> Behaviors.setup(context -> {
                    outcome.completeExceptionally(reason);
                    return Behaviors.stopped();
                }),
                problem -> {},
                Optional.empty());
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        testKit.spawn(Daemon.create(parts, every(30), result));
        ExecutionException failed = assertThrows(ExecutionException.class, () -> result.get(10, TimeUnit.SECONDS));
        assertEquals(reason, failed.getCause());
    }

    @Test
    void aReconcilerThatStopsWithoutAWordEndsIt() {
        Daemon.Parts parts = new Daemon.Parts(
                Optional.empty(),
                () -> every(30),
                (settings, outcome) -> Behaviors.setup(context -> Behaviors.stopped()),
                problem -> {},
                Optional.empty());
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        testKit.spawn(Daemon.create(parts, every(30), result));
        ExecutionException failed = assertThrows(ExecutionException.class, () -> result.get(10, TimeUnit.SECONDS));
        assertEquals(
                "the reconciler stopped by itself",
                Objects.requireNonNull(failed.getCause()).getMessage());
    }

    /** Tells with which interval it runs, and ends when it is told to. */
    private Behavior<Reconciler.Command> run(Settings settings, CompletableFuture<Outcome> outcome) {
        started.ref().tell(settings.reconcileInterval());
        return Behaviors.receiveMessage(finish -> {
            outcome.complete(new Outcome(ExitCode.DONE, "stopped", Optional.empty(), Optional.empty()));
            return Behaviors.stopped();
        });
    }

    private static Settings every(int seconds) {
        Invocation invocation = new Invocation(
                Invocation.Mode.PERIODIC,
                false,
                Optional.empty(),
                Invocation.OutputFormat.TEXT,
                Optional.empty(),
                false);
        return Settings.load(invocation, Map.of("ETCD_AWS_RECONCILE_INTERVAL", seconds + "s"));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
