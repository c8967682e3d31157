package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.etcdaws.aws.WireServer.Answer;
import io.etcdaws.aws.WireServer.Request;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.stream.javadsl.AsPublisher;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.http.async.SdkHttpContentPublisher;

class PekkoSdkHttpClientTest {
    private static ActorTestKit kit;

    @BeforeAll
    static void start() {
        kit = ActorTestKit.create();
        // The first request of all loads classes for longer than the others may take.
        try (WireServer server = WireServer.start(request -> WireServer.text("warm"))) {
            send(
                    PekkoSdkHttpClient.create(kit.system(), Duration.ofSeconds(20)),
                    post(server.url()).build(),
                    NOTHING);
        }
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    /** What the SDK gets of a response. */
    private record Response(SdkHttpResponse head, ByteString body) {}

    private static final class Collector implements SdkAsyncHttpResponseHandler {
        private final CompletableFuture<SdkHttpResponse> head = new CompletableFuture<>();
        private final CompletableFuture<ByteString> body = new CompletableFuture<>();
        private final CompletableFuture<Throwable> error = new CompletableFuture<>();

        @Override
        public void onHeaders(SdkHttpResponse headers) {
            head.complete(headers);
        }

        @Override
        public void onStream(Publisher<ByteBuffer> stream) {
            Source.fromPublisher(stream)
                    .map(ByteString::fromByteBuffer)
                    .runWith(Sink.fold(ByteString.emptyByteString(), ByteString::concat), kit.system())
                    .whenComplete((all, failure) -> {
                        if (failure == null) {
                            body.complete(all);
                        } else {
                            body.completeExceptionally(failure);
                        }
                    });
        }

        @Override
        public void onError(Throwable failure) {
            error.complete(failure);
        }
    }

    private record Content(ByteString bytes, Optional<Long> contentLength) implements SdkHttpContentPublisher {
        @Override
        public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
            Source.from(List.of(bytes.take(bytes.size() / 2), bytes.drop(bytes.size() / 2)))
                    .map(ByteString::asByteBuffer)
                    .runWith(Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), kit.system())
                    .subscribe(subscriber);
        }
    }

    private static final Content NOTHING = new Content(ByteString.emptyByteString(), Optional.of(0L));

    private static Content content(String text) {
        ByteString bytes = ByteString.fromString(text);
        return new Content(bytes, Optional.of((long) bytes.size()));
    }

    private static PekkoSdkHttpClient client() {
        return PekkoSdkHttpClient.create(kit.system(), Duration.ofMillis(600));
    }

    private static Response send(PekkoSdkHttpClient client, SdkHttpFullRequest request, Content content) {
        Collector collector = new Collector();
        client.execute(execution(request, content, collector)).join();
        return new Response(collector.head.join(), collector.body.join());
    }

    private static AsyncExecuteRequest execution(SdkHttpFullRequest request, Content content, Collector collector) {
        return AsyncExecuteRequest.builder()
                .request(request)
                .requestContentPublisher(content)
                .responseHandler(collector)
                .build();
    }

    private static SdkHttpFullRequest.Builder post(URI url) {
        return SdkHttpFullRequest.builder().method(SdkHttpMethod.POST).uri(url);
    }

    private static Request received(SdkHttpFullRequest.Builder request, Content content) {
        try (WireServer server = WireServer.start(any -> WireServer.text("ok"))) {
            URI url = server.url();
            send(client(), request.host(url.getHost()).port(url.getPort()).build(), content);
            return server.requests().get(0);
        }
    }

    @Test
    void sendsWhatWasSignedAsItIs() {
        Request request = received(
                post(URI.create("http://replaced"))
                        .putHeader("Host", "some.name:4566")
                        .putHeader("User-Agent", "aws-sdk-java/2.x md/io#async odd(/")
                        .putHeader("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c,  Signature=0")
                        .putHeader("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
                        .putHeader("Accept", "nonsense")
                        .putHeader("amz-sdk-invocation-id", "1-2"),
                content("Action=X"));
        assertEquals("POST", request.method());
        assertEquals("/", request.target());
        assertEquals(Optional.of("some.name:4566"), request.header("Host"));
        assertEquals(Optional.of("aws-sdk-java/2.x md/io#async odd(/"), request.header("User-Agent"));
        assertEquals(Optional.of("AWS4-HMAC-SHA256 Credential=a/b/c,  Signature=0"), request.header("Authorization"));
        assertEquals(Optional.of("application/x-www-form-urlencoded; charset=utf-8"), request.header("Content-Type"));
        assertEquals(Optional.of("nonsense"), request.header("Accept"));
        assertEquals(Optional.of("1-2"), request.header("amz-sdk-invocation-id"));
        assertEquals(Optional.of("8"), request.header("Content-Length"));
        assertEquals("Action=X", request.text());
    }

    @Test
    void keepsTheEncodingOfPathAndQuery() {
        Request request = received(
                SdkHttpFullRequest.builder()
                        .method(SdkHttpMethod.GET)
                        .uri(URI.create("http://replaced"))
                        .encodedPath("/a%20b/c%2Fd/%C3%A4~%7E+%2B/./x")
                        .putRawQueryParameter("list-type", "2")
                        .putRawQueryParameter("prefix", "a b/ä+~&="),
                NOTHING);
        assertEquals("/a%20b/c%2Fd/%C3%A4~%7E+%2B/./x?list-type=2&prefix=a%20b%2F%C3%A4%2B~%26%3D", request.target());
        assertEquals(Optional.empty(), request.header("Content-Type"));
        assertEquals(Optional.empty(), request.header("User-Agent"));
    }

    @Test
    void namesTheServerAndItsPortAsHost() {
        try (WireServer server = WireServer.start(any -> WireServer.text("ok"))) {
            send(client(), post(server.url()).build(), NOTHING);
            Request request = server.requests().get(0);
            assertEquals(Optional.of(server.authority()), request.header("Host"));
            assertEquals(Optional.of("0"), request.header("Content-Length"));
        }
    }

    @Test
    void sendsABodyOfUnknownLengthInChunks() {
        Content unknown = new Content(ByteString.fromString("some bytes"), Optional.empty());
        Request request = received(post(URI.create("http://replaced")).putHeader("Content-Type", "text/x"), unknown);
        assertEquals(Optional.of("chunked"), request.header("Transfer-Encoding"));
        assertEquals("some bytes", request.text());
    }

    @Test
    void takesTheLengthFromTheHeaderWhereTheBodyDoesNotTell() {
        Content unknown = new Content(ByteString.fromString("some bytes"), Optional.empty());
        Request request = received(post(URI.create("http://replaced")).putHeader("Content-Length", "10"), unknown);
        assertEquals(Optional.of("10"), request.header("Content-Length"));
        assertEquals("some bytes", request.text());
    }

    @Test
    void handsOnStatusHeadersAndBody() {
        String large = "0123456789abcdef".repeat(200_000);
        try (WireServer server = WireServer.start(request -> WireServer.xml(400, request.text()))) {
            Response response = send(client(), post(server.url()).build(), content(large));
            assertEquals(400, response.head().statusCode());
            assertEquals(Optional.of("7"), response.head().firstMatchingHeader("X-Request"));
            assertTrue(response.head()
                    .firstMatchingHeader("Content-Type")
                    .orElseThrow()
                    .startsWith("text/xml"));
            assertEquals(Optional.of("" + large.length()), response.head().firstMatchingHeader("Content-Length"));
            assertEquals(large, response.body().utf8String());
        }
    }

    @Test
    void keepsConnections() {
        try (WireServer server = WireServer.start(request -> WireServer.text(request.text()))) {
            PekkoSdkHttpClient client = client();
            for (int i = 0; i < 5; i++) {
                assertEquals(
                        "" + i,
                        send(client, post(server.url()).build(), content("" + i))
                                .body()
                                .utf8String());
            }
            assertEquals(1, server.connections());
        }
    }

    private static Throwable failure(Function<Request, Answer> behaviour) {
        try (WireServer server = WireServer.start(behaviour)) {
            return failure(client(), server.url());
        }
    }

    private static Throwable failure(PekkoSdkHttpClient client, URI url) {
        Collector collector = new Collector();
        CompletableFuture<Void> done = client.execute(execution(post(url).build(), content("x"), collector));
        Throwable failure = assertThrows(CompletionException.class, done::join).getCause();
        assertEquals(failure, collector.error.join());
        return assertInstanceOf(IOException.class, failure);
    }

    @Test
    void givesUpOnAServerThatHangs() {
        String message =
                String.valueOf(failure(request -> new WireServer.Hang()).getMessage());
        assertTrue(message.matches("no answer from http://127.0.0.1:\\d+ within 600 ms"), message);
    }

    @Test
    void givesUpOnABodyThatNeverEnds() {
        String message =
                String.valueOf(failure(request -> new WireServer.Stall()).getMessage());
        assertTrue(message.endsWith("within 600 ms"), message);
    }

    @Test
    void doesNotRepeatARequestItself() {
        try (WireServer server = WireServer.start(request -> new WireServer.Reset())) {
            String message = String.valueOf(failure(client(), server.url()).getMessage());
            assertTrue(message.startsWith("no answer from " + server.url() + ": "), message);
            assertEquals(1, server.requests().size());
        }
    }

    @Test
    void isNotHeldUpByEarlierConnectionsThatFailed() {
        PekkoSdkHttpClient client = client();
        URI nowhere = WireServer.nowhere();
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertEquals(
                    "no answer from " + nowhere + ": connection refused",
                    failure(client, nowhere).getMessage());
        }
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
    }

    @Test
    void isNotHeldUpByRequestsThatHang() {
        PekkoSdkHttpClient client = client();
        try (WireServer server = WireServer.start(
                request -> request.text().equals("x") ? new WireServer.Hang() : WireServer.text("fine"))) {
            for (int i = 0; i < 5; i++) {
                failure(client, server.url());
            }
            assertEquals(
                    "fine",
                    send(client, post(server.url()).build(), content("y"))
                            .body()
                            .utf8String());
        }
    }

    /** A server that proves with a certificate of its own making to be 127.0.0.1. */
    private static HttpsServer tlsServer(SSLContext context) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2);
            exchange.getResponseBody().write("ok".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        return server;
    }

    /** A context that has a certificate of 127.0.0.1, and trusts it. */
    private static SSLContext selfSigned(Path directory) throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=test",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storepass",
                        "secret",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertEquals(0, keytool.waitFor());
        char[] password = "secret".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, password);
        TrustManagerFactory trusted = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(keys);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
        return context;
    }

    @Test
    void speaksTlsOnlyWithWhomTheDefaultContextTrustsUnderTheRightName(@TempDir Path directory) throws Exception {
        SSLContext before = SSLContext.getDefault();
        SSLContext context = selfSigned(directory);
        HttpsServer server = tlsServer(context);
        int port = server.getAddress().getPort();
        URI right = URI.create("https://127.0.0.1:" + port);
        PekkoSdkHttpClient client = PekkoSdkHttpClient.create(kit.system(), Duration.ofSeconds(10));
        try {
            String distrust = String.valueOf(failure(client, right).getMessage());
            assertTrue(distrust.startsWith("no answer from " + right + ": "), distrust);
            assertTrue(distrust.contains("certification path"), distrust);

            SSLContext.setDefault(context);
            assertEquals("ok", send(client, post(right).build(), NOTHING).body().utf8String());
            String wrongName = String.valueOf(
                    failure(client, URI.create("https://localhost:" + port)).getMessage());
            assertTrue(wrongName.contains("localhost"), wrongName);
        } finally {
            SSLContext.setDefault(before);
            server.stop(0);
        }
    }

    @Test
    void tellsOfAHostNameThatCannotBeResolved() {
        assertEquals(
                "no answer from http://no-such-host.invalid: the host name cannot be resolved",
                failure(client(), URI.create("http://no-such-host.invalid")).getMessage());
    }
}
