package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request, and its reply. */
final class Exchange {
    /** What a request is for. */
    enum Purpose {
        /** It changes nothing: it may go over a connection that was kept, and again where that turns out to be closed. */
        QUESTION,
        /** It is sent once, over a connection of its own. */
        CHANGE
    }

    private static final Logger log = LoggerFactory.getLogger(Exchange.class);

    private final Connections connections;
    private final Purpose purpose;
    private final String baseUrl;
    private final HttpRequest request;
    private final String label;
    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();

    /** What it goes over; null from the moment that there is a reply, since others may use it then. */
    private final AtomicReference<@Nullable Connection> connection = new AtomicReference<>();

    /**
     * Sends the request.
     *
     * @param baseUrl scheme, host and port
     * @param request whose URI is a path
     */
    Exchange(Connections connections, Purpose purpose, String baseUrl, HttpRequest request) {
        this.connections = connections;
        this.purpose = purpose;
        this.baseUrl = baseUrl;
        this.request = request;
        this.label = request.method().name() + " " + baseUrl + request.getUri().path();
        send(purpose == Purpose.QUESTION ? connections.take(baseUrl) : connections.open(baseUrl));
    }

    private void send(Connection through) {
        boolean kept = through.isUsed();
        connection.set(through);
        if (reply.isDone()) {
            through.abort(new EtcdException(Kind.TIMED_OUT, label + ": given up"));
            return;
        }
        through.ask(request, label).whenComplete((answer, failure) -> {
            if (failure == null) {
                answered(through, answer);
            } else if (kept && EtcdException.of(failure).kind() == Kind.BROKEN) {
                // It was closed while nobody used it, as by an etcd that has ended.
                send(connections.open(baseUrl));
            } else {
                log.debug("{}: {}", label, failure);
                reply.completeExceptionally(failure);
            }
        });
    }

    private void answered(Connection through, HttpReply answer) {
        log.debug("{}: answered", label);
        if (connection.compareAndSet(through, null)) {
            if (purpose == Purpose.QUESTION) {
                connections.keep(through);
            } else {
                through.close();
            }
        }
        reply.complete(answer);
    }

    /** The response, or an {@link EtcdException}. */
    CompletionStage<HttpReply> reply() {
        return reply;
    }

    /** Method and URL. */
    @Override
    public String toString() {
        return label;
    }

    /** Closes the connection now. The reply fails as timed out, unless it is there already. */
    void abort(String why) {
        Connection through = connection.getAndSet(null);
        EtcdException failure = through == null || through.isConnected()
                ? new EtcdException(Kind.TIMED_OUT, label + ": connected, no answer " + why)
                : new EtcdException(Kind.NO_CONNECTION, label + ": no connection " + why);
        reply.completeExceptionally(failure);
        if (through != null) {
            through.abort(failure);
        }
    }
}
