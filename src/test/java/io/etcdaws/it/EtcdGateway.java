package io.etcdaws.it;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;

/** etcd's JSON gateway, and the program's management endpoint, as the harness asks them: it reaches all nodes, cut off or not. */
final class EtcdGateway {
    private final HttpClient http;

    /** For etcd without TLS. */
    EtcdGateway() {
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .build();
    }

    /** For etcd that wants client certificates. */
    EtcdGateway(SSLContext identity) {
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .sslContext(identity)
                .build();
    }

    /** Asks a node's etcd; gives its answer if it was a good one and came in time. */
    CompletableFuture<Optional<JsonObject>> ask(LabNode node, String path, JsonObject body, Duration limit) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(node.clientUrl() + path))
                .timeout(limit)
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .handle((response, failure) -> failure == null ? read(response) : Optional.empty());
    }

    private static Optional<JsonObject> read(HttpResponse<String> response) {
        try {
            return response.statusCode() == 200
                    ? Optional.of(JsonParser.parseString(response.body()).getAsJsonObject())
                    : Optional.empty();
        } catch (JsonParseException | IllegalStateException cut) {
            return Optional.empty();
        }
    }

    /** Gets a page of a node's management endpoint. */
    static Optional<HttpResponse<String>> management(LabNode node, String path) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + node.address() + ":2378" + path))
                .timeout(Duration.ofSeconds(5))
                .build();
        return PLAIN.http
                .sendAsync(request, BodyHandlers.ofString())
                .handle((response, failure) -> Optional.ofNullable(response))
                .join();
    }

    private static final EtcdGateway PLAIN = new EtcdGateway();

    /** Text as the gateway wants keys and values. */
    static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
}
