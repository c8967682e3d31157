package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SocketOwnersTest {
    private final AtomicLong now = new AtomicLong();

    @Test
    void findsTheNodeOfAConnection() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.2"));
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket accepted = server.accept()) {
            InetSocketAddress end = (InetSocketAddress) accepted.getRemoteSocketAddress();
            InetSocketAddress other = (InetSocketAddress) accepted.getLocalSocketAddress();
            assertEquals(client.getLocalPort(), end.getPort());
            long own = ProcessHandle.current().pid();
            assertEquals(
                    Optional.of("own"),
                    new SocketOwners(() -> Map.of("init", List.of(1L << 22), "own", List.of(own)), now::get)
                            .at(end, other));
            assertEquals(Optional.empty(), new SocketOwners(Map::of, now::get).at(end, other));
        }
    }

    @Test
    void findsAllConnectionsInOneSearchAndBelievesItForASecond() throws IOException {
        AtomicInteger searches = new AtomicInteger();
        SocketOwners owners = new SocketOwners(
                () -> {
                    searches.incrementAndGet();
                    return Map.of("own", List.of(ProcessHandle.current().pid()));
                },
                now::get);
        try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getByName("127.0.0.2"));
                Socket one = new Socket(server.getInetAddress(), server.getLocalPort());
                Socket two = new Socket(server.getInetAddress(), server.getLocalPort())) {
            InetSocketAddress service = (InetSocketAddress) server.getLocalSocketAddress();
            for (Socket client : List.of(one, two, one)) {
                InetSocketAddress end = (InetSocketAddress) client.getLocalSocketAddress();
                assertEquals(Optional.of("own"), owners.at(end, service));
            }
            assertEquals(1, searches.get());
            now.set(TimeUnit.SECONDS.toNanos(2));
            assertEquals(Optional.of("own"), owners.at((InetSocketAddress) two.getLocalSocketAddress(), service));
            assertEquals(2, searches.get());
        }
    }
}
