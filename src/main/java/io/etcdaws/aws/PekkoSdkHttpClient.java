package io.etcdaws.aws;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpMethods;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.RequestEntity;
import org.apache.pekko.http.javadsl.model.headers.ModeledCustomHeader;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.http.javadsl.model.headers.RawRequestURI;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.javadsl.AsPublisher;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.reactivestreams.Publisher;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.http.async.AsyncExecuteRequest;
import software.amazon.awssdk.http.async.SdkAsyncHttpClient;
import software.amazon.awssdk.http.async.SdkAsyncHttpResponseHandler;
import software.amazon.awssdk.http.async.SdkHttpContentPublisher;

/**
 * The AWS SDK's HTTP client over Pekko HTTP, so that the program has one HTTP stack. What the SDK signed goes out byte
 * for byte: request target, {@code Host}, {@code User-Agent} and {@code Content-Type} are not parsed and rendered anew.
 * Each request has one deadline, from connecting to the end of the response's body; none is repeated. Connections are
 * kept by Pekko HTTP's pools, which live and end with the actor system.
 */
public final class PekkoSdkHttpClient implements SdkAsyncHttpClient {
    /** Pekko HTTP makes these itself, from the entity. No signature covers them but {@code Content-Length}'s value. */
    private static final Set<String> MADE_BY_PEKKO =
            Set.of("content-length", "transfer-encoding", "connection", "expect");

    private final ActorSystem<?> system;
    private final PooledHttp http;

    private PekkoSdkHttpClient(ActorSystem<?> system, PooledHttp http) {
        this.system = system;
        this.http = http;
    }

    /** A client whose requests have that time each. */
    public static PekkoSdkHttpClient create(ActorSystem<?> system, Duration timeout) {
        return new PekkoSdkHttpClient(system, new PooledHttp(system, timeout));
    }

    /**
     * Sends a request and hands on the response. A failure to get a whole response is an {@link java.io.IOException}
     * that names the server.
     */
    @Override
    public CompletableFuture<Void> execute(AsyncExecuteRequest execution) {
        HttpRequest request = toPekko(execution.request(), execution.requestContentPublisher());
        SdkAsyncHttpResponseHandler handler = execution.responseHandler();
        CompletableFuture<Void> done = new CompletableFuture<>();
        http.send(request)
                .thenCompose(answer -> deliver(answer, PooledHttp.origin(request), handler))
                .whenComplete((end, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                        return;
                    }
                    Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                            ? wrapped.getCause()
                            : failure;
                    handler.onError(cause);
                    done.completeExceptionally(cause);
                });
        return done;
    }

    /** Gives the response to the SDK; completes when its body has ended. */
    private CompletionStage<Done> deliver(
            PooledHttp.Answer answer, String origin, SdkAsyncHttpResponseHandler handler) {
        Pair<CompletionStage<Done>, Publisher<ByteBuffer>> body = answer.response()
                .entity()
                .getDataBytes()
                .completionTimeout(answer.left())
                .mapError(TimeoutException.class, timeout -> Unreachable.tooLate(origin, http.timeout()))
                .mapError(Throwable.class, failure -> Unreachable.broken(origin, failure))
                .map(ByteString::asByteBuffer)
                .watchTermination(Keep.right())
                .toMat(Sink.asPublisher(AsPublisher.WITHOUT_FANOUT), Keep.both())
                .run(system);
        handler.onHeaders(toSdk(answer.response()));
        handler.onStream(body.second());
        return body.first();
    }

    private static HttpRequest toPekko(SdkHttpRequest request, SdkHttpContentPublisher body) {
        String authority = request.getUri().getRawAuthority();
        String path = request.encodedPath().isEmpty() ? "/" : request.encodedPath();
        String query = request.encodedQueryParameters().map(text -> "?" + text).orElse("");
        List<HttpHeader> headers = new ArrayList<>();
        headers.add(RawRequestURI.create(path + query));
        request.forEachHeader((name, values) -> {
            if (!MADE_BY_PEKKO.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> headers.add(header(name, value)));
            }
        });
        return HttpRequest.create(request.protocol() + "://" + authority + "/")
                .withMethod(HttpMethods.lookup(request.method().name()).orElseThrow())
                .withHeaders(headers)
                .withEntity(entity(request, body));
    }

    private static HttpHeader header(String name, String value) {
        return name.equalsIgnoreCase("content-type") ? new ContentTypeAsGiven(value) : RawHeader.create(name, value);
    }

    private static RequestEntity entity(SdkHttpRequest request, SdkHttpContentPublisher body) {
        Optional<Long> length = body.contentLength()
                .or(() -> request.firstMatchingHeader("Content-Length").map(Long::valueOf));
        if (length.isPresent() && length.get() == 0) {
            return HttpEntities.EMPTY;
        }
        Source<ByteString, NotUsed> bytes = Source.fromPublisher(body).map(ByteString::fromByteBuffer);
        return length.isPresent()
                ? HttpEntities.create(ContentTypes.NO_CONTENT_TYPE, length.get(), bytes)
                : HttpEntities.createChunked(ContentTypes.NO_CONTENT_TYPE, bytes);
    }

    private static SdkHttpResponse toSdk(HttpResponse response) {
        SdkHttpFullResponse.Builder sdk = SdkHttpFullResponse.builder()
                .statusCode(response.status().intValue())
                .statusText(response.status().reason());
        response.getHeaders().forEach(header -> sdk.appendHeader(header.name(), header.value()));
        if (!response.entity().getContentType().equals(ContentTypes.NO_CONTENT_TYPE)) {
            sdk.putHeader("Content-Type", response.entity().getContentType().toString());
        }
        response.entity().getContentLengthOption().ifPresent(length -> sdk.putHeader("Content-Length", "" + length));
        return sdk.build();
    }

    @Override
    public String clientName() {
        return "PekkoHttp";
    }

    /** Does nothing: the pools close idle connections by themselves, and all of them when the actor system ends. */
    @Override
    public void close() {}

    /**
     * The request's content type in the SDK's spelling. Pekko HTTP renders its own model of it, without the charset of a
     * form, which the signature covers.
     */
    private static final class ContentTypeAsGiven extends ModeledCustomHeader {
        private ContentTypeAsGiven(String value) {
            super("Content-Type", value);
        }

        @Override
        public boolean renderInRequests() {
            return true;
        }

        @Override
        public boolean renderInResponses() {
            return false;
        }
    }
}
