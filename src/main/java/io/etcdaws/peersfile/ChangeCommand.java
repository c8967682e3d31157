package io.etcdaws.peersfile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The operator's command that is run after the peers file has changed. It finds the file's path in {@code
 * ETCD_AWS_PEERS_FILE_PATH}, besides the environment of this process.
 */
public final class ChangeCommand {
    /** How it ended. */
    public sealed interface Result {}

    /**
     * It ended by itself.
     *
     * @param exitCode what it ended with
     * @param output the end of what it said, on both streams
     */
    public record Ran(int exitCode, Duration took, String output) implements Result {
        @Override
        public String toString() {
            return "ended with " + exitCode + " after " + took.toMillis() + " ms" + said(output);
        }
    }

    /**
     * It took too long and was killed, with all that it had started.
     *
     * @param output the end of what it said, on both streams
     */
    public record TimedOut(Duration timeout, String output) implements Result {
        @Override
        public String toString() {
            return "was killed after " + timeout.toMillis() + " ms" + said(output);
        }
    }

    /** It could not be run. */
    public record CouldNotStart(String message) implements Result {
        @Override
        public String toString() {
            return "could not be run: " + message;
        }
    }

    private static final int MOST_OUTPUT_BYTES = 2048;

    /** For the last words of a process that was killed; who holds its output open after that is not waited for. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final List<String> words;
    private final Duration timeout;
    private final Path file;
    private final AtomicReference<@Nullable Process> running = new AtomicReference<>();

    /**
     * A command.
     *
     * @param words the program and its arguments
     * @param timeout how long it may take
     * @param file the peers file
     */
    public ChangeCommand(List<String> words, Duration timeout, Path file) {
        this.words = List.copyOf(words);
        this.timeout = timeout;
        this.file = file;
    }

    /** Runs it to its end, or to its time-out. Blocks for that long. */
    Result run() {
        long started = System.nanoTime();
        ProcessBuilder builder = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("ETCD_AWS_PEERS_FILE_PATH", file.toString());
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            return new CouldNotStart(String.valueOf(e.getMessage()));
        }
        running.set(process);
        Tail tail = new Tail(process.getInputStream());
        try {
            boolean ended = process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
            Duration took = Duration.ofNanos(System.nanoTime() - started);
            if (!ended) {
                kill(process);
            }
            String output = tail.text();
            return ended ? new Ran(process.exitValue(), took, output) : new TimedOut(timeout, output);
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            return new CouldNotStart("this program is ending");
        } finally {
            running.set(null);
        }
    }

    /** Ends it, if it runs. */
    void kill() {
        Process process = running.get();
        if (process != null) {
            kill(process);
        }
    }

    private static void kill(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static String said(String output) {
        return output.isEmpty() ? "" : ": " + output;
    }

    /** Reads all of a stream, so that nobody blocks on it, and keeps its end. */
    private static final class Tail {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
        private final Thread reader;

        Tail(InputStream stream) {
            reader = new Thread(() -> read(stream), "change-command-output");
            reader.setDaemon(true);
            reader.start();
        }

        private void read(InputStream stream) {
            byte[] buffer = new byte[MOST_OUTPUT_BYTES];
            try (stream) {
                for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                    keep(buffer, count);
                }
            } catch (IOException e) {
                // The process was killed.
            }
        }

        private synchronized void keep(byte[] bytes, int count) {
            kept.write(bytes, 0, count);
            if (kept.size() > 2 * MOST_OUTPUT_BYTES) {
                byte[] all = kept.toByteArray();
                kept.reset();
                kept.write(all, all.length - MOST_OUTPUT_BYTES, MOST_OUTPUT_BYTES);
            }
        }

        String text() throws InterruptedException {
            reader.join(LAST_WORDS.toMillis());
            synchronized (this) {
                byte[] all = kept.toByteArray();
                int start = Math.max(0, all.length - MOST_OUTPUT_BYTES);
                return new String(all, start, all.length - start, StandardCharsets.UTF_8).strip();
            }
        }
    }
}
