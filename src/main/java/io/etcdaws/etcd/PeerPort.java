package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** A member's peer port, within one {@link Conversation}: it answers also while the client port is mute. */
final class PeerPort {
    private static final String NOT_DECIDED = "not_decided";

    /**
     * What a peer port tells.
     *
     * @param cluster the cluster's id
     * @param members the member list, or the initial cluster while it is forming
     * @param clusterVersion the cluster's version
     */
    record Told(ClusterId cluster, List<Member> members, String clusterVersion) {
        /** Whether the cluster never had a quorum yet. */
        boolean forming() {
            return clusterVersion.equals(NOT_DECIDED);
        }
    }

    private final Conversation conversation;
    private final String baseUrl;

    PeerPort(Conversation conversation, String baseUrl) {
        this.conversation = conversation;
        this.baseUrl = baseUrl;
    }

    CompletionStage<Told> tell() {
        return get("/version")
                .thenApply(reply -> Json.read(reply, it -> clusterVersionOf(it)))
                .thenCompose(version -> get("/members").thenApply(reply -> Json.read(reply, it -> told(it, version))));
    }

    private CompletionStage<HttpReply> get(String path) {
        return conversation.send(baseUrl, HttpRequest.GET(path)).thenApply(reply -> {
            if (!reply.ok()) {
                throw new EtcdException(
                        Kind.GARBLED,
                        reply.from() + ": HTTP " + reply.status() + " ('" + reply.excerpt()
                                + "'): is it the peer port of an etcd?");
            }
            return reply;
        });
    }

    private static String clusterVersionOf(HttpReply reply) {
        String version = Json.text(Json.object(reply), "etcdcluster");
        if (version.isEmpty()) {
            throw new IllegalArgumentException("no cluster version");
        }
        return version;
    }

    private static Told told(HttpReply reply, String clusterVersion) {
        String cluster =
                reply.clusterId().orElseThrow(() -> new IllegalArgumentException("no header X-Etcd-Cluster-Id"));
        return new Told(
                ClusterId.parseHex(cluster),
                Json.members(Json.array(reply), "id", MemberId::parseDecimal),
                clusterVersion);
    }
}
