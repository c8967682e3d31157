package io.etcdaws.it;

import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Processes.Running;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program that is started again some time after each of its ends, as {@code Restart=always} does, until it is stopped. */
final class Supervised {
    /** Starts the program. */
    interface Start {
        /**
         * Starts it, or tells that what it needs is not there yet.
         *
         * @param number the how manieth start this is, from 1
         */
        Optional<Running> start(int number);
    }

    /** How soon to look again whether what the program needs is there. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private static final ScheduledExecutorService CLOCK = Executors.newScheduledThreadPool(2, task -> {
        Thread thread = new Thread(task, "supervisor");
        thread.setDaemon(true);
        return thread;
    });

    private final Start start;
    private final Duration pause;
    private final List<Running> runs = new ArrayList<>();
    private @Nullable Running running;
    private @Nullable ScheduledFuture<?> next;
    private boolean wanted;

    Supervised(Duration pause, Start start) {
        this.start = start;
        this.pause = pause;
    }

    /** From now on it is to run. */
    synchronized void up() {
        wanted = true;
        attempt();
    }

    private synchronized void attempt() {
        if (!wanted || isAlive()) {
            return;
        }
        Optional<Running> started = start.start(runs.size() + 1);
        if (started.isEmpty()) {
            later(LOOK);
            return;
        }
        Running now = started.get();
        running = now;
        runs.add(now);
        CompletableFuture<Void> ended = now.process().onExit().thenAccept(this::ended);
        if (ended.isCompletedExceptionally()) {
            throw new IllegalStateException("cannot watch " + now.process());
        }
    }

    private synchronized void ended(Process process) {
        if (wanted && running != null && running.process().equals(process)) {
            later(pause);
        }
    }

    private void later(Duration delay) {
        next = CLOCK.schedule(this::attempt, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    synchronized boolean isAlive() {
        return running != null && running.process().isAlive();
    }

    /** The runs so far, in order. */
    synchronized List<Running> runs() {
        return List.copyOf(runs);
    }

    synchronized List<Path> logs() {
        return runs.stream().map(Running::stderr).toList();
    }

    synchronized Optional<Long> pid() {
        return isAlive() && running != null ? Optional.of(running.process().pid()) : Optional.empty();
    }

    /** From now on it is not to run: what runs is left to the caller to end. */
    synchronized void unwanted() {
        wanted = false;
        if (next != null) {
            next.cancel(false);
        }
    }

    /** SIGKILL; the supervisor starts it again. */
    void kill() {
        current().ifPresent(run -> {
            run.process().descendants().forEach(ProcessHandle::destroyForcibly);
            Processes.kill(run.process());
        });
    }

    /** SIGKILL, and not started again. */
    void killForGood() {
        unwanted();
        kill();
    }

    /** SIGTERM, as {@code systemctl stop}; gives how it ended, and fails if that takes longer. */
    Result stop(Duration limit) {
        unwanted();
        Running run = current().orElseThrow(() -> new AssertionError("it does not run"));
        Running asked = new Running(run.process(), run.stdout(), run.stderr(), System.nanoTime());
        run.process().destroy();
        return asked.await(limit);
    }

    /** Sends another signal, such as {@code STOP}. */
    void signal(String signal) {
        Processes.signal(signal, pid().stream().toList());
    }

    private synchronized Optional<Running> current() {
        return Optional.ofNullable(running);
    }
}
