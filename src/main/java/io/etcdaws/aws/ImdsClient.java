package io.etcdaws.aws;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Notice.Kind;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * The instance metadata service (IMDS) over HTTP. Asks for a token first (version 2); goes without one (version 1) only
 * where the service gives none and the operator allows it. A token serves all requests until the service refuses it. Every
 * request is bounded by the metadata timeout.
 */
public final class ImdsClient implements InstanceMetadata {
    private static final String TOKEN = "/latest/api/token";
    private static final String IDENTITY = "/latest/dynamic/instance-identity/document";
    private static final String IPV6 = "/latest/meta-data/ipv6";
    private static final String TARGET_STATE = "/latest/meta-data/autoscaling/target-lifecycle-state";
    private static final String SPOT_ACTION = "/latest/meta-data/spot/instance-action";
    private static final String REBALANCE = "/latest/meta-data/events/recommendations/rebalance";

    /** The target states of an instance that goes for good, from the group or from its warm pool. */
    private static final Set<String> ENDS = Set.of("Terminated", "Warmed:Terminated");

    /** So that a reading that is repeated for days seldom needs two requests; the service allows six hours. */
    private static final int TOKEN_SECONDS = 3 * 60 * 60;

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

    /** What the last request for a token brought; empty before the first. Whichever is kept of two that met is good. */
    private volatile Optional<Pass> kept = Optional.empty();

    private record Reply(int status, String body) {}

    /** What opens the metadata: a token, or the knowledge that the service wants none. */
    private record Pass(Optional<String> token) {}

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
        return get(IDENTITY).thenCompose(reply -> {
            JsonObject document = document(IDENTITY, body(IDENTITY, reply));
            return address(document).thenApply(address -> node(document, address));
        });
    }

    @Override
    public CompletionStage<Optional<Notice>> notice() {
        // From the strongest to the weakest, so that what follows one that is there need not be asked for.
        return ending().thenCompose(ending -> ending.isPresent() ? completed(ending) : spotAction())
                .thenCompose(found -> found.isPresent() ? completed(found) : rebalance());
    }

    private static CompletionStage<Optional<Notice>> completed(Optional<Notice> notice) {
        return CompletableFuture.completedFuture(notice);
    }

    private CompletionStage<Optional<Notice>> ending() {
        return getIfAny(TARGET_STATE)
                .thenApply(text -> text.filter(state -> ENDS.contains(lifecycleState(state)))
                        .map(state -> new Notice(Kind.TERMINATING, "its target lifecycle state is " + state)));
    }

    private CompletionStage<Optional<Notice>> spotAction() {
        return getIfAny(SPOT_ACTION)
                .thenApply(text -> text.map(body -> {
                    JsonObject document = document(SPOT_ACTION, body);
                    String action = required(SPOT_ACTION, document, "action");
                    // From anything else, such as stop and hibernate, an instance comes back.
                    Kind kind = action.equals("terminate") ? Kind.INTERRUPTED : Kind.AT_RISK;
                    String time = text(document, "time").map(at -> " at " + at).orElse("");
                    return new Notice(kind, "EC2 will " + action + " this spot instance" + time);
                }));
    }

    private CompletionStage<Optional<Notice>> rebalance() {
        return getIfAny(REBALANCE)
                .thenApply(text -> text.map(body -> {
                    String time = text(document(REBALANCE, body), "noticeTime")
                            .map(at -> " since " + at)
                            .orElse("");
                    return new Notice(Kind.AT_RISK, "EC2 recommends to replace this spot instance" + time);
                }));
    }

    /** The body at a path, empty if there is no such path, as for what does not apply to the instance. */
    private CompletionStage<Optional<String>> getIfAny(String path) {
        return get(path).thenApply(reply -> reply.status() == 404 ? Optional.empty() : Optional.of(body(path, reply)));
    }

    /**
     * Reads a path, with a new token if the one that was kept is refused, as it is when its time is over. An endpoint that
     * makes no URL fails the stage as all else does.
     */
    private CompletionStage<Reply> get(String path) {
        try {
            Optional<Pass> pass = kept;
            return pass.isEmpty()
                    ? renewed().thenCompose(fresh -> get(path, fresh))
                    : get(path, pass.get())
                            .thenCompose(reply -> reply.status() == 401
                                    ? renewed().thenCompose(fresh -> get(path, fresh))
                                    : CompletableFuture.completedFuture(reply));
        } catch (RuntimeException e) {
            String message = "the instance metadata cannot be asked for at " + base + ": " + e.getMessage()
                    + "; check AWS_EC2_METADATA_SERVICE_ENDPOINT";
            return CompletableFuture.failedFuture(new MetadataFailure(message, false, e));
        }
    }

    private CompletionStage<Pass> renewed() {
        return token().thenApply(token -> {
            Pass pass = new Pass(token);
            kept = Optional.of(pass);
            return pass;
        });
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

    private CompletionStage<Reply> get(String path, Pass pass) {
        HttpRequest plain = HttpRequest.GET(base + path);
        return ask(
                path,
                pass.token()
                        .map(text -> plain.addHeader(RawHeader.create("X-aws-ec2-metadata-token", text)))
                        .orElse(plain));
    }

    private CompletionStage<Reply> ask(String path, HttpRequest request) {
        String origin = PooledHttp.origin(request);
        return http.send(request)
                .thenCompose(answer -> answer.response()
                        .entity()
                        .toStrict(answer.left().toMillis(), MAX_BODY_BYTES, system)
                        .thenApplyAsync(
                                entity -> new Reply(
                                        answer.response().status().intValue(),
                                        entity.getData().utf8String().trim()),
                                system.executionContext()))
                .exceptionally(failure -> {
                    throw unreachable(path, origin, failure);
                });
    }

    private CompletionStage<Address> address(JsonObject document) {
        Optional<String> ipv4 = text(document, "privateIp");
        if (settings.ipFamily() == IpFamily.IPV4 && ipv4.isEmpty()) {
            throw unusable(IDENTITY, document.toString(), "a privateIp");
        }
        if (settings.ipFamily() != IpFamily.IPV6 && ipv4.isPresent()) {
            return CompletableFuture.completedFuture(literal(IDENTITY, ipv4.get(), false));
        }
        return get(IPV6).thenApply(reply -> literal(IPV6, body(IPV6, reply), true));
    }

    private Node node(JsonObject document, Address address) {
        String id = required(IDENTITY, document, "instanceId");
        String region = settings.region().orElseGet(() -> required(IDENTITY, document, "region"));
        if (!REGION_FORM.matcher(region).matches()) {
            throw unusable(IDENTITY, region, "a region");
        }
        try {
            return new Node(new InstanceId(id), address, region, required(IDENTITY, document, "availabilityZone"));
        } catch (IllegalArgumentException e) {
            throw unusable(IDENTITY, id, "an instance id");
        }
    }

    private JsonObject document(String path, String body) {
        try {
            JsonElement json = JsonParser.parseString(body);
            if (json.isJsonObject()) {
                return json.getAsJsonObject();
            }
        } catch (JsonParseException e) {
            // Told below, with what was got.
        }
        throw unusable(path, body, "a JSON document");
    }

    private String required(String path, JsonObject document, String field) {
        return text(document, field).orElseThrow(() -> unusable(path, document.toString(), "the field " + field));
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

    private String lifecycleState(String text) {
        if (!LIFECYCLE_FORM.matcher(text).matches()) {
            throw unusable(TARGET_STATE, text, "a lifecycle state");
        }
        return text;
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
