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
import org.junit.jupiter.api.Test;

class SocketOwnersTest {
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
                    new SocketOwners(() -> Map.of("init", List.of(1L << 22), "own", List.of(own))).at(end, other));
            assertEquals(Optional.empty(), new SocketOwners(Map::of).at(end, other));
        }
    }
}
