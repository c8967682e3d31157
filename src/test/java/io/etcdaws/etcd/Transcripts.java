package io.etcdaws.etcd;

import static io.etcdaws.etcd.ScriptedServer.http;
import static io.etcdaws.etcd.ScriptedServer.json;
import static io.etcdaws.etcd.ScriptedServer.text;

import io.etcdaws.etcd.ScriptedServer.Answer;

/** What real etcds answered, with addresses and ids as they were. */
final class Transcripts {
    static final String HEADER =
            "\"header\":{\"cluster_id\":\"17478742799590499586\",\"member_id\":\"7566053002334159444\",\"raft_term\":\"2\"}";
    static final String HEX_CLUSTER = "f290f7f84a022502";
    static final String SELF_HEX = "6900051e73e7c254";

    /** n2 has an id below 2^63, n3 one above. */
    static final String MEMBERS = """
            {%s,"members":[{"ID":"3398796125834015410","name":"n2","peerURLs":["http://127.0.0.3:2380"],
            "clientURLs":["http://127.0.0.3:2379"]},{"ID":"7566053002334159444","name":"n1",
            "peerURLs":["http://127.0.0.2:2380"],"clientURLs":["http://127.0.0.2:2379"]},{"ID":"17076653386407511093",
            "peerURLs":["http://127.0.0.5:2380"],"isLearner":true}]}""".formatted(HEADER);

    static final Answer STATUS_34 = json(
            200,
            "{" + HEADER
                    + ",\"version\":\"3.4.23\",\"dbSize\":\"20480\",\"leader\":\"7566053002334159444\",\"raftIndex\":\"12\","
                    + "\"raftTerm\":\"2\",\"raftAppliedIndex\":\"11\",\"dbSizeInUse\":\"16384\"}");
    static final Answer STATUS_NO_LEADER = json(
            200,
            "{" + HEADER
                    + ", \"version\":\"3.5.16\", \"raftIndex\":\"12\", \"raftTerm\":\"3\", \"raftAppliedIndex\":\"12\","
                    + " \"errors\":[\"etcdserver: no leader\"]}");
    static final Answer STATUS_LEARNER = json(
            200,
            "{" + HEADER
                    + ", \"version\":\"3.5.16\", \"leader\":\"3398796125834015410\", \"raftTerm\":\"3\","
                    + " \"raftAppliedIndex\":\"12\", \"isLearner\":true}");
    static final Answer HEALTH_34 = text(200, "{\"health\":\"true\"}");
    static final Answer HEALTH_35 = text(200, "{\"health\":\"true\",\"reason\":\"\"}");
    static final Answer NO_LEADER_35 = text(503, "{\"health\":\"false\",\"reason\":\"RAFT NO LEADER\"}");
    static final Answer REQUEST_TIMED_OUT = json(503, "{\"code\":14,  \"message\":\"etcdserver: request timed out\"}");

    private Transcripts() {}

    static Answer version(String server, String cluster) {
        return json(200, "{\"etcdserver\":\"" + server + "\",\"etcdcluster\":\"" + cluster + "\"}");
    }

    /** An error as 3.4 and upstream's 3.5 spell it. */
    static Answer error34(int status, int code, String message) {
        return json(status, "{\"error\":\"" + message + "\",\"message\":\"" + message + "\",\"code\":" + code + "}");
    }

    /** An error as Debian's 3.5 and 3.6 spell it. */
    static Answer error35(int status, int code, String message) {
        return json(status, "{\"code\":" + code + ", \"message\":\"" + message + "\", \"details\":[]}");
    }

    /** A healthy leader with a started follower and an unstarted learner. */
    static ScriptedServer serving(ScriptedServer server, String version) {
        return server.on("GET /version", version(version, version.substring(0, 3) + ".0"))
                .on("POST /v3/maintenance/status", STATUS_34)
                .on("POST /v3/cluster/member/list", json(200, MEMBERS))
                .on("GET /health", version.startsWith("3.4") ? HEALTH_34 : HEALTH_35);
    }

    /** An etcd with the v2 API only. */
    static ScriptedServer servingV2(ScriptedServer server, String version) {
        return server.on("GET /version", version(version, version.substring(0, 3) + ".0"))
                .on("GET /health", HEALTH_34)
                .on("GET /v2/members", v2Members(200, v2MemberList()))
                .on(
                        "GET /v2/stats/self",
                        json(200, "{\"name\":\"n1\",\"id\":\"" + SELF_HEX + "\",\"state\":\"StateLeader\"}"))
                .on("GET /v2/members/leader", v2Members(200, v2Member(SELF_HEX, "n1", "127.0.0.2")));
    }

    static String v2MemberList() {
        return "{\"members\":[" + v2Member("2f2af311a04f72b2", "n2", "127.0.0.3") + ","
                + v2Member(SELF_HEX, "n1", "127.0.0.2")
                + ",{\"id\":\"91476ec99f5c242\",\"name\":\"\",\"peerURLs\":[\"http://127.0.0.5:2380\"],\"clientURLs\":[]}]}";
    }

    static Answer v2Members(int status, String body) {
        return http(status, "application/json", body, "X-Etcd-Cluster-Id: " + HEX_CLUSTER);
    }

    private static String v2Member(String id, String name, String host) {
        return "{\"id\":\"" + id + "\",\"name\":\"" + name + "\",\"peerURLs\":[\"http://" + host
                + ":2380\"],\"clientURLs\":[\"http://" + host + ":2379\"]}";
    }

    /** The peer port of an etcd whose cluster has, or has not, decided its version. */
    static ScriptedServer peerPort(ScriptedServer server, String clusterVersion) {
        return server.on("GET /version", version("3.5.30", clusterVersion))
                .on(
                        "GET /members",
                        v2Members(
                                200,
                                "[{\"id\":3398796125834015410,\"peerURLs\":[\"http://127.0.0.3:2380\"],\"name\":\"n2\"},"
                                        + "{\"id\":17076653386407511093,\"peerURLs\":[\"http://127.0.0.2:2380\"],\"name\":\"n1\"}]"));
    }
}
