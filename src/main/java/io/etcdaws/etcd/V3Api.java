package io.etcdaws.etcd;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.etcdaws.etcd.Credentials.Login;
import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdClient.LockAttempt;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** etcd's v3 API through its JSON gateway. */
final class V3Api implements MembersApi {
    private final Conversation conversation;
    private final String baseUrl;
    private final Dialect dialect;
    private final Optional<Login> login;
    private final Tokens tokens;

    V3Api(Conversation conversation, String baseUrl, Dialect dialect, Optional<Login> login, Tokens tokens) {
        this.conversation = conversation;
        this.baseUrl = baseUrl;
        this.dialect = dialect;
        this.login = login;
        this.tokens = tokens;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    /** Answered by the member alone, also without quorum. */
    @Override
    public CompletionStage<Status> status() {
        return call("/maintenance/status", new JsonObject()).thenApply(reply -> Json.read(reply, V3Api::statusOf));
    }

    private static Status statusOf(HttpReply reply) {
        JsonObject answer = Json.object(reply);
        JsonObject header = Json.inner(answer, "header");
        long leader = Json.unsigned(answer, "leader");
        long applied = Json.unsigned(answer, "raftAppliedIndex");
        return new Status(
                ClusterId.parseDecimal(Json.text(header, "cluster_id")),
                MemberId.parseDecimal(Json.text(header, "member_id")),
                leader == 0 ? Optional.empty() : Optional.of(new MemberId(leader)),
                Json.truth(answer, "isLearner"),
                Json.unsigned(answer, "raftTerm"),
                // Before 3.4 the applied index is not told.
                applied == 0 ? Json.unsigned(answer, "raftIndex") : applied);
    }

    @Override
    public CompletionStage<MemberList> members(boolean quorumRead) {
        JsonObject request = new JsonObject();
        // Before 3.5 the field is ignored without a word, and 3.0 refuses a request that has it.
        boolean linearizable = quorumRead && dialect.readsThroughQuorum();
        if (linearizable) {
            request.addProperty("linearizable", true);
        }
        return call("/cluster/member/list", request)
                .thenApply(reply -> Json.read(reply, it -> {
                    JsonObject answer = Json.object(it);
                    JsonObject header = Json.inner(answer, "header");
                    return new MemberList(
                            ClusterId.parseDecimal(Json.text(header, "cluster_id")),
                            Optional.of(MemberId.parseDecimal(Json.text(header, "member_id"))),
                            membersIn(answer),
                            linearizable);
                }));
    }

    @Override
    public CompletionStage<List<Member>> add(PeerUrl peerUrl, boolean learner) {
        if (learner && !dialect.version().atLeast(3, 4)) {
            // Older versions ignore the field that they do not know, and would add a voter.
            return unsupported("there are no learners before etcd 3.4, and this is " + dialect.version());
        }
        JsonObject request = at(peerUrl);
        if (learner) {
            request.addProperty("isLearner", true);
        }
        return change("/cluster/member/add", request);
    }

    @Override
    public CompletionStage<List<Member>> remove(MemberId member) {
        return change("/cluster/member/remove", withId("ID", member.toDecimal()));
    }

    @Override
    public CompletionStage<List<Member>> promote(MemberId member) {
        return change("/cluster/member/promote", withId("ID", member.toDecimal()));
    }

    @Override
    public CompletionStage<List<Member>> update(MemberId member, PeerUrl peerUrl) {
        JsonObject request = at(peerUrl);
        request.addProperty("ID", member.toDecimal());
        return change("/cluster/member/update", request);
    }

    @Override
    public CompletionStage<Void> moveLeader(MemberId target) {
        return call("/maintenance/transfer-leadership", withId("targetID", target.toDecimal()))
                .thenAccept(reply -> {});
    }

    @Override
    public CompletionStage<LockAttempt> lock(String holder, Duration timeToLive) {
        return call("/lease/grant", withId("TTL", Long.toString(timeToLive.toSeconds())))
                .thenApply(reply -> Json.text(Json.object(reply), "ID"))
                .thenCompose(lease -> putUnderLease(holder, lease));
    }

    private CompletionStage<LockAttempt> putUnderLease(String holder, String lease) {
        Lock lock = new Lock(PeerState.Api.V3, lease);
        return call("/kv/txn", putIfAbsent(holder, lease))
                .thenApply(reply -> Json.read(reply, it -> attemptOf(it, lock)))
                .handle((attempt, failure) -> {
                    if (attempt instanceof LockAttempt.Taken) {
                        return CompletableFuture.<LockAttempt>completedFuture(attempt);
                    }
                    // A lease that is of no use is not left to its expiry.
                    return unlock(lock).handle((done, ignored) -> {
                        if (failure != null) {
                            throw EtcdException.of(failure);
                        }
                        return attempt;
                    });
                })
                .thenCompose(stage -> stage);
    }

    private static LockAttempt attemptOf(HttpReply reply, Lock lock) {
        JsonObject answer = Json.object(reply);
        if (Json.truth(answer, "succeeded")) {
            return new LockAttempt.Taken(lock);
        }
        for (JsonElement response : Json.list(answer, "responses")) {
            JsonObject range = Json.inner(response.getAsJsonObject(), "response_range");
            for (JsonElement found : Json.list(range, "kvs")) {
                byte[] holder = Base64.getDecoder().decode(Json.text(found.getAsJsonObject(), "value"));
                return new LockAttempt.HeldBy(new String(holder, UTF_8));
            }
        }
        return new LockAttempt.HeldBy("somebody who did not leave a name");
    }

    private static JsonObject putIfAbsent(String holder, String lease) {
        String key = base64(EtcdClient.LOCK_KEY);
        JsonObject absent = new JsonObject();
        absent.addProperty("key", key);
        absent.addProperty("target", "CREATE");
        absent.addProperty("result", "EQUAL");
        absent.addProperty("create_revision", "0");
        JsonObject put = new JsonObject();
        put.addProperty("key", key);
        put.addProperty("value", base64(holder));
        put.addProperty("lease", lease);
        JsonObject read = new JsonObject();
        read.addProperty("key", key);
        JsonObject transaction = new JsonObject();
        transaction.add("compare", listOf(absent));
        transaction.add("success", listOf(named("request_put", put)));
        transaction.add("failure", listOf(named("request_range", read)));
        return transaction;
    }

    @Override
    public CompletionStage<Void> unlock(Lock lock) {
        // This path is the one that every version with a gateway knows; /lease/revoke came with 3.4.
        return call("/kv/lease/revoke", withId("ID", lock.handle())).handle((reply, failure) -> {
            if (failure != null && EtcdException.of(failure).kind() != Kind.NOT_FOUND) {
                throw EtcdException.of(failure);
            }
            return null;
        });
    }

    private CompletionStage<List<Member>> change(String path, JsonObject request) {
        return call(path, request)
                .thenApply(reply -> Json.read(reply, it -> membersIn(Json.object(it))))
                // Old versions confirm without a list.
                .thenCompose(members -> members.isEmpty()
                        ? members(false).thenApply(MemberList::members)
                        : CompletableFuture.completedFuture(members));
    }

    private static List<Member> membersIn(JsonObject answer) {
        return Json.members(Json.list(answer, "members"), "ID", MemberId::parseDecimal);
    }

    /** A reply of success, or what etcd said. Logs in where etcd asks for it, and then tries once more. */
    private CompletionStage<HttpReply> call(String path, JsonObject request) {
        return post(path, request, tokens.current())
                .thenCompose(reply -> {
                    if (reply.ok() || login.isEmpty() || !Refusals.asksForLogin(reply)) {
                        return CompletableFuture.completedFuture(reply);
                    }
                    // Nothing was done, so that asking again is safe. Not sooner: a log-in needs quorum, a status does
                    // not.
                    return logIn(login.get()).thenCompose(token -> post(path, request, Optional.of(token)));
                })
                .thenApply(reply -> {
                    if (!reply.ok()) {
                        throw Refusals.of(reply);
                    }
                    return reply;
                });
    }

    private CompletionStage<String> logIn(Login as) {
        JsonObject request = new JsonObject();
        request.addProperty("name", as.username());
        request.addProperty("password", as.password());
        return post("/auth/authenticate", request, Optional.empty()).thenApply(reply -> {
            if (!reply.ok()) {
                throw Refusals.of(reply);
            }
            String token = Json.text(Json.object(reply), "token");
            tokens.set(token);
            return token;
        });
    }

    private CompletionStage<HttpReply> post(String path, JsonObject body, Optional<String> token) {
        HttpRequest request = HttpRequest.POST(dialect.prefix() + path)
                .withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, body.toString()));
        // The bare token: with "Bearer" before it, etcd takes it for an invalid one.
        return conversation.send(
                baseUrl,
                token.isPresent() ? request.addHeader(RawHeader.create("Authorization", token.get())) : request);
    }

    private static JsonObject at(PeerUrl peerUrl) {
        JsonArray peerUrls = new JsonArray();
        peerUrls.add(peerUrl.text());
        JsonObject request = new JsonObject();
        request.add("peerURLs", peerUrls);
        return request;
    }

    private static JsonObject withId(String field, String decimal) {
        JsonObject request = new JsonObject();
        request.addProperty(field, decimal);
        return request;
    }

    private static JsonObject named(String name, JsonObject value) {
        JsonObject object = new JsonObject();
        object.add(name, value);
        return object;
    }

    private static JsonArray listOf(JsonObject only) {
        JsonArray list = new JsonArray();
        list.add(only);
        return list;
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private static <T> CompletionStage<T> unsupported(String why) {
        return CompletableFuture.failedFuture(new EtcdException(Kind.UNSUPPORTED, why));
    }
}
