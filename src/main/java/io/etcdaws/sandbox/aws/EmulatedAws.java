package io.etcdaws.sandbox.aws;

import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.ServerBuilder;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.settings.ServerSettings;
import org.apache.pekko.japi.function.Function;

/**
 * Serves a {@link Cloud} over HTTP: the APIs of Auto Scaling and EC2 at one address, and the metadata of each instance, with
 * session tokens (version 2) alone, at the instance's own. Signatures are not checked: whoever is on this machine may ask.
 */
public final class EmulatedAws {
    private static final int MAX_BODY_BYTES = 1024 * 1024;
    private static final long MOST_MILLIS = 5000;
    private static final String TOKEN_HEADER = "X-aws-ec2-metadata-token";
    private static final String TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds";

    private final ActorSystem<?> system;
    private final Cloud cloud;
    private final AutoScalingApi autoScaling;
    private final Ec2Api ec2;

    /** The tokens that were given out, each with the address of the instance that may use it. */
    private final Map<String, String> tokens = new ConcurrentHashMap<>();

    /** By instance. */
    private final Map<String, ServerBinding> metadata = new ConcurrentHashMap<>();

    private EmulatedAws(ActorSystem<?> system, Cloud cloud) {
        this.system = system;
        this.cloud = cloud;
        this.autoScaling = new AutoScalingApi(cloud);
        this.ec2 = new Ec2Api(cloud);
    }

    /** One that serves nothing yet. It lives until the actor system ends. */
    public static EmulatedAws of(ActorSystem<?> system, Cloud cloud) {
        return new EmulatedAws(system, cloud);
    }

    /** Serves the APIs at a free port of an address; gives its URL. */
    public CompletionStage<String> serveApis(String address) {
        return server(address).bind(this::onCall).thenApply(EmulatedAws::url);
    }

    /** Serves an instance's metadata at a free port of its address; gives its URL. */
    public CompletionStage<String> serveMetadata(CloudInstance instance) {
        Function<HttpRequest, CompletionStage<HttpResponse>> handler = request -> metadata(instance, request);
        return server(instance.address()).bind(handler).thenApply(binding -> {
            metadata.put(instance.id(), binding);
            return url(binding);
        });
    }

    /** A server that takes headers as they are: Pekko HTTP reads neither AWS's signatures nor the SDK's user agents. */
    private ServerBuilder server(String address) {
        ServerSettings settings = ServerSettings.create(Adapter.toClassic(system));
        return Http.get(system)
                .newServerAt(address, 0)
                .withSettings(
                        settings.withParserSettings(settings.getParserSettings().withIllegalHeaderWarnings(false)));
    }

    /** The instance is over, and its metadata with it. */
    public void withdrawMetadata(CloudInstance instance) {
        Optional.ofNullable(metadata.remove(instance.id())).ifPresent(ServerBinding::unbind);
    }

    private static String url(ServerBinding binding) {
        return "http://" + binding.localAddress().getHostString() + ":"
                + binding.localAddress().getPort();
    }

    private CompletionStage<HttpResponse> onCall(HttpRequest request) {
        return request.entity()
                .toStrict(MOST_MILLIS, MAX_BODY_BYTES, system)
                .thenApply(body -> api(Query.parse(body.getData().utf8String())));
    }

    private HttpResponse api(Query query) {
        boolean scaling = query.find("Version").orElse("").equals(AutoScalingApi.VERSION);
        try {
            return xml(200, scaling ? autoScaling.answer(query) : ec2.answer(query));
        } catch (Refusal refusal) {
            return xml(400, scaling ? AutoScalingApi.error(refusal) : Ec2Api.error(refusal));
        }
    }

    private CompletionStage<HttpResponse> metadata(CloudInstance launched, HttpRequest request) {
        request.discardEntityBytes(system);
        CloudInstance instance = cloud.find(launched.id()).orElse(launched);
        String path = request.getUri().path();
        HttpResponse answer = path.equals(Metadata.TOKEN_PATH)
                ? token(instance, request)
                : isAllowed(instance, request)
                        ? Metadata.at(path, instance)
                                .map(text -> plain(200, text))
                                .orElseGet(() -> plain(404, "404 - Not Found"))
                        : plain(401, "401 - Unauthorized");
        return CompletableFuture.completedFuture(answer);
    }

    private HttpResponse token(CloudInstance instance, HttpRequest request) {
        Optional<String> seconds = request.getHeader(TTL_HEADER).map(HttpHeader::value);
        if (!request.method().equals(HttpMethods.PUT) || seconds.isEmpty()) {
            return plain(400, "400 - Bad Request");
        }
        String token = UUID.randomUUID().toString();
        tokens.put(token, instance.address());
        return plain(200, token).addHeader(RawHeader.create(TTL_HEADER, seconds.get()));
    }

    private boolean isAllowed(CloudInstance instance, HttpRequest request) {
        return request.getHeader(TOKEN_HEADER)
                .map(header -> instance.address().equals(tokens.get(header.value())))
                .orElse(false);
    }

    private static HttpResponse xml(int status, String document) {
        return answer(status, ContentTypes.TEXT_XML_UTF8, document)
                .addHeader(
                        RawHeader.create("x-amzn-RequestId", UUID.randomUUID().toString()));
    }

    private static HttpResponse plain(int status, String text) {
        return answer(status, ContentTypes.TEXT_PLAIN_UTF8, text);
    }

    private static HttpResponse answer(int status, ContentType.NonBinary type, String text) {
        return HttpResponse.create().withStatus(status).withEntity(HttpEntities.create(type, text));
    }
}
