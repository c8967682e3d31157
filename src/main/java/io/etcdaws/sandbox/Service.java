package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A program that is started again whenever it has ended, as a unit with {@code Restart=always}. */
final class Service {
    /** The pause before it is started again. */
    private static final Duration RESTART = Duration.ofSeconds(3);

    private static final Duration TIME_TO_DIE = Duration.ofSeconds(5);

    private final Path log;
    private @Nullable Process process;
    private @Nullable Instant endedAt;
    private int starts;

    /** A service that was never started; what it prints is added to the log. */
    Service(Path log) {
        this.log = log;
    }

    boolean runs() {
        return process != null && process.isAlive();
    }

    Optional<Long> pid() {
        return process != null && process.isAlive() ? Optional.of(process.pid()) : Optional.empty();
    }

    /** How often it was started, by which one process of it is told from the next. */
    int starts() {
        return starts;
    }

    /** Whether it may be started: it does not run, and its pause is over. */
    boolean isDue(Instant now) {
        if (runs()) {
            return false;
        }
        if (process != null && endedAt == null) {
            endedAt = now;
        }
        return endedAt == null || !now.isBefore(endedAt.plus(RESTART));
    }

    /** Starts it with nothing in its environment but what is given. */
    void start(Path directory, Map<String, String> environment, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            builder.environment().clear();
            builder.environment().putAll(environment);
            process = builder.start();
            starts++;
            endedAt = null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends it a signal, such as {@code STOP}. */
    void signal(String signal) {
        pid().ifPresent(pid -> {
            try {
                new ProcessBuilder("kill", "-" + signal, pid.toString()).start().waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /** Kills it; it is gone when this returns. */
    void kill() {
        if (process == null) {
            return;
        }
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(TIME_TO_DIE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Forgets when it ended, so that it starts without a pause. */
    void reset() {
        process = null;
        endedAt = null;
    }

    /** The last lines that it printed. */
    List<String> lastLines(int most) {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return all.subList(Math.max(0, all.size() - most), all.size());
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }
}
