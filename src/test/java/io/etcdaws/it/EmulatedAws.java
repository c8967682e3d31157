package io.etcdaws.it;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The emulated AWS of {@code scripts/lab/aws.py}, a process of its own that ends with this one. */
final class EmulatedAws {
    private static @Nullable EmulatedAws shared;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Gson gson = new GsonBuilder().serializeNulls().create();
    private final String url;
    private final int metadataPort;

    private EmulatedAws(String url, int metadataPort) {
        this.url = url;
        this.metadataPort = metadataPort;
    }

    /** The one that all tests of this run use, wiped. */
    static synchronized EmulatedAws fresh() {
        if (shared == null) {
            shared = start();
        }
        shared.post("/lab/reset", Map.of());
        return shared;
    }

    private static EmulatedAws start() {
        try {
            Process process = new ProcessBuilder(
                            Tools.python(),
                            Path.of("scripts", "lab", "aws.py").toAbsolutePath().toString(),
                            "--port",
                            "0",
                            "--imds-port",
                            "0",
                            "--with-parent")
                    .redirectError(
                            Path.of("target", "aws-" + ProcessHandle.current().pid() + ".log")
                                    .toFile())
                    .start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String ready = output.readLine();
            if (ready == null) {
                throw new IllegalStateException("the emulated AWS did not start, see target/aws-*.log");
            }
            JsonObject json = JsonParser.parseString(ready).getAsJsonObject();
            return new EmulatedAws(
                    json.get("aws").getAsString(), json.get("imdsPort").getAsInt());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String url() {
        return url;
    }

    String metadataUrl(String address) {
        return "http://" + (address.contains(":") ? "[" + address + "]" : address) + ":" + metadataPort;
    }

    /** Asks the lab's control interface to do something. */
    JsonElement post(String path, Map<String, Object> body) {
        return send(HttpRequest.newBuilder(URI.create(url + path)).POST(BodyPublishers.ofString(gson.toJson(body))));
    }

    void delete(String path) {
        send(HttpRequest.newBuilder(URI.create(url + path)).DELETE());
    }

    /** The AWS API calls that were made since the last wipe, by action. */
    List<String> calls() {
        JsonArray calls =
                send(HttpRequest.newBuilder(URI.create(url + "/lab/calls"))).getAsJsonArray();
        List<String> actions = new ArrayList<>();
        calls.forEach(call -> actions.add(call.getAsJsonObject().get("action").getAsString()));
        return actions;
    }

    /** How often each action was called since the last wipe of the record. */
    Map<String, Integer> counts() {
        Map<String, Integer> counts = new TreeMap<>();
        calls().forEach(action -> counts.merge(action, 1, Integer::sum));
        return counts;
    }

    /** The lifecycle states of a group's instances, by instance. */
    Map<String, String> lifecycles(String group) {
        Map<String, String> states = new TreeMap<>();
        get("/lab/groups/" + group)
                .getAsJsonObject()
                .getAsJsonArray("instances")
                .forEach(instance -> {
                    JsonObject json = instance.getAsJsonObject();
                    states.put(
                            json.get("id").getAsString(), json.get("lifecycle").getAsString());
                });
        return states;
    }

    /** The instances whose lifecycle hooks were kept waiting by a heartbeat. */
    Set<String> heartbeats() {
        Set<String> instances = new TreeSet<>();
        get("/lab/heartbeats")
                .getAsJsonArray()
                .forEach(beat ->
                        instances.add(beat.getAsJsonObject().get("instance").getAsString()));
        return instances;
    }

    private JsonElement get(String path) {
        return send(HttpRequest.newBuilder(URI.create(url + path)));
    }

    private JsonElement send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                throw new AssertionError(request.build() + ": " + response.statusCode() + " " + response.body());
            }
            return response.body().isEmpty() ? new JsonObject() : JsonParser.parseString(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
