package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ClientTransport;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.OutgoingConnection;
import org.apache.pekko.http.javadsl.OutgoingConnectionBuilder;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.settings.ClientConnectionSettings;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.http.scaladsl.model.IllegalResponseException;
import org.apache.pekko.http.scaladsl.model.ParsingException;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.StreamTcpException;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a port of an etcd, for one request at a time. Thread-safe.
 *
 * <p>What follows on a stage of Pekko's runs on a named executor: Scala's stages make all that names none asynchronous, for
 * which Java 17 starts a thread each on a machine with two processors or less.
 */
final class Connection {
    private static final long LARGEST_BODY_BYTES = 1024 * 1024;
    private static final Duration LONGER_THAN_ANY_DEADLINE = Duration.ofMinutes(5);

    /** How all connections of an actor system are made; settings are read once rather than for each of them. */
    record Making(ActorSystem<?> system, OutgoingConnectionBuilder builder, ClientConnectionSettings settings) {
        static Making of(ActorSystem<?> system) {
            // The deadline is that of the conversation; these only must not come first. What nobody uses any more ends
            // by them.
            ClientConnectionSettings defaults = ClientConnectionSettings.create(system.classicSystem());
            ClientConnectionSettings settings = defaults
                    // One header is read, as it is.
                    .withParserSettings(defaults.getParserSettings().withModeledHeaderParsing(false))
                    .withConnectingTimeout(LONGER_THAN_ANY_DEADLINE)
                    .withIdleTimeout(LONGER_THAN_ANY_DEADLINE);
            return new Making(system, Http.get(system).connectionTo("localhost"), settings);
        }
    }

    /** A request that waits for its reply. */
    private record Asked(String label, CompletableFuture<HttpReply> reply) {}

    private final ActorSystem<?> system;
    private final String baseUrl;
    private final SharedKillSwitch killSwitch;
    private final BoundedSourceQueue<HttpRequest> requests;
    private final CompletionStage<Done> end;
    private final AtomicReference<@Nullable Asked> asked = new AtomicReference<>();
    private volatile boolean connected;
    private volatile boolean ended;
    private volatile boolean used;

    /**
     * Begins to connect.
     *
     * @param baseUrl scheme, host and port
     */
    Connection(Making making, Credentials credentials, String baseUrl) {
        this.system = making.system();
        this.baseUrl = baseUrl;
        this.killSwitch = KillSwitches.shared(baseUrl);
        Pair<Pair<BoundedSourceQueue<HttpRequest>, CompletionStage<OutgoingConnection>>, CompletionStage<Done>>
                running = Source.<HttpRequest>queue(1)
                        .viaMat(to(making, credentials, URI.create(baseUrl), killSwitch), Keep.both())
                        .mapAsync(1, this::whole)
                        .toMat(Sink.foreach(this::answered), Keep.both())
                        // Failures are what this is for; they are told to the caller and are no errors of this program.
                        .addAttributes(Attributes.logLevels(
                                Attributes.logLevelOff(), Attributes.logLevelOff(), Attributes.logLevelOff()))
                        .run(system);
        this.requests = running.first().first();
        this.end = running.second();
        running.first().second().thenRunAsync(() -> connected = true, system.executionContext());
        end.whenCompleteAsync((done, failure) -> ended(failure), system.executionContext());
    }

    private static Flow<HttpRequest, HttpResponse, CompletionStage<OutgoingConnection>> to(
            Making making, Credentials credentials, URI url, SharedKillSwitch killSwitch) {
        String host = url.getHost().startsWith("[")
                ? url.getHost().substring(1, url.getHost().length() - 1)
                : url.getHost();
        OutgoingConnectionBuilder builder = making.builder()
                .toHost(host)
                .toPort(url.getPort())
                .withClientConnectionSettings(making.settings().withTransport(new AbortableTransport(killSwitch)));
        return "https".equals(url.getScheme())
                ? builder.withCustomHttpsConnectionContext(ConnectionContext.httpsClient(credentials::engineFor))
                        .https()
                : builder.http();
    }

    /**
     * Sends a request, after the reply to the one before has come.
     *
     * @param label what the reply is told to be from
     * @return the reply, or an {@link EtcdException}
     */
    CompletionStage<HttpReply> ask(HttpRequest request, String label) {
        Asked now = new Asked(label, new CompletableFuture<>());
        asked.set(now);
        used = true;
        if (!requests.offer(request).isEnqueued() || ended) {
            // It has ended before anybody was there to be told why.
            end.whenCompleteAsync((done, failure) -> ended(failure), system.executionContext());
        }
        return now.reply();
    }

    private CompletionStage<HttpReply> whole(HttpResponse response) {
        Asked now = asked.get();
        String from = now == null ? baseUrl : now.label();
        if (response.entity() instanceof HttpEntity.Strict strict) {
            // It came in one piece. Asked to be made strict, it would go through a stream of its own.
            return CompletableFuture.completedFuture(reply(from, response, strict));
        }
        return response.entity()
                .toStrict(LONGER_THAN_ANY_DEADLINE.toMillis(), LARGEST_BODY_BYTES, system.classicSystem())
                .thenApplyAsync(strict -> reply(from, response, strict), system.executionContext());
    }

