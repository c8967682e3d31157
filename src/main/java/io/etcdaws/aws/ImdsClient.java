package io.etcdaws.aws;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Node;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * The instance metadata service (IMDS) over HTTP. Asks for a token first (version 2); goes without one (version 1) only
 * where the service gives none and the operator allows it. Every request is bounded by the metadata timeout.
 */
public final class ImdsClient implements InstanceMetadata {
    private static final String TOKEN = "/latest/api/token";
    private static final String IDENTITY = "/latest/dynamic/instance-identity/document";
    private static final String IPV6 = "/latest/meta-data/ipv6";
    private static final String TARGET_STATE = "/latest/meta-data/autoscaling/target-lifecycle-state";

    /** Long enough for one reading; a token is never kept for the next. */
    private static final int TOKEN_SECONDS = 60;

    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_SHOWN = 80;
    private static final Pattern TOKEN_FORM = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern LIFECYCLE_FORM = Pattern.compile("[A-Za-z]+(:[A-Za-z]+)*");
    private static final Pattern REGION_FORM = Pattern.compile("[a-z0-9-]+");
    /** What a service without version 2, or with that path filtered, says to a request for a token. */
    private static final Set<Integer> NO_TOKENS_HERE = Set.of(403, 404, 405);

    private final ActorSystem<?> system;
    private final AwsSettings settings;
    private final PooledHttp http;
    private final String base;

    private record Reply(int status, String body) {}

    private ImdsClient(ActorSystem<?> system, AwsSettings settings, PooledHttp http) {
        this.system = system;
        this.settings = settings;
        this.http = http;
        this.base = settings.metadataEndpoint().toString().replaceAll("/+$", "");
    }

    /** A client of the service at the settings' endpoint. */
    public static ImdsClient create(ActorSystem<?> system, AwsSettings settings) {
        return new ImdsClient(system, settings, new PooledHttp(system, settings.metadataTimeout()));
    }

    @Override
    public CompletionStage<Node> node() {
        return withToken(token -> get(IDENTITY, token).thenCompose(reply -> {
            JsonObject document = document(body(IDENTITY, reply));
            return address(document, token).thenApply(address -> node(document, address));
        }));
    }

    @Override
    public CompletionStage<Optional<LifecycleState>> targetLifecycleState() {
        return withToken(token -> get(TARGET_STATE, token))
                // An instance of no group has no such path.
                .thenApply(reply -> reply.status() == 404
                        ? Optional.empty()
                        : Optional.of(lifecycleState(body(TARGET_STATE, reply))));
    }

    /** Reads with a token. An endpoint that makes no URL fails the stage as all else does. */
    private <T> CompletionStage<T> withToken(Function<Optional<String>, CompletionStage<T>> reading) {
        try {
            return token().thenCompose(reading);
        } catch (RuntimeException e) {
            String message = "the instance metadata cannot be asked for at " + base + ": " + e.getMessage()
                    + "; check AWS_EC2_METADATA_SERVICE_ENDPOINT";
            return CompletableFuture.failedFuture(new MetadataFailure(message, false, e));
        }
    }

    /** A token for the next requests, or none where they go without. */
    private CompletionStage<Optional<String>> token() {
        HttpRequest request = HttpRequest.PUT(base + TOKEN)
                .addHeader(RawHeader.create("X-aws-ec2-metadata-token-ttl-seconds", "" + TOKEN_SECONDS));
        return ask(TOKEN, request).thenApply(reply -> {
            if (NO_TOKENS_HERE.contains(reply.status()) && settings.metadataV1Allowed()) {
                return Optional.empty();
            }
            String token = body(TOKEN, reply);
            if (!TOKEN_FORM.matcher(token).matches()) {
                throw unusable(TOKEN, token, "a token");
            }
            return Optional.of(token);
        });
    }

    private CompletionStage<Reply> get(String path, Optional<String> token) {
        HttpRequest plain = HttpRequest.GET(base + path);
        return ask(
                path,
                token.map(text -> plain.addHeader(RawHeader.create("X-aws-ec2-metadata-token", text)))
                        .orElse(plain));
    }

    private CompletionStage<Reply> ask(String path, HttpRequest request) {
        String origin = PooledHttp.origin(request);
        return http.send(request)
                .thenCompose(answer -> answer.response()
                        .entity()
                        .toStrict(answer.left().toMillis(), MAX_BODY_BYTES, system)
                        .thenApply(entity -> new Reply(
                                answer.response().status().intValue(),
                                entity.getData().utf8String().trim())))
                .exceptionally(failure -> {
                    throw unreachable(path, origin, failure);
                });
    }

