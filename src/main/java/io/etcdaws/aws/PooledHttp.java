package io.etcdaws.aws;

import java.net.URI;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.event.LoggingAdapter;
import org.apache.pekko.http.javadsl.ConnectionContext;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.HttpsConnectionContext;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.settings.ConnectionPoolSettings;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests over Pekko HTTP's connection pools, each under one deadline and none repeated: whoever asks owns the
 * retries.
 */
final class PooledHttp {
    /** How much longer than any deadline a connection may be idle, so that the deadline's clearer message wins. */
    private static final Duration IDLE_MARGIN = Duration.ofSeconds(1);

    private static final Logger TIMES = LoggerFactory.getLogger(PooledHttp.class);

    private final ActorSystem<?> system;
    private final Duration timeout;
    private final Http http;
    private final HttpsConnectionContext tls;
    private final ConnectionPoolSettings pool;
    private final LoggingAdapter log;

    /**
     * An answer whose entity is still to be read, in the time that is left.
     *
     * @param response its entity must be consumed
     * @param left what is left of the request's time, always positive
     */
    record Answer(HttpResponse response, Duration left) {}

    /** Requests that have this time, from connecting to the end of the answer's entity. */
    PooledHttp(ActorSystem<?> system, Duration timeout) {
        this.system = system;
        this.timeout = timeout;
        this.http = Http.get(system);
        // Pools are found by equality of these, so they are made once.
        this.tls = ConnectionContext.httpsClient(PooledHttp::engine);
        this.pool = poolSettings(system, timeout);
        this.log = Adapter.toClassic(system).log();
    }

    private static ConnectionPoolSettings poolSettings(ActorSystem<?> system, Duration timeout) {
        ConnectionPoolSettings defaults = ConnectionPoolSettings.create(Adapter.toClassic(system));
        return defaults.withConnectionSettings(defaults.getConnectionSettings()
                        .withUserAgentHeader(Optional.empty())
                        .withConnectingTimeout(timeout)
                        // An answer that never comes must not hold one of the pool's few connections.
                        .withIdleTimeout(timeout.plus(IDLE_MARGIN)))
                // Retries and back-off have one owner, and it is not the pool.
                .withMaxRetries(0)
                .withBaseConnectionBackoff(Duration.ZERO)
                .withMaxConnectionBackoff(Duration.ZERO);
    }

    /** Called for the first {@code https} connection, so that plain HTTP never pays for reading the CA certificates. */
    private static SSLEngine engine(String host, int port) throws NoSuchAlgorithmException {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** The time that each request has. */
    Duration timeout() {
        return timeout;
    }

    /** Sends a request; fails with {@link Unreachable}. */
    CompletionStage<Answer> send(HttpRequest request) {
        String origin = origin(request);
        long deadline = System.nanoTime() + timeout.toNanos();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        Cancellable alarm = system.scheduler()
                .scheduleOnce(
                        timeout,
                        () -> answer.completeExceptionally(Unreachable.tooLate(origin, timeout)),
                        system.executionContext());
        // On a named executor, or Java 17 would start a thread for it on a machine with two processors or less.
        http.singleRequest(request, tls, pool, log)
                .whenCompleteAsync(
                        (response, failure) -> {
                            alarm.cancel();
                            TIMES.debug(
                                    "{} {}: {}",
                                    request.method().name(),
                                    request.getUri(),
                                    failure == null ? "answered" : failure);
                            if (failure != null) {
                                answer.completeExceptionally(Unreachable.broken(origin, failure));
                                return;
                            }
                            Duration left = Duration.ofNanos(Math.max(1_000_000, deadline - System.nanoTime()));
                            if (!answer.complete(new Answer(response, left))) {
                                response.discardEntityBytes(system);
                            }
                        },
                        system.executionContext());
        return answer;
    }

    /** Scheme, host and port of a request, for people. */
    static String origin(HttpRequest request) {
        URI uri = URI.create(request.getUri().toString());
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }
}
