package io.etcdaws.cli;

import io.etcdaws.membership.Describe;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.Reconciler;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a reconciler, or in the periodic mode a daemon that keeps one, in an actor system of its own, to the end. */
final class ReconcilerRunner implements Runner {
    private static final Logger log = LoggerFactory.getLogger(ReconcilerRunner.class);

    /** For the actor system to stop after the run has ended; only a connection that does not close takes any of it. */
    private static final Duration TIME_TO_STOP = Duration.ofSeconds(5);

    /** For a membership change that is under way when a signal comes. All in all the process ends within 5 s. */
    private static final Duration TIME_TO_FINISH = Duration.ofSeconds(3);

    private static final Duration TIME_TO_STOP_BY_SIGNAL = Duration.ofMillis(1500);

    private final Map<String, String> environment;
    private final PrintStream results;

    /**
     * A runner.
     *
     * @param environment what the configuration is read anew from
     * @param results where plans are printed
     */
    ReconcilerRunner(Map<String, String> environment, PrintStream results) {
        this.environment = Map.copyOf(environment);
        this.results = results;
    }

    @Override
    public ExitCode run(Invocation invocation, Settings settings) throws Exception {
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        if (invocation.dryRun() || invocation.mode() == Invocation.Mode.ONCE) {
            Mode mode = invocation.dryRun() ? Mode.PLAN : Mode.ONCE;
            Behavior<Reconciler.Command> guardian =
                    new Assembly(settings, mode, MonotonicClock.start(), Assembly.Listeners.NONE).reconciler(result);
            Outcome outcome =
                    run(settings.actorSystem().start(guardian, "etcd-aws"), new Reconciler.Finish(), false, result);
            tell(outcome, invocation, settings);
            return outcome.exitCode();
        }
        ActorSystem<Daemon.Command> system = settings.actorSystem()
                .start(new DaemonAssembly(invocation, environment).daemon(settings, result), "etcd-aws");
        Signals.onHangUp(() -> system.tell(new Daemon.Reload()));
        Outcome outcome = run(system, new Daemon.Stop(), true, result);
        tell(outcome, invocation, settings);
        return outcome.exitCode();
    }

    /**
     * Waits for the end, and has it come when a signal ends the process.
     *
     * @param untilSignal whether a signal is the way in which the run is to end
     */
    private static <C> Outcome run(
            ActorSystem<C> system, C stop, boolean untilSignal, CompletableFuture<Outcome> result) throws Exception {
        system.getWhenTerminated()
                .whenComplete((done, failure) ->
                        result.completeExceptionally(new IllegalStateException("the actor system stopped by itself")));
        Thread hook = new Thread(
                () -> {
                    endBySignal(system, stop, result);
                    if (untilSignal) {
                        // Java would say 143, which service managers take for a failure.
                        Runtime.getRuntime().halt(ExitCode.DONE.code());
                    }
                },
                "end-by-signal");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw Settings.ActorSystemPart.explain(e)
                    .<Exception>map(problem -> problem)
                    .orElse(e);
        } finally {
            removeHook(hook);
            system.terminate();
            boolean stopped = ended(system, TIME_TO_STOP);
            log.debug("the actor system has stopped: {}", stopped);
            if (!stopped) {
                log.warn("the program ends with connections still open after {}", Describe.duration(TIME_TO_STOP));
            }
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs already.
        }
    }

    private static <C> void endBySignal(ActorSystem<C> system, C stop, CompletableFuture<Outcome> result) {
        log.info("told to end by a signal");
        system.tell(stop);
        try {
            result.handle((outcome, failure) -> true).get(TIME_TO_FINISH.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn(
                    "what is under way is broken off after {}; the next run looks what became of it",
                    Describe.duration(TIME_TO_FINISH));
        } catch (ExecutionException | InterruptedException e) {
            log.debug("waiting for the end of the run was broken off", e);
        }
        system.terminate();
        ended(system, TIME_TO_STOP_BY_SIGNAL);
    }

    private static boolean ended(ActorSystem<?> system, Duration time) {
        try {
            system.getWhenTerminated().toCompletableFuture().get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void tell(Outcome outcome, Invocation invocation, Settings settings) {
        if (outcome.exitCode() != ExitCode.DONE) {
            log.error("{} (exit code {})", outcome.message(), outcome.exitCode().code());
            return;
        }
        log.info("{}", outcome.message());
        if (invocation.dryRun() && outcome.decision().isPresent()) {
            results.print(PlanReport.of(outcome, settings.peersFile()).as(invocation.output()));
            results.flush();
        }
    }
}