    private CompletionStage<Address> address(JsonObject document, Optional<String> token) {
        Optional<String> ipv4 = text(document, "privateIp");
        if (settings.ipFamily() == IpFamily.IPV4 && ipv4.isEmpty()) {
            throw unusable(IDENTITY, document.toString(), "a privateIp");
        }
        if (settings.ipFamily() != IpFamily.IPV6 && ipv4.isPresent()) {
            return CompletableFuture.completedFuture(literal(IDENTITY, ipv4.get(), false));
        }
        return get(IPV6, token).thenApply(reply -> literal(IPV6, body(IPV6, reply), true));
    }

    private Node node(JsonObject document, Address address) {
        String id = required(document, "instanceId");
        String region = settings.region().orElseGet(() -> required(document, "region"));
        if (!REGION_FORM.matcher(region).matches()) {
            throw unusable(IDENTITY, region, "a region");
        }
        try {
            return new Node(new InstanceId(id), address, region, required(document, "availabilityZone"));
        } catch (IllegalArgumentException e) {
            throw unusable(IDENTITY, id, "an instance id");
        }
    }

    private JsonObject document(String body) {
        try {
            JsonElement json = JsonParser.parseString(body);
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            // Told below, with what was got.
        }
        throw unusable(IDENTITY, body, "a JSON document");
    }

    private String required(JsonObject document, String field) {
        return text(document, field).orElseThrow(() -> unusable(IDENTITY, document.toString(), "the field " + field));
    }

    /** A field's text; a field that is null, blank or the word {@code null} counts as missing. */
    private static Optional<String> text(JsonObject document, String field) {
        return Optional.ofNullable(document.get(field))
                .filter(JsonElement::isJsonPrimitive)
                .map(JsonElement::getAsString)
                .filter(text -> !text.isBlank() && !text.equals("null"));
    }

    private Address literal(String path, String text, boolean ipv6) {
        try {
            Address address = Address.parse(text);
            if (address.isIpv6() == ipv6 && (ipv6 || AddressForms.isIpv4(address))) {
                return address;
            }
        } catch (IllegalArgumentException e) {
            // Told below, with what was got.
        }
        throw unusable(path, text, ipv6 ? "an IPv6 address" : "an IPv4 address");
    }

    private LifecycleState lifecycleState(String text) {
        if (!LIFECYCLE_FORM.matcher(text).matches()) {
            throw unusable(TARGET_STATE, text, "a lifecycle state");
        }
        return new LifecycleState(text);
    }

    /** The body of a good reply. */
    private String body(String path, Reply reply) {
        if (reply.status() != 200) {
            throw refused(path, reply.status());
        }
        if (reply.body().isEmpty() || reply.body().equals("null")) {
            throw unusable(path, reply.body(), "a value");
        }
        return reply.body();
    }

    private MetadataFailure refused(String path, int status) {
        String message = "the instance metadata service answered " + status + " to " + base + path + ": ";
        return new MetadataFailure(message + advice(path, status), status >= 500, null);
    }

    private String advice(String path, int status) {
        if (status >= 500) {
            return "it is failing; if that lasts, restart the instance";
        }
        if (path.equals(IPV6) && status == 404) {
            return "the instance has no IPv6 address";
        }
        if (path.equals(TOKEN) && status != 403) {
            return "it gives no tokens (IMDSv2); check AWS_EC2_METADATA_SERVICE_ENDPOINT, or allow IMDSv1";
        }
        if (status == 401) {
            return "it wants a valid token (IMDSv2), and what was sent is none; check what stands between, such as a"
                    + " metadata proxy";
        }
        if (status == 403) {
            return "it is switched off for this instance, or blocked on it (aws ec2 modify-instance-metadata-options"
                    + " --http-endpoint enabled)";
        }
        return "check AWS_EC2_METADATA_SERVICE_ENDPOINT";
    }

    private MetadataFailure unusable(String path, String got, String wanted) {
        String shown = got.length() > MAX_SHOWN ? got.substring(0, MAX_SHOWN) + "…" : got;
        return new MetadataFailure(
                "the instance metadata at " + base + path + " does not hold " + wanted + " but '" + shown
                        + "'; check AWS_EC2_METADATA_SERVICE_ENDPOINT",
                false,
                null);
    }

    private MetadataFailure unreachable(String path, String origin, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        Unreachable reason = cause instanceof TimeoutException
                ? Unreachable.tooLate(origin, http.timeout())
                : Unreachable.broken(origin, cause);
        return new MetadataFailure(
                "the instance metadata at " + base + path + " cannot be read: " + reason.getMessage()
                        + ". In a container, use the host's network or allow a second hop (aws ec2"
                        + " modify-instance-metadata-options --http-put-response-hop-limit 2); elsewhere than on EC2, set"
                        + " AWS_EC2_METADATA_SERVICE_ENDPOINT",
                true,
                reason);
    }
}