    private static HttpReply reply(String from, HttpResponse response, HttpEntity.Strict entity) {
        return new HttpReply(
                from,
                response.status().intValue(),
                response.getHeader("X-Etcd-Cluster-Id").map(HttpHeader::value),
                entity.getData().utf8String());
    }

    private void answered(HttpReply reply) {
        Asked now = asked.getAndSet(null);
        if (now != null) {
            // Not on the stream's own thread: whoever waits for it goes on now.
            system.executionContext().execute(() -> now.reply().complete(reply));
        }
    }

    private void ended(@Nullable Throwable failure) {
        ended = true;
        Asked now = asked.getAndSet(null);
        if (now != null) {
            Throwable why = failure == null ? new EtcdException(Kind.BROKEN, "closed") : failure;
            now.reply().completeExceptionally(understand(why, now.label()));
        }
    }

    /** When it has ended, however that was. */
    CompletionStage<Done> end() {
        return end.exceptionally(failure -> Done.done());
    }

    String baseUrl() {
        return baseUrl;
    }

    boolean isConnected() {
        return connected;
    }

    /** Whether it may be used, as far as is known yet. */
    boolean isOpen() {
        return !ended;
    }

    /** Whether it has carried a request. */
    boolean isUsed() {
        return used;
    }

    /** Closes it once nothing is under way. */
    void close() {
        requests.complete();
    }

    /** Closes it now: that makes etcd give up a call that hangs. */
    void abort(EtcdException why) {
        killSwitch.abort(why);
    }

    private EtcdException understand(Throwable failure, String label) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            Optional<Kind> kind = kindOf(cause, message);
            if (kind.isPresent()) {
                return new EtcdException(kind.get(), label + ": " + describe(kind.get(), cause, message));
            }
        }
        boolean connecting = failure instanceof StreamTcpException
                && String.valueOf(failure.getMessage()).startsWith("Tcp command [Connect(");
        return connecting
                ? new EtcdException(Kind.NO_CONNECTION, label + ": no connection (" + failure.getMessage() + ")")
                : new EtcdException(
                        Kind.BROKEN,
                        label + ": the connection broke before an answer came; perhaps it "
                                + (baseUrl.startsWith("https:")
                                        ? "does not speak TLS, or wants a client certificate"
                                        : "speaks TLS")
                                + " ("
                                + failure.getMessage() + ")");
    }

    private static Optional<Kind> kindOf(Throwable cause, String message) {
        if (cause instanceof EtcdException known) {
            return Optional.of(known.kind());
        }
        if (cause instanceof SSLException) {
            return Optional.of(Kind.TLS);
        }
        if (cause instanceof ConnectException
                && message.toLowerCase(Locale.ROOT).contains("refused")) {
            return Optional.of(Kind.CONNECTION_REFUSED);
        }
        if (cause instanceof ConnectException
                || cause instanceof NoRouteToHostException
                || cause instanceof UnknownHostException
                || cause instanceof SocketTimeoutException) {
            return Optional.of(Kind.NO_CONNECTION);
        }
        if (cause instanceof EntityStreamSizeException
                || cause instanceof EntityStreamException
                || cause instanceof IllegalResponseException
                || cause instanceof ParsingException) {
            return Optional.of(Kind.GARBLED);
        }
        return Optional.empty();
    }

    private static String describe(Kind kind, Throwable cause, String message) {
        return switch (kind) {
            case CONNECTION_REFUSED -> "connection refused";
            case NO_CONNECTION -> "no connection (" + message + ")";
            case TLS -> "TLS: " + rootMessage(cause);
            case GARBLED -> "the answer is not what it should be (" + message + ")";
            default -> message;
        };
    }

    /** In TLS the last cause says it plainly: {@code No subject alternative names matching IP address …}. */
    private static String rootMessage(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /**
     * TCP that a kill switch tears down. Failing or cancelling the stream of responses does not do that: Pekko HTTP leaves
     * the connection open until the response that is due has come.
     */
    private static final class AbortableTransport extends ClientTransport {
        private final SharedKillSwitch killSwitch;

        AbortableTransport(SharedKillSwitch killSwitch) {
            this.killSwitch = killSwitch;
        }

        @Override
        public Flow<ByteString, ByteString, CompletionStage<OutgoingConnection>> connectTo(
                String host, int port, ClientConnectionSettings settings, org.apache.pekko.actor.ActorSystem system) {
            return Flow.of(ByteString.class)
                    .via(killSwitch.flow())
                    .viaMat(ClientTransport.TCP().connectTo(host, port, settings, system), Keep.right())
                    .via(killSwitch.flow());
        }
    }
}
