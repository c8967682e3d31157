package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.Exchange.Purpose;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/**
 * The requests of one probe or one call, with one deadline for all of them. When it comes, every request that is not
 * answered fails, and its connection is closed. Thread-safe.
 */
final class Conversation {
    private final ActorSystem<?> system;
    private final Connections connections;
    private final Purpose purpose;
    private final Cancellable timer;
    private final Set<Exchange> open = new LinkedHashSet<>();
    private Optional<String> ended = Optional.empty();

    Conversation(ActorSystem<?> system, Connections connections, Purpose purpose, Duration deadline) {
        this.system = system;
        this.connections = connections;
        this.purpose = purpose;
        this.timer = system.scheduler()
                .scheduleOnce(deadline, () -> end("within " + inWords(deadline)), system.executionContext());
    }

    /**
     * Sends a request. The answer may be of any HTTP status.
     *
     * @param baseUrl scheme, host and port
     * @param request whose URI is a path
     * @return the reply, or an {@link EtcdException} that says why there is none
     */
    CompletionStage<HttpReply> send(String baseUrl, HttpRequest request) {
        // Members advertise what they like: whatever cannot be spoken to fails as an answer would, and throws nothing.
        if (baseUrl.startsWith("https:") && !connections.credentials().canSpeakTls()) {
            return CompletableFuture.failedFuture(new EtcdException(
                    Kind.TLS,
                    "it advertises " + baseUrl + ", and etcd.client-scheme is http (and so is etcd.peer-scheme)"));
        }
        Exchange exchange;
        synchronized (this) {
            if (ended.isPresent()) {
                return CompletableFuture.failedFuture(new EtcdException(
                        Kind.TIMED_OUT,
                        request.method().name() + " " + baseUrl
                                + request.getUri().path() + ": not asked any more, no time left " + ended.get()));
            }
            try {
                PeerUrl.parse(baseUrl);
                exchange = new Exchange(connections, purpose, baseUrl, request);
            } catch (RuntimeException e) {
                return CompletableFuture.failedFuture(
                        new EtcdException(Kind.INVALID, "'" + baseUrl + "' is no usable URL (" + e.getMessage() + ")"));
            }
            open.add(exchange);
        }
        return exchange.reply().whenComplete((reply, failure) -> forget(exchange));
    }

    /** Does something later, whether there is time left or not. */
    void after(Duration delay, Runnable action) {
        system.scheduler().scheduleOnce(delay, action, system.executionContext());
    }

    /** Gives up what is not answered; for the end of the work, too. */
    void close() {
        timer.cancel();
        end("before it was given up");
    }

    /** The requests that are not answered yet, for people. */
    synchronized String pending() {
        return open.stream().map(Exchange::toString).collect(Collectors.joining(", "));
    }

    private synchronized void forget(Exchange exchange) {
        open.remove(exchange);
    }

    private void end(String why) {
        Set<Exchange> aborted;
        synchronized (this) {
            if (ended.isEmpty()) {
                ended = Optional.of(why);
            }
            aborted = Set.copyOf(open);
        }
        // Outside the lock: whoever waits for a reply runs now.
        aborted.forEach(exchange -> exchange.abort(why));
    }

    private static String inWords(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
