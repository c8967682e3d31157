package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Finds which node's process has one end of a connection, in Linux's {@code /proc}. */
final class SocketOwners {
    private static final Path PROC = Path.of("/proc");

    /** The columns of {@code /proc/net/tcp}, in which addresses are hexadecimal, with the first number last. */
    private static final int LOCAL = 1;

    private static final int REMOTE = 2;
    private static final int INODE = 9;

    /** The end of an address with its port. Java's sockets are IPv6's, whose form of an IPv4 address ends with the same. */
    private static final int IPV4_LENGTH = "0100007F:094B".length();

    /** How long what was found is believed: later, another process may have the same end. */
    private static final long BELIEVED_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Supplier<Map<String, List<Long>>> pids;
    private final LongSupplier nanos;
    private Map<Connection, String> found = Map.of();
    private long foundAt;

    private record Connection(String end, String otherEnd) {}

    /**
     * A finder.
     *
     * @param pids the processes of each node as they are now
     * @param nanos a clock
     */
    SocketOwners(Supplier<Map<String, List<Long>>> pids, LongSupplier nanos) {
        this.pids = pids;
        this.nanos = nanos;
    }

    /** Whether this system can tell. */
    static boolean areKnown() {
        return Files.isReadable(PROC.resolve("net").resolve("tcp"));
    }

    /**
     * The node whose process is at the first end of a connection; empty if it is none of them, or has ended. When a node is
     * cut off, all connections are asked for at once: one search finds them all, so that the others are not held up.
     */
    synchronized Optional<String> at(InetSocketAddress end, InetSocketAddress otherEnd) {
        Connection wanted = new Connection(hexadecimal(end), hexadecimal(otherEnd));
        if (!found.containsKey(wanted) || nanos.getAsLong() - foundAt > BELIEVED_NANOS) {
            found = search();
            foundAt = nanos.getAsLong();
        }
        return Optional.ofNullable(found.get(wanted));
    }

    private Map<Connection, String> search() {
        Map<String, String> nodes = new HashMap<>();
        pids.get().forEach((node, all) -> all.forEach(pid -> sockets(pid).forEach(inode -> nodes.put(inode, node))));
        Map<Connection, String> owners = new HashMap<>();
        Stream.of("tcp", "tcp6")
                .flatMap(table -> rows(PROC.resolve("net").resolve(table)))
                .filter(row -> nodes.containsKey(row[INODE]))
                .forEach(row -> owners.put(new Connection(ipv4(row[LOCAL]), ipv4(row[REMOTE])), nodes.get(row[INODE])));
        return owners;
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

    /** The inodes of a process's sockets. */
    private static List<String> sockets(long pid) {
        try (Stream<Path> descriptors =
                Files.list(PROC.resolve(Long.toString(pid)).resolve("fd"))) {
            return descriptors
                    .map(SocketOwners::target)
                    .filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring("socket:[".length(), target.length() - 1))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            return "";
        }
    }

    private static String ipv4(String address) {
        return address.substring(address.length() - IPV4_LENGTH);
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
