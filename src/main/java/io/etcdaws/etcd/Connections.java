package io.etcdaws.etcd;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections that are made with one set of credentials. Thread-safe.
 *
 * <p>Those that questions are asked over are kept for the next, in this round and the next one: making them is most of what a round
 * costs, here and, with TLS, at etcd. One that a question was not answered over is closed, and never asked again.
 */
final class Connections {
    private final Connection.Making making;
    private final Credentials credentials;
    private final Map<String, Deque<Connection>> idle = new HashMap<>();
    private boolean closed;

    Connections(Connection.Making making, Credentials credentials) {
        this.making = making;
        this.credentials = credentials;
    }

    Credentials credentials() {
        return credentials;
    }

    /** One that was kept, or a new one. */
    Connection take(String baseUrl) {
        synchronized (this) {
            Deque<Connection> kept = idle.getOrDefault(baseUrl, new ArrayDeque<>());
            while (!kept.isEmpty()) {
                Connection connection = kept.pop();
                if (connection.isOpen()) {
                    return connection;
                }
            }
        }
        return open(baseUrl);
    }

    /** A new one. */
    Connection open(String baseUrl) {
        Connection connection = new Connection(making, credentials, baseUrl);
        connection.end().thenRunAsync(() -> forget(connection), making.system().executionContext());
        return connection;
    }

    /** Keeps one over which a reply has come. */
    void keep(Connection connection) {
        synchronized (this) {
            if (!closed && connection.isOpen()) {
                idle.computeIfAbsent(connection.baseUrl(), url -> new ArrayDeque<>())
                        .push(connection);
                return;
            }
        }
        connection.close();
    }

    private synchronized void forget(Connection connection) {
        idle.computeIfPresent(connection.baseUrl(), (url, kept) -> {
            kept.remove(connection);
            return kept.isEmpty() ? null : kept;
        });
    }

    /** Closes all that are kept, and those that are under way when they are not needed any more. */
    void close() {
        List<Connection> kept;
        synchronized (this) {
            closed = true;
            kept = idle.values().stream().flatMap(Deque::stream).toList();
            idle.clear();
        }
        kept.forEach(Connection::close);
    }
}
