package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The sandbox's temporary directory, and whoever cleans up should the sandbox be killed: a small shell, which waits for the
 * sandbox to end, kills the processes that were there last, deletes the directory, and says so.
 */
final class Home {
    private static final String CLEANER = """
            trap '' INT TERM HUP QUIT
            pids=
            while read -r line; do pids=$line; done
            if [ -n "$pids" ]; then kill -9 $pids; sleep 0.2; fi
            rm -rf "$0"
            printf '%s%s\\n' "$1" "etcd-aws sandbox: it was killed; its processes and files are removed"
            """;

    private final Path directory;
    private final Process cleaner;
    private final Writer toCleaner;

    private Home(Path directory, Process cleaner) {
        this.directory = directory;
        this.cleaner = cleaner;
        this.toCleaner = cleaner.outputWriter(StandardCharsets.UTF_8);
    }

    /**
     * Makes it.
     *
     * @param restoration what gives the terminal back to the user
     */
    static Home make(String restoration) throws IOException {
        Path directory = Files.createTempDirectory("etcd-aws-sandbox-");
        Process cleaner = new ProcessBuilder("sh", "-c", CLEANER, directory.toString(), restoration)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new Home(directory, cleaner);
    }

    Path directory() {
        return directory;
    }

    /** Says which processes there are now. */
    void tell(Collection<Long> pids) {
        try {
            toCleaner.write(pids.stream().map(String::valueOf).collect(Collectors.joining(" ")) + "\n");
            toCleaner.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the shell that cleans up has ended", e);
        }
    }

    /** Deletes the directory; nothing may use it any more. */
    void delete() {
        cleaner.destroyForcibly();
        delete(directory);
    }

    /** Deletes a file, or a directory with all that is in it, as far as that is possible. */
    static void delete(Path path) {
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(path)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        } catch (IOException | UncheckedIOException e) {
            return;
        }
        paths.forEach(each -> each.toFile().delete());
    }
}
