package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Finds which node's process has one end of a connection, in Linux's {@code /proc}. */
final class SocketOwners {
    private static final Path PROC = Path.of("/proc");

    /** The columns of {@code /proc/net/tcp}, in which addresses are hexadecimal, with the first number last. */
    private static final int LOCAL = 1;

    private static final int REMOTE = 2;
    private static final int INODE = 9;

    private final Supplier<Map<String, List<Long>>> pids;

    /**
     * A finder.
     *
     * @param pids the processes of each node as they are now
     */
    SocketOwners(Supplier<Map<String, List<Long>>> pids) {
        this.pids = pids;
    }

    /** Whether this system can tell. */
    static boolean areKnown() {
        return Files.isReadable(PROC.resolve("net").resolve("tcp"));
    }

    /** The node whose process is at the first end of a connection; empty if it is none of them, or has ended. */
    Optional<String> at(InetSocketAddress end, InetSocketAddress otherEnd) {
        return inode(hexadecimal(end), hexadecimal(otherEnd))
                .flatMap(inode -> pids.get().entrySet().stream()
                        .filter(node -> node.getValue().stream().anyMatch(pid -> has(pid, inode)))
                        .map(Map.Entry::getKey)
                        .findFirst());
    }

    private static Optional<String> inode(String end, String otherEnd) {
        // Java's sockets are IPv6's, whose form of the address ends with the same.
        return Stream.of("tcp", "tcp6")
                .flatMap(table -> rows(PROC.resolve("net").resolve(table)))
                .filter(row -> row[LOCAL].endsWith(end) && row[REMOTE].endsWith(otherEnd))
                .map(row -> row[INODE])
                .findFirst();
    }

    private static Stream<String[]> rows(Path table) {
        try {
            return Files.readAllLines(table).stream()
                    .skip(1)
                    .map(line -> line.trim().split("\\s+", -1));
        } catch (IOException e) {
            return Stream.empty();
        }
    }

    private static boolean has(long pid, String inode) {
        Path wanted = Path.of("socket:[" + inode + "]");
        try (Stream<Path> descriptors =
                Files.list(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
            return descriptors.anyMatch(descriptor -> wanted.equals(target(descriptor)));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static Path target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor);
        } catch (IOException e) {
            return descriptor;
        }
    }

    private static String hexadecimal(InetSocketAddress end) {
        byte[] numbers = end.getAddress().getAddress();
        StringBuilder text = new StringBuilder();
        for (int i = numbers.length - 1; i >= 0; i--) {
            text.append(String.format("%02X", numbers[i]));
        }
        return text + String.format(Locale.ROOT, ":%04X", end.getPort());
    }
}
