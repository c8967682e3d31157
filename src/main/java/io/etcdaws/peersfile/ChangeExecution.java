package io.etcdaws.peersfile;

import io.etcdaws.peersfile.ChangeCommand.CouldNotStart;
import io.etcdaws.peersfile.ChangeCommand.Ran;
import io.etcdaws.peersfile.ChangeCommand.Result;
import io.etcdaws.peersfile.ChangeCommand.TimedOut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * One run of a {@link ChangeCommand}. The command has nothing to read. What it has started is ended with it at its deadline
 * and when this program ends; what has left its tree by then, such as a daemon, goes on.
 */
final class ChangeExecution {
    /** Between two looks at what it wrote; a pipe holds 64 KiB meanwhile. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);

    /** What the command left in the pipe is read in fewer. */
    private static final int LAST_LOOKS = 20;

    private final ChangeCommand command;
    private final OutputTail output = new OutputTail();
    private Optional<Process> process = Optional.empty();
    private boolean ended;

    ChangeExecution(ChangeCommand command) {
        this.command = command;
    }

    /** Runs it to its end or its deadline, and blocks for as long. Used once. */
    Result run() {
        long started = System.nanoTime();
        // For an end of this program that stops no actors.
        Thread lastResort = new Thread(this::end, "end-change-command");
        try {
            Runtime.getRuntime().addShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            return new CouldNotStart(command.argv().get(0) + " was not run, since this program is ending");
        }
        try {
            Optional<Process> begun = start();
            return begun.isPresent()
                    ? await(begun.get(), started)
                    : new CouldNotStart(command.argv().get(0) + " was not run, since it was given up before");
        } catch (IOException e) {
            return new CouldNotStart(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end();
            return new TimedOut(since(started), output.text());
        } finally {
            forget(lastResort);
        }
    }

    /** Ends it with all that it has started, or keeps it from starting. Thread-safe; harmless when it is done. */
    void end() {
        Optional<Process> begun;
        synchronized (this) {
            ended = true;
            begun = process;
        }
        begun.map(Process::toHandle).ifPresent(ChangeExecution::killTree);
    }

    private synchronized Optional<Process> start() throws IOException {
        if (ended) {
            return Optional.empty();
        }
        ProcessBuilder builder = new ProcessBuilder(command.argv()).redirectErrorStream(true);
        builder.environment()
                .put(ChangeCommand.PATH_VARIABLE, command.peersFile().toString());
        Process begun = builder.start();
        process = Optional.of(begun);
        return process;
    }

    private Result await(Process begun, long started) throws IOException, InterruptedException {
        begun.getOutputStream().close();
        boolean over = false;
        while (!over && since(started).compareTo(command.deadline()) < 0) {
            over = begun.waitFor(drain(begun) ? 0 : LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
        }
        if (!over) {
            killTree(begun.toHandle());
            begun.waitFor();
        }
        Duration took = since(started);
        for (int i = 0; i < LAST_LOOKS && drain(begun); i++) {
            // All that is left, unless somebody goes on writing.
        }
        return over ? new Ran(begun.exitValue(), took, output.text()) : new TimedOut(command.deadline(), output.text());
    }

    /** Reads what is there and never waits: what the command left running may keep the pipe open for ever. */
    private boolean drain(Process begun) throws IOException {
        int ready = begun.getInputStream().available();
        output.add(begun.getInputStream().readNBytes(ready));
        return ready > 0;
    }

    /** From the top, so that nobody is left who starts others. */
    private static void killTree(ProcessHandle top) {
        List<ProcessHandle> below = top.descendants().toList();
        top.destroyForcibly();
        for (ProcessHandle process : below) {
            List<ProcessHandle> since = process.descendants().toList();
            process.destroyForcibly();
            since.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static Duration since(long started) {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    private static void forget(Thread lastResort) {
        try {
            Runtime.getRuntime().removeShutdownHook(lastResort);
        } catch (IllegalStateException e) {
            // This program is ending, and the hook is at work.
        }
    }

    /** The last of many bytes, as text. */
    private static final class OutputTail {
        private static final int MOST_BYTES = 2048;

        private byte[] kept = new byte[0];
        private boolean cut;

        void add(byte[] more) {
            int length = Math.min(MOST_BYTES, kept.length + more.length);
            byte[] both = new byte[length];
            int ofMore = Math.min(length, more.length);
            int ofKept = length - ofMore;
            cut |= kept.length + more.length > length;
            System.arraycopy(kept, kept.length - ofKept, both, 0, ofKept);
            System.arraycopy(more, more.length - ofMore, both, ofKept, ofMore);
            kept = both;
        }

        String text() {
            return (cut ? "…" : "") + new String(kept, StandardCharsets.UTF_8).strip();
        }
    }
}
