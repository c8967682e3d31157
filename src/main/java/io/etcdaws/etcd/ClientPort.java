package io.etcdaws.etcd;

import io.etcdaws.etcd.Credentials.Login;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.EtcdSettings.ApiChoice;
import io.etcdaws.etcd.MembersApi.Dialect;
import io.etcdaws.etcd.MembersApi.Status;
import io.etcdaws.membership.PeerState.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** A member's client port, within one {@link Conversation}: finds out which API it speaks. */
final class ClientPort {
    /**
     * An API that answered.
     *
     * @param api the API
     * @param status what the member said of itself
     */
    record Found(MembersApi api, Status status) {}

    private final Conversation conversation;
    private final String baseUrl;
    private final ApiChoice choice;
    private final Optional<Login> login;
    private final Tokens tokens;

    ClientPort(Conversation conversation, String baseUrl, ApiChoice choice, Optional<Login> login, Tokens tokens) {
        this.conversation = conversation;
        this.baseUrl = baseUrl;
        this.choice = choice;
        this.login = login;
        this.tokens = tokens;
    }

    CompletionStage<EtcdVersion> version() {
        return conversation
                .send(baseUrl, HttpRequest.GET("/version"))
                .thenApply(reply -> Json.read(reply, EtcdVersion::of));
    }

    MembersApi speaking(Dialect dialect) {
        return dialect.api() == Api.V3
                ? new V3Api(conversation, baseUrl, dialect, login, tokens)
                : new V2Api(conversation, baseUrl, dialect, login);
    }

    /** Tries the APIs that a version may have; fails with what the best of them said. */
    CompletionStage<Found> find(EtcdVersion version) {
        return tryInTurn(candidates(version), 0, new EtcdException(Kind.UNSUPPORTED, switchedOff(version)));
    }

    private CompletionStage<Found> tryInTurn(List<Dialect> candidates, int next, EtcdException otherwise) {
        if (next == candidates.size()) {
            return CompletableFuture.failedFuture(otherwise);
        }
        MembersApi api = speaking(candidates.get(next));
        return api.status()
                .handle((status, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(new Found(api, status));
                    }
                    EtcdException why = EtcdException.of(failure);
                    return switch (why.kind()) {
                        case UNSUPPORTED -> tryInTurn(candidates, next + 1, otherwise);
                        // The gateway is broken, or ahead of members that are still etcd 2, but v2 may work beside it.
                        case GATEWAY, NOT_CAPABLE -> tryInTurn(candidates, next + 1, why);
                        default -> CompletableFuture.<Found>failedFuture(why);
                    };
                })
                .thenCompose(stage -> stage);
    }

    private List<Dialect> candidates(EtcdVersion version) {
        List<Dialect> candidates = new ArrayList<>();
        if (choice != ApiChoice.V2) {
            prefixes(version).forEach(prefix -> candidates.add(new Dialect(Api.V3, prefix, version)));
        }
        if (choice != ApiChoice.V3) {
            candidates.add(new Dialect(Api.V2, "", version));
        }
        return candidates;
    }

    /** The prefix that a version should have first, and then, as the version is only a hint, the others. */
    private static List<String> prefixes(EtcdVersion version) {
        if (version.atLeast(3, 4)) {
            return List.of("/v3");
        }
        if (version.atLeast(3, 3)) {
            return List.of("/v3beta", "/v3alpha", "/v3");
        }
        return version.atLeast(3, 0) ? List.of("/v3alpha", "/v3beta", "/v3") : List.of();
    }

    private String switchedOff(EtcdVersion version) {
        String etcd = "etcd " + version + " answers at " + baseUrl + ", but ";
        String gateway =
                "start etcd with --enable-grpc-gateway (in its configuration file: `enable-grpc-gateway: true`)";
        String legacy = version.atLeast(3, 6) ? "it is gone from 3.6 on:" : "start etcd with --enable-v2, or";
        return switch (choice) {
            case AUTO ->
                etcd + "neither its v3 JSON gateway nor its v2 API is switched on: " + gateway
                        + (version.atLeast(3, 6) ? "" : ", or else with --enable-v2");
            case V3 -> etcd + "its v3 JSON gateway is switched off: " + gateway + ", or set ETCD_AWS_ETCD_API=auto";
            case V2 -> etcd + "its v2 API is not there: " + legacy + " set ETCD_AWS_ETCD_API=auto";
        };
    }

    /**
     * Whether {@code /health} says that a quorum answers: it reads through one. An exceeded space quota, which it reports
     * too, says nothing of that, and is left out.
     */
    CompletionStage<Boolean> healthy() {
        return conversation
                .send(baseUrl, HttpRequest.GET("/health?exclude=NOSPACE"))
                .thenApply(reply -> reply.ok() && Json.truth(Json.object(reply), "health"));
    }
}
