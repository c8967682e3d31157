package io.etcdaws.etcd;

import com.google.gson.JsonArray;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.FormData;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.headers.Authorization;

/** etcd's v2 API: all there is in etcd 2, off by default from 3.4 on, and gone in 3.6. It knows no learners. */
final class V2Api implements MembersApi {
    private static final String MEMBERS = "/v2/members";
    /** In no directory: it would stay when the key has gone, and 3.6 does not start while anything is left of v2. */
    private static final String LOCK = "/v2/keys/" + EtcdClient.LOCK_KEY.replace('/', '-');

    private static final int CREATED = 201;
    private static final int PRECONDITION_FAILED = 412;
    private static final int INTERNAL_SERVER_ERROR = 500;

    private final Conversation conversation;
    private final String baseUrl;
    private final Dialect dialect;
    private final Optional<Login> login;

    V2Api(Conversation conversation, String baseUrl, Dialect dialect, Optional<Login> login) {
        this.conversation = conversation;
        this.baseUrl = baseUrl;
        this.dialect = dialect;
        this.login = login;
    }

    @Override
    public Dialect dialect() {
        return dialect;
    }

    @Override
    public CompletionStage<Status> status() {
        // The member list first: it tells whether there is a v2 API at all.
        return send(HttpRequest.GET(MEMBERS)).thenCompose(members -> {
            if (!members.ok()) {
                throw Refusals.of(members);
            }
            ClusterId cluster = Json.read(members, V2Api::clusterOf);
            return self().thenCombine(leader(), (self, leader) -> new Status(cluster, self, leader, false, 0, 0));
        });
    }

    private CompletionStage<MemberId> self() {
        return succeed(HttpRequest.GET("/v2/stats/self"))
                .thenApply(reply -> Json.read(reply, it -> MemberId.parseHex(Json.text(Json.object(it), "id"))));
    }

    /** Not from the statistics: those name a leader that is long gone. */
    private CompletionStage<Optional<MemberId>> leader() {
        return send(HttpRequest.GET(MEMBERS + "/leader"))
                .thenApply(reply -> reply.ok()
                        ? Optional.of(Json.read(reply, it -> MemberId.parseHex(Json.text(Json.object(it), "id"))))
                        : Optional.empty());
    }

    @Override
    public CompletionStage<MemberList> members(boolean quorumRead) {
        return succeed(HttpRequest.GET(MEMBERS))
                .thenCombine(
                        self(),
                        (reply, self) -> Json.read(
                                reply,
                                it -> new MemberList(
                                        clusterOf(it),
                                        Optional.of(self),
                                        Json.members(Json.list(Json.object(it), "members"), "id", MemberId::parseHex),
                                        false)));
    }

    private static ClusterId clusterOf(HttpReply reply) {
        return ClusterId.parseHex(
                reply.clusterId().orElseThrow(() -> new IllegalArgumentException("no header X-Etcd-Cluster-Id")));
    }

    @Override
    public CompletionStage<List<Member>> add(PeerUrl peerUrl, boolean learner) {
        if (learner) {
            return unsupported("the v2 API knows no learners");
        }
        return send(at(HttpRequest.POST(MEMBERS), peerUrl)).thenCompose(reply -> {
            if (reply.status() == INTERNAL_SERVER_ERROR) {
                throw new EtcdException(
                        Kind.REFUSED_WITHOUT_REASON,
                        Refusals.of(reply).getMessage()
                                + ", which is how v2 refuses while a member is down or has not started");
            }
            return listAfter(reply);
        });
    }

    @Override
    public CompletionStage<List<Member>> remove(MemberId member) {
        return send(HttpRequest.DELETE(MEMBERS + "/" + member)).thenCompose(this::listAfter);
    }

    @Override
    public CompletionStage<List<Member>> update(MemberId member, PeerUrl peerUrl) {
        return send(at(HttpRequest.PUT(MEMBERS + "/" + member), peerUrl)).thenCompose(this::listAfter);
    }

    private static HttpRequest at(HttpRequest request, PeerUrl peerUrl) {
        JsonArray peerUrls = new JsonArray();
        peerUrls.add(peerUrl.text());
        JsonObject body = new JsonObject();
        body.add("peerURLs", peerUrls);
        return request.withEntity(HttpEntities.create(ContentTypes.APPLICATION_JSON, body.toString()));
    }

    private CompletionStage<List<Member>> listAfter(HttpReply reply) {
        if (!reply.ok()) {
            throw Refusals.of(reply);
        }
        return members(false).thenApply(MemberList::members);
    }

    @Override
    public CompletionStage<List<Member>> promote(MemberId member) {
        return unsupported("the v2 API knows no learners");
    }

    @Override
    public CompletionStage<Void> moveLeader(MemberId target) {
        return unsupported("the v2 API does not hand leadership over");
    }

    @Override
    public CompletionStage<LockAttempt> lock(String holder, Duration timeToLive) {
        Map<String, String> form =
                Map.of("value", holder, "ttl", Long.toString(timeToLive.toSeconds()), "prevExist", "false");
        return send(HttpRequest.PUT(LOCK).withEntity(FormData.create(form).toEntity()))
                .thenCompose(reply -> {
                    if (reply.status() == PRECONDITION_FAILED) {
                        return holder().thenApply(LockAttempt.HeldBy::new);
                    }
                    if (reply.status() != CREATED) {
                        throw Refusals.of(reply);
                    }
                    String index = Json.text(Json.inner(Json.object(reply), "node"), "modifiedIndex");
                    return CompletableFuture.completedFuture(new LockAttempt.Taken(new Lock(PeerState.Api.V2, index)));
                });
    }

    private CompletionStage<String> holder() {
        return send(HttpRequest.GET(LOCK))
                .thenApply(reply -> reply.ok()
                        ? Json.text(Json.inner(Json.object(reply), "node"), "value")
                        : "somebody who has just released it");
    }

    /** Deletes the key only if it is still the one that this program made. */
    @Override
    public CompletionStage<Void> unlock(Lock lock) {
        return send(HttpRequest.DELETE(LOCK + "?prevIndex=" + lock.handle())).thenAccept(reply -> {
            if (!reply.ok() && reply.status() != PRECONDITION_FAILED && reply.status() != 404) {
                throw Refusals.of(reply);
            }
        });
    }

    private CompletionStage<HttpReply> succeed(HttpRequest request) {
        return send(request).thenApply(reply -> {
            if (!reply.ok()) {
                throw Refusals.of(reply);
            }
            return reply;
        });
    }

    private CompletionStage<HttpReply> send(HttpRequest request) {
        return conversation.send(
                baseUrl,
                login.isPresent()
                        ? request.addHeader(Authorization.basic(
                                login.get().username(), login.get().password()))
                        : request);
    }

    private static <T> CompletionStage<T> unsupported(String why) {
        return CompletableFuture.failedFuture(new EtcdException(Kind.UNSUPPORTED, why));
    }
}
