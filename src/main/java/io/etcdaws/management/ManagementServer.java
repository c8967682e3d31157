package io.etcdaws.management;

import com.google.gson.JsonObject;
import io.etcdaws.management.Health.Verdict;
import io.etcdaws.reconcile.MembersJson;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCode;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.duration.FiniteDuration;

/**
 * The management endpoint: {@code GET} or {@code HEAD} of {@code /}, {@code /status}, {@code /metrics}, {@code /health/live} and
 * {@code /health/ready}. Read-only, without authentication, and so on loopback unless an operator says otherwise.
 */
public final class ManagementServer {
    private static final Logger log = LoggerFactory.getLogger(ManagementServer.class);

    /** As Prometheus knows its text format. */
    private static final ContentType METRICS = ContentTypes.parse("text/plain; version=0.0.4; charset=utf-8");

    /** Who watches comes back at once; this program shares its machine with etcd. */
    private static final int MOST_CONNECTIONS = 64;

    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);

    /** A probe of this node's etcd is done sooner. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

    /** Nothing that is asked here has a body. */
    private static final int MOST_BODY_BYTES = 4096;

    private static final Duration TIME_TO_STOP = Duration.ofSeconds(1);

    private static final List<HttpHeader> HEADERS = List.of(
            RawHeader.create("Cache-Control", "no-store"), RawHeader.create("X-Content-Type-Options", "nosniff"));

    /**
     * What it serves. Nothing of it may block.
     *
     * @param live whether the process does its work
     * @param ready whether this node does what it is there for
     * @param metrics in Prometheus's text format
     * @param status a JSON object
     * @param page HTML
     */
    public record Pages(
            Health live,
            Health ready,
            Supplier<CompletionStage<String>> metrics,
            Supplier<String> status,
            Supplier<CompletionStage<String>> page) {
        /** All of what is known here. */
        public static Pages of(Liveness liveness, Readiness readiness, Metrics metrics, Status status) {
            return new Pages(
                    liveness,
                    readiness,
                    () -> readiness.check().thenApply(ready -> metrics.text(ready.holds(), readiness.leads())),
                    status::toJson,
                    () -> readiness.check().thenApply(ready -> StatusPage.of(status.snapshot(), ready)));
        }
    }

    private final ActorSystem<?> system;
    private final Map<String, Supplier<CompletionStage<HttpResponse>>> routes;
    private final CompletableFuture<ServerBinding> binding = new CompletableFuture<>();

    private ManagementServer(ActorSystem<?> system, Pages pages) {
        this.system = system;
        this.routes = Map.of(
                "/", () -> pages.page().get().thenApply(ManagementServer::page),
                "/status",
                        () -> done(answer(
                                StatusCodes.OK,
                                ContentTypes.APPLICATION_JSON,
                                pages.status().get())),
                "/metrics", () -> pages.metrics().get().thenApply(text -> answer(StatusCodes.OK, METRICS, text)),
                "/health/live", () -> pages.live().check().thenApply(ManagementServer::health),
                "/health/ready", () -> pages.ready().check().thenApply(ManagementServer::health));
    }

    /**
     * Starts to listen.
     *
     * @return the server once it listens; fails with an {@link IllegalStateException} that is for the operator if it cannot
     */
    public static CompletionStage<ManagementServer> start(
            ActorSystem<?> system, InetSocketAddress address, Pages pages) {
        ManagementServer server = new ManagementServer(system, pages);
        return Http.get(system)
                .newServerAt(address.getHostString(), address.getPort())
                .withSettings(settings(system))
                .bind(server::handle)
                .handle((bound, failure) -> {
                    if (failure != null) {
                        throw new IllegalStateException(cannotListen(address, failure), failure);
                    }
                    server.binding.complete(bound);
                    log.info("management endpoint at http://{}", spelt(server.address()));
                    return server;
                });
    }

    private static ServerSettings settings(ActorSystem<?> system) {
        ServerSettings settings = ServerSettings.create(Adapter.toClassic(system));
        return settings.withServerHeader(Optional.empty())
                .withMaxConnections(MOST_CONNECTIONS)
                .withTimeouts(settings.getTimeouts()
                        .withIdleTimeout(scala(IDLE_TIMEOUT))
                        .withRequestTimeout(scala(REQUEST_TIMEOUT)))
                .withParserSettings(settings.getParserSettings().withMaxContentLength(MOST_BODY_BYTES));
    }

    private static FiniteDuration scala(Duration duration) {
        return FiniteDuration.fromNanos(duration.toNanos());
    }

    private static String cannotListen(InetSocketAddress address, Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return "the management endpoint cannot listen on " + spelt(address) + ": " + cause.getMessage()
                + "; set management.address to a free host:port of this machine, or to off";
    }

    private static String spelt(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return binding.join().localAddress();
    }

    /** Stops to listen, and ends what is under way. */
    public CompletionStage<Void> stop() {
        return binding.thenCompose(bound -> bound.terminate(TIME_TO_STOP)).thenAccept(terminated -> {});
    }

    private CompletionStage<HttpResponse> handle(HttpRequest request) {
        request.discardEntityBytes(system);
        Supplier<CompletionStage<HttpResponse>> route =
                routes.get(request.getUri().path());
        if (route == null) {
            return done(text(
                    StatusCodes.NOT_FOUND, "nothing is here; see /, /status, /metrics, /health/live, /health/ready"));
        }
        if (!request.method().equals(HttpMethods.GET) && !request.method().equals(HttpMethods.HEAD)) {
            return done(text(StatusCodes.METHOD_NOT_ALLOWED, "read only: GET or HEAD")
                    .addHeader(RawHeader.create("Allow", "GET, HEAD")));
        }
        try {
            return route.get().exceptionally(ManagementServer::broken);
        } catch (RuntimeException e) {
            return done(broken(e));
        }
    }

    private static HttpResponse health(Verdict verdict) {
        JsonObject json = new JsonObject();
        json.addProperty("ok", verdict.holds());
        json.add("problems", MembersJson.texts(verdict.problems()));
        return answer(
                verdict.holds() ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE,
                ContentTypes.APPLICATION_JSON,
                json + "\n");
    }

    private static HttpResponse page(String html) {
        return answer(StatusCodes.OK, ContentTypes.TEXT_HTML_UTF8, html).addHeaders(StatusPage.HEADERS);
    }

    private static HttpResponse broken(Throwable failure) {
        log.error("answering a request for status broke", failure);
        return text(StatusCodes.INTERNAL_SERVER_ERROR, "a bug; see the log");
    }

    private static HttpResponse text(StatusCode status, String line) {
        return answer(status, ContentTypes.TEXT_PLAIN_UTF8, line + "\n");
    }

    private static HttpResponse answer(StatusCode status, ContentType type, String body) {
        return HttpResponse.create()
                .withStatus(status)
                .addHeaders(HEADERS)
                .withEntity(HttpEntities.create(type, ByteString.fromString(body)));
    }

    private static CompletionStage<HttpResponse> done(HttpResponse response) {
        return CompletableFuture.completedFuture(response);
    }
}
