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
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ClientTransport;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.OutgoingConnection;
import org.apache.pekko.http.javadsl.OutgoingConnectionBuilder;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.Connection;
import org.apache.pekko.http.javadsl.settings.ClientConnectionSettings;
import org.apache.pekko.http.scaladsl.model.EntityStreamException;
import org.apache.pekko.http.scaladsl.model.EntityStreamSizeException;
import org.apache.pekko.http.scaladsl.model.IllegalResponseException;
import org.apache.pekko.http.scaladsl.model.ParsingException;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.KillSwitches;
import org.apache.pekko.stream.SharedKillSwitch;
import org.apache.pekko.stream.StreamTcpException;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on a connection of its own, which is closed afterwards, whatever happens: closing it is what makes etcd
 * give up a call that hangs, and a pooled connection might carry the next call into the same hole.
 *
 * <p>What follows on a stage of Pekko's runs on a named executor: Scala's stages make all that names none asynchronous, for
 * which Java 17 starts a thread each on a machine with two processors or less.
 */
final class Exchange {
    private static final Logger log = LoggerFactory.getLogger(Exchange.class);
    private static final long LARGEST_BODY_BYTES = 1024 * 1024;
    private static final Duration LONGER_THAN_ANY_DEADLINE = Duration.ofMinutes(5);

    private final String label;
    private final boolean tls;
    private final CompletableFuture<HttpReply> reply = new CompletableFuture<>();
    private final SharedKillSwitch connection;
    private final AtomicBoolean connected = new AtomicBoolean();

    /**
     * Opens a connection and sends the request.
     *
     * @param baseUrl scheme, host and port
     * @param connecting how any connection is made
     * @param request whose URI is a path
     */
    Exchange(
            ActorSystem<?> system,
            Connecting connecting,
            Credentials credentials,
            String baseUrl,
            HttpRequest request) {
        this.label = request.method().name() + " " + baseUrl + request.getUri().path();
        this.tls = baseUrl.startsWith("https:");
        this.connection = KillSwitches.shared(label);
        Pair<CompletionStage<OutgoingConnection>, CompletionStage<HttpReply>> running = Source.single(
                        request.addHeader(Connection.create("close")))
                .viaMat(connectionTo(connecting, credentials, URI.create(baseUrl), connection), Keep.right())
                .mapAsync(1, response -> whole(system, response))
                .toMat(Sink.head(), Keep.both())
                // Failures are what this is for; they are told to the caller and are no errors of this program.
                .addAttributes(Attributes.logLevels(
                        Attributes.logLevelOff(), Attributes.logLevelOff(), Attributes.logLevelOff()))
                .run(system);
        running.first().thenRunAsync(() -> connected.set(true), system.executionContext());
        running.second()
                .whenCompleteAsync(
                        (answer, failure) -> {
                            log.debug("{}: {}", label, failure == null ? "answered" : failure);
                            if (failure != null) {
                                reply.completeExceptionally(understand(failure));
                            } else {
                                reply.complete(answer);
                            }
                        },
                        system.executionContext());
    }

    /** How all connections of an actor system are made; settings are read once rather than for each of them. */
    record Connecting(OutgoingConnectionBuilder builder, ClientConnectionSettings settings) {
        static Connecting of(ActorSystem<?> system) {
            // The deadline is that of the conversation; these only must not come first.
            ClientConnectionSettings settings = ClientConnectionSettings.create(system.classicSystem())
                    .withConnectingTimeout(LONGER_THAN_ANY_DEADLINE)
                    .withIdleTimeout(LONGER_THAN_ANY_DEADLINE);
            return new Connecting(Http.get(system).connectionTo("localhost"), settings);
        }
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
        EtcdException failure = connected.get()
                ? new EtcdException(Kind.TIMED_OUT, label + ": connected, no answer " + why)
                : new EtcdException(Kind.NO_CONNECTION, label + ": no connection " + why);
        reply.completeExceptionally(failure);
        connection.abort(failure);
    }

    private static Flow<HttpRequest, HttpResponse, CompletionStage<OutgoingConnection>> connectionTo(
            Connecting connecting, Credentials credentials, URI url, SharedKillSwitch killSwitch) {
        String host = url.getHost().startsWith("[")
                ? url.getHost().substring(1, url.getHost().length() - 1)
                : url.getHost();
        OutgoingConnectionBuilder builder = connecting
                .builder()
                .toHost(host)
                .toPort(url.getPort())
                .withClientConnectionSettings(connecting.settings().withTransport(new AbortableTransport(killSwitch)));
        return "https".equals(url.getScheme())
                ? builder.withCustomHttpsConnectionContext(ConnectionContext.httpsClient(credentials::engineFor))
                        .https()
                : builder.http();
    }

    private CompletionStage<HttpReply> whole(ActorSystem<?> system, HttpResponse response) {
        Optional<String> clusterId = response.getHeader("X-Etcd-Cluster-Id").map(HttpHeader::value);
        return response.entity()
                .toStrict(LONGER_THAN_ANY_DEADLINE.toMillis(), LARGEST_BODY_BYTES, system.classicSystem())
                .thenApplyAsync(
                        entity -> new HttpReply(
                                label,
                                response.status().intValue(),
                                clusterId,
                                entity.getData().utf8String()),
                        system.executionContext());
    }

    private EtcdException understand(Throwable failure) {
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
                                + (tls ? "does not speak TLS, or wants a client certificate" : "speaks TLS") + " ("
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
