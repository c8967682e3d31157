package io.etcdaws.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.etcdaws.management.ManagementServer.Pages;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.Policy.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ManagementServerTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final InetSocketAddress ANY_PORT = InetSocketAddress.createUnresolved("127.0.0.1", 0);

    private final HandClock clock = new HandClock();
    private final Liveness liveness = new Liveness(clock, Duration.ofMinutes(5));
    private volatile PeerState etcd = Sights.serving(1);
    private final Readiness readiness =
            Readiness.ofMember(clock, Duration.ofMinutes(2), self -> CompletableFuture.completedFuture(etcd));
    private final Metrics metrics = new Metrics(clock, "1.2.3");
    private final Status status = new Status(clock, "1.2.3", Role.MEMBER);
    private final ManagementServer server = start(Pages.of(liveness, readiness, metrics, status));

    @AfterEach
    void stop() {
        server.stop().toCompletableFuture().join();
    }

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void servesAllOfItFreshlyAndWithoutRedirects() throws Exception {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        for (String path : List.of("/", "/status", "/metrics", "/health/live", "/health/ready")) {
            HttpResponse<String> answer = get(path);
            assertEquals(200, answer.statusCode(), path);
            assertEquals("no-store", header(answer, "cache-control"), path);
            assertEquals("nosniff", header(answer, "x-content-type-options"), path);
            assertTrue(answer.headers().firstValue("server").isEmpty(), path);
        }
        assertEquals("text/plain; version=0.0.4; charset=UTF-8", header(get("/metrics"), "content-type"));
        assertEquals("application/json", header(get("/status"), "content-type"));
        assertEquals("text/html; charset=UTF-8", header(get("/"), "content-type"));
    }

    @Test
    void metricsAndStatusCanBeRead() throws Exception {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        assertEquals(1, PrometheusText.parse(get("/metrics").body()).get("etcd_aws_ready"));
        assertEquals(1, PrometheusText.parse(get("/metrics").body()).get("etcd_aws_leader"));
        assertEquals(
                "1.2.3",
                JsonParser.parseString(get("/status").body())
                        .getAsJsonObject()
                        .get("version")
                        .getAsString());
    }

    @Test
    void saysWhyItIsNotReady() throws Exception {
        readiness.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        etcd = new PeerState.NotServing();
        HttpResponse<String> answer = get("/health/ready");
        assertEquals(503, answer.statusCode());
        assertTrue(answer.body().contains("runs no etcd"), answer.body());
        assertEquals(200, get("/health/live").statusCode());
    }

    @Test
    void isNotLiveOnceTheRoundsHaveStopped() throws Exception {
        clock.forward(Duration.ofMinutes(6));
        HttpResponse<String> answer = get("/health/live");
        assertEquals(503, answer.statusCode());
        assertFalse(JsonParser.parseString(answer.body())
                .getAsJsonObject()
                .get("ok")
                .getAsBoolean());
    }

    @Test
    void thePageIsKeptFromRunningOrLoadingAnything() throws Exception {
        HttpResponse<String> page = get("/");
        String policy = header(page, "content-security-policy");
        assertTrue(policy.startsWith("default-src 'none'; style-src 'sha256-"), policy);
        assertEquals("DENY", header(page, "x-frame-options"));
    }

    @Test
    void answersHeadAndNothingThatWouldChangeAnything() throws Exception {
        HttpResponse<String> head = send("HEAD", "/status");
        assertEquals(200, head.statusCode());
        assertEquals("", head.body());
        for (String method : List.of("POST", "PUT", "DELETE", "OPTIONS", "PATCH")) {
            HttpResponse<String> answer = send(method, "/health/ready");
            assertEquals(405, answer.statusCode(), method);
            assertEquals("GET, HEAD", header(answer, "allow"), method);
        }
    }

    @Test
    void knowsNoOtherPaths() throws Exception {
        for (String path : List.of("/favicon.ico", "/health", "/health/ready/", "//", "/status%2f", "/nothing?x=<b>")) {
            HttpResponse<String> answer = get(path);
            assertEquals(404, answer.statusCode(), path);
            assertFalse(answer.body().contains("<b>"), path);
        }
        assertEquals(200, get("/health/live?from=kubelet").statusCode());
    }

    @Test
    void anAnswerThatBreaksIsABugAndNoMore() throws Exception {
        ManagementServer broken = start(new Pages(
                () -> CompletableFuture.failedFuture(new IllegalStateException("secret")),
                readiness,
                () -> {
                    throw new IllegalStateException("secret");
                },
                () -> "{}",
                () -> CompletableFuture.completedFuture("")));
        for (String path : List.of("/health/live", "/metrics")) {
            HttpResponse<String> answer = send("GET", path, broken);
            assertEquals(500, answer.statusCode());
            assertFalse(answer.body().contains("secret"), answer.body());
        }
        assertEquals(200, send("GET", "/status", broken).statusCode());
        broken.stop().toCompletableFuture().join();
    }

    @Test
    void namesTheKeyIfItCannotListen() {
        InetSocketAddress taken = server.address();
        CompletionException failure = assertThrows(
                CompletionException.class,
                () -> ManagementServer.start(KIT.system(), taken, Pages.of(liveness, readiness, metrics, status))
                        .toCompletableFuture()
                        .join());
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains("cannot listen on 127.0.0.1:" + taken.getPort()), message);
        assertTrue(message.contains("Address already in use"), message);
        assertTrue(message.contains("management.address"), message);
    }

    private static ManagementServer start(Pages pages) {
        return ManagementServer.start(KIT.system(), ANY_PORT, pages)
                .toCompletableFuture()
                .join();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path);
    }

    private HttpResponse<String> send(String method, String path) throws IOException, InterruptedException {
        return send(method, path, server);
    }

    private static HttpResponse<String> send(String method, String path, ManagementServer to)
            throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + to.address().getPort()
                + path.replace("<", "%3C").replace(">", "%3E"));
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(uri)
                                .method(method, BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString());
    }

    private static String header(HttpResponse<String> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
