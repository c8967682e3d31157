package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;

/** What can be done with a port of this machine, found out by trying. */
final class Ports {
    private static final int MOST_MILLIS = 200;

    private Ports() {}

    /** Whether something accepts connections there. */
    static boolean accepts(String address, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address, port), MOST_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether this process could listen there; any port if it is 0. */
    static boolean areFree(String address, int port) {
        Optional<ServerSocket> socket = listen(address, port);
        socket.ifPresent(Ports::close);
        return socket.isPresent();
    }

    /** Listens there, if that is possible. */
    static Optional<ServerSocket> listen(String address, int port) {
        try {
            ServerSocket socket = new ServerSocket();
            try {
                socket.setReuseAddress(true);
                socket.bind(new InetSocketAddress(address, port));
                return Optional.of(socket);
            } catch (IOException e) {
                socket.close();
                return Optional.empty();
            }
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Listens no longer. */
    static void close(ServerSocket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
