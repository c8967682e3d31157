package io.etcdaws.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Runs programs. */
final class Processes {
    /** All that was started: tests that are interrupted must not leave etcds on the addresses of the next. */
    private static final Set<Process> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> STARTED.forEach(Process::destroyForcibly), "end-of-all-processes"));
    }

    private Processes() {}

    /** How a program ended. */
    record Result(int exitCode, String stdout, String stderr, Duration took) {
        @Override
        public String toString() {
            return "exit code " + exitCode + " after " + took.toMillis() + " ms\nstdout:\n" + stdout + "\nstderr:\n"
                    + stderr;
        }
    }

    /** A program that runs, with its output in files. */
    record Running(Process process, Path stdout, Path stderr, long startedNanos) {
        /** Waits for its end; a program that does not end by then is killed, and that is a failure. */
        Result await(Duration limit) {
            try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    // A Java program tells on its standard output what its threads are at.
                    signal("QUIT", List.of(process.pid()));
                    process.waitFor(1, TimeUnit.SECONDS);
                    process.destroyForcibly();
                    throw new AssertionError("did not end within " + limit + "\nstdout:\n" + Files.readString(stdout)
                            + "\nstderr:\n" + Files.readString(stderr));
                }
                Duration took = Duration.ofNanos(System.nanoTime() - startedNanos);
                return new Result(process.exitValue(), Files.readString(stdout), Files.readString(stderr), took);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Starts a program with nothing in its environment but what is given, and the PATH. */
    static Running start(Path directory, String name, Map<String, String> environment, List<String> command) {
        try {
            Files.createDirectories(directory);
            Path stdout = directory.resolve(name + ".stdout");
            Path stderr = directory.resolve(name + ".stderr");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(stdout.toFile())
                    .redirectError(stderr.toFile());
            String path = System.getenv("PATH");
            builder.environment().clear();
            builder.environment().put("PATH", path == null ? "/usr/bin:/bin" : path);
            builder.environment().putAll(environment);
            Process process = builder.start();
            STARTED.add(process);
            return new Running(process, stdout, stderr, System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a program that is soon over and leaves no files; gives what it said if it failed, else nothing. */
    static Optional<String> tell(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? Optional.empty() : Optional.of(command + ": " + said);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * SIGKILL, and waits for the end. Not by {@code onExit}: asked of a process that has long ended, that waits for whoever has
     * its number now.
     */
    static void kill(Process process) {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends a signal, such as {@code STOP}, to all of these at once; whoever has ended already is passed over. */
    static void signal(String signal, Collection<Long> pids) {
        if (!pids.isEmpty()) {
            List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
            pids.forEach(pid -> command.add(Long.toString(pid)));
            tell(command);
        }
    }

    /** Runs a program that must succeed; gives its standard output. */
    static String run(Path directory, List<String> command) {
        Result result =
                start(directory, "run-" + System.nanoTime(), Map.of(), command).await(Duration.ofSeconds(30));
        if (result.exitCode() != 0) {
            throw new AssertionError(command + " failed: " + result);
        }
        return result.stdout();
    }
}
