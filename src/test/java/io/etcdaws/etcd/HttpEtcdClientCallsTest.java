package io.etcdaws.etcd;

import static io.etcdaws.etcd.HttpEtcdClientFixture.await;
import static io.etcdaws.etcd.HttpEtcdClientFixture.failure;
import static io.etcdaws.etcd.ScriptedServer.HANG;
import static io.etcdaws.etcd.ScriptedServer.RESET;
import static io.etcdaws.etcd.ScriptedServer.json;
import static io.etcdaws.etcd.ScriptedServer.text;
import static io.etcdaws.etcd.Transcripts.error34;
import static io.etcdaws.etcd.Transcripts.error35;
import static io.etcdaws.etcd.Transcripts.serving;
import static io.etcdaws.etcd.Transcripts.servingV2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdClient.LockAttempt;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.ScriptedServer.Answer;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerUrl;
import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEtcdClientCallsTest {
    private static final ActorTestKit testKit = ActorTestKit.create();
    private static final PeerUrl NEW_URL = PeerUrl.parse("http://127.0.0.9:2380");
    private static final MemberId LARGE_ID = MemberId.parseDecimal("17076653386407511093");
    private static final String ADD = "POST /v3/cluster/member/add";

    private HttpEtcdClientFixture etcd;

    @BeforeEach
    void start() throws IOException {
        etcd = new HttpEtcdClientFixture(testKit);
    }

    @AfterEach
    void stop() throws IOException {
        etcd.close();
    }

    @AfterAll
    static void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void tellsWhoAnsweredAndWhetherThroughAQuorum() {
        serving(etcd.clientPort, "3.5.16");
        MemberList list = await(etcd.client().members(etcd.endpoint(), true));
        assertEquals(Optional.of(MemberId.parseHex(Transcripts.SELF_HEX)), list.answeredBy());
        assertTrue(list.quorumRead());
        assertFalse(await(etcd.client().members(etcd.endpoint(), false)).quorumRead());
    }

    @Test
    void knowsThat34IgnoresTheWishForAQuorum() {
        serving(etcd.clientPort, "3.4.23");
        assertFalse(await(etcd.client().members(etcd.endpoint(), true)).quorumRead());
    }

    @Test
    void findsOutOnlyOnceWhichApiAMemberSpeaks() {
        serving(etcd.clientPort, "3.5.16");
        HttpEtcdClient client = etcd.client();
        await(client.members(etcd.endpoint(), false));
        await(client.members(etcd.endpoint(), false));
        assertEquals(
                List.of(
                        "GET /version",
                        "POST /v3/maintenance/status {}",
                        "POST /v3/cluster/member/list {}",
                        "POST /v3/cluster/member/list {}"),
                etcd.clientPort.asked());
    }

    @Test
    void sendsChangesAsEtcdSpellsThem() {
        serving(etcd.clientPort, "3.5.16").on(ADD, json(200, Transcripts.MEMBERS));
        etcd.clientPort
                .on("POST /v3/cluster/member/remove", json(200, Transcripts.MEMBERS))
                .on("POST /v3/cluster/member/promote", json(200, Transcripts.MEMBERS))
                .on("POST /v3/cluster/member/update", json(200, Transcripts.MEMBERS))
                .on("POST /v3/maintenance/transfer-leadership", json(200, "{}"));
        HttpEtcdClient client = etcd.client();
        assertEquals(3, await(client.add(etcd.endpoint(), NEW_URL, true)).size());
        await(client.add(etcd.endpoint(), NEW_URL, false));
        await(client.remove(etcd.endpoint(), LARGE_ID));
        await(client.promote(etcd.endpoint(), LARGE_ID));
        await(client.moveLeader(etcd.endpoint(), LARGE_ID));
        await(client.update(etcd.endpoint(), LARGE_ID, NEW_URL));
        assertEquals(
                List.of(
                        ADD + " {\"peerURLs\":[\"http://127.0.0.9:2380\"],\"isLearner\":true}",
                        ADD + " {\"peerURLs\":[\"http://127.0.0.9:2380\"]}",
                        "POST /v3/cluster/member/remove {\"ID\":\"17076653386407511093\"}",
                        "POST /v3/cluster/member/promote {\"ID\":\"17076653386407511093\"}",
                        "POST /v3/maintenance/transfer-leadership {\"targetID\":\"17076653386407511093\"}",
                        "POST /v3/cluster/member/update {\"peerURLs\":[\"http://127.0.0.9:2380\"],"
                                + "\"ID\":\"17076653386407511093\"}"),
                etcd.clientPort.asked().subList(2, 8));
    }

    @Test
    void asksNoVersionForALearnerThatWouldMakeItAVoter() {
        etcd.clientPort
                .on("GET /version", Transcripts.version("3.3.10", "3.3.0"))
                .on("POST /v3beta/maintenance/status", Transcripts.STATUS_34);
        assertEquals(
                Kind.UNSUPPORTED,
                failure(etcd.client().add(etcd.endpoint(), NEW_URL, true)).kind());
        assertFalse(etcd.clientPort.asked().stream().anyMatch(it -> it.contains("member/add")));
    }

    @Test
    void understandsEtcdsRefusalsByTheirMessage() {
        Map<Answer, Kind> expected = new LinkedHashMap<>();
        expected.put(error34(412, 9, "etcdserver: Peer URLs already exists"), Kind.DUPLICATE_URL);
        expected.put(error35(400, 9, "etcdserver: Peer URLs already exists"), Kind.DUPLICATE_URL);
        expected.put(error35(400, 3, "etcdserver: given member URLs are invalid"), Kind.INVALID);
        expected.put(error35(404, 5, "etcdserver: member not found"), Kind.NOT_FOUND);
        expected.put(error34(503, 14, "etcdserver: unhealthy cluster"), Kind.NOT_NOW);
        expected.put(
                error35(500, 2, "etcdserver: re-configuration failed due to not enough started members"), Kind.NOT_NOW);
        expected.put(error35(400, 9, "etcdserver: too many learner members in cluster"), Kind.NOT_NOW);
        expected.put(
                error35(400, 9, "etcdserver: can only promote a learner member which is in sync with leader"),
                Kind.NOT_NOW);
        expected.put(error35(400, 9, "etcdserver: can only promote a learner member"), Kind.NOT_A_LEARNER);
        expected.put(error35(503, 14, "etcdserver: rpc not supported for learner"), Kind.LEARNER);
        expected.put(error35(503, 14, "etcdserver: no leader"), Kind.UNDECIDED);
        expected.put(error34(412, 9, "etcdserver: not leader"), Kind.NOT_NOW);
        expected.put(error35(400, 9, "etcdserver: bad leader transferee"), Kind.NOT_NOW);
        expected.put(error35(503, 14, "etcdserver: request timed out"), Kind.UNDECIDED);
        expected.put(error35(503, 14, "etcdserver: server stopped"), Kind.UNDECIDED);
        expected.put(error35(504, 4, "context deadline exceeded"), Kind.UNDECIDED);
        expected.put(error34(500, 2, "something new"), Kind.UNDECIDED);
        expected.put(error34(400, 3, "etcdserver: user name is empty"), Kind.DENIED);
        expected.put(error35(403, 7, "etcdserver: permission denied"), Kind.DENIED);
        expected.put(
                json(500, "{\"error\":{\"grpc_code\":2,\"http_code\":500,\"message\":\"auth: user name is empty\"}}"),
                Kind.DENIED);
        expected.put(text(404, "404 page not found\n"), Kind.UNSUPPORTED);
        expected.put(text(502, "<html>Bad Gateway</html>"), Kind.UNDECIDED);
        expected.put(json(200, "{\"members\":[{\"ID\":\"x\"}]}"), Kind.GARBLED);
        expected.put(RESET, Kind.BROKEN);
        serving(etcd.clientPort, "3.5.16");
        expected.forEach((answer, kind) -> {
            etcd.clientPort.on(ADD, answer);
            EtcdException failure = failure(etcd.client().add(etcd.endpoint(), NEW_URL, false));
            assertEquals(kind, failure.kind(), failure.getMessage());
        });
    }

    @Test
    void aHangingCallTimesOutAndItsConnectionIsClosed() throws InterruptedException {
        serving(etcd.clientPort, "3.5.16").on("POST /v3/cluster/member/remove", HANG);
        EtcdException failure = failure(etcd.impatientClient().remove(etcd.endpoint(), LARGE_ID));
        assertEquals(Kind.TIMED_OUT, failure.kind());
        assertFalse(failure.kind().nothingDone());
        assertTrue(etcd.clientPort.sawHangUp());
    }

    @Test
    void everyRequestOfAChangeHasAConnectionOfItsOwn() {
        serving(etcd.clientPort, "3.5.16").on(ADD, json(200, "{\"header\":{},\"members\":[]}"));
        etcd.probe();
        etcd.probe();
        int asked = etcd.clientPort.requests().size();
        await(etcd.client().add(etcd.endpoint(), NEW_URL, false));
        List<Integer> connections = etcd.clientPort.requests().stream()
                .map(ScriptedServer.Request::connection)
                .toList();
        List<Integer> ofTheChange = connections.subList(asked, connections.size());
        assertEquals(ofTheChange.size(), Set.copyOf(ofTheChange).size());
        assertTrue(Collections.disjoint(ofTheChange, connections.subList(0, asked)));
    }

    @Test
    void aRefusedConnectionIsNotMistakenForATimeOut() throws IOException {
        int refusing = ScriptedServer.refusingPort();
        EtcdException failure = failure(etcd.client().members(HttpEtcdClientFixture.at(refusing, refusing), false));
        assertEquals(Kind.CONNECTION_REFUSED, failure.kind());
    }

    @Test
    void logsInWhenAskedToAndSendsTheBareToken() {
        serving(etcd.clientPort, "3.5.30")
                .on("POST /v3/auth/authenticate", json(200, "{\"token\":\"SkfjhYXAMWuAbghq.14\"}"))
                .on(
                        ADD,
                        request ->
                                "SkfjhYXAMWuAbghq.14".equals(request.headers().get("authorization"))
                                        ? json(200, Transcripts.MEMBERS)
                                        : error35(400, 3, "etcdserver: user name is empty"));
        HttpEtcdClient client = etcd.clientWithPassword();
        await(client.add(etcd.endpoint(), NEW_URL, false));
        await(client.add(etcd.endpoint(), NEW_URL, false));
        List<String> logIns = etcd.clientPort.asked().stream()
                .filter(it -> it.contains("authenticate"))
                .toList();
        assertEquals(List.of("POST /v3/auth/authenticate {\"name\":\"root\",\"password\":\"secret\"}"), logIns);
    }

    @Test
    void logsInAgainWhenItsTokenIsForgotten() {
        serving(etcd.clientPort, "3.5.30")
                .on("POST /v3/auth/authenticate", json(200, "{\"token\":\"first\"}"))
                .on(
                        ADD,
                        request -> "second".equals(request.headers().get("authorization"))
                                ? json(200, Transcripts.MEMBERS)
                                : error35(401, 16, "etcdserver: invalid auth token"));
        HttpEtcdClient client = etcd.clientWithPassword();
        assertEquals(
                Kind.DENIED,
                failure(client.add(etcd.endpoint(), NEW_URL, false)).kind());
        etcd.clientPort.on("POST /v3/auth/authenticate", json(200, "{\"token\":\"second\"}"));
        await(client.add(etcd.endpoint(), NEW_URL, false));
    }

    @Test
    void aWrongPasswordIsDenied() {
        serving(etcd.clientPort, "3.5.30")
                .on(
                        "POST /v3/auth/authenticate",
                        error35(400, 3, "etcdserver: authentication failed, invalid user ID or password"))
                .on(ADD, error35(400, 3, "etcdserver: user name is empty"));
        EtcdException failure = failure(etcd.clientWithPassword().add(etcd.endpoint(), NEW_URL, false));
        assertEquals(Kind.DENIED, failure.kind());
        assertFalse(String.valueOf(failure.getMessage()).contains("secret"));
    }

    @Test
    void takesAndReleasesTheLockOfV3() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/lease/grant", json(200, "{\"ID\":\"4779623244927302916\",\"TTL\":\"15\"}"))
                .on("POST /v3/kv/txn", json(200, "{\"succeeded\":true,\"responses\":[{\"response_put\":{}}]}"))
                .on("POST /v3/kv/lease/revoke", json(200, "{}"));
        HttpEtcdClient client = etcd.client();
        Lock lock = ((LockAttempt.Taken) await(client.lock(etcd.endpoint(), "i-1"))).lock();
        assertEquals(new Lock(Api.V3, "4779623244927302916"), lock);
        await(client.unlock(etcd.endpoint(), lock));
        assertEquals(
                List.of(
                        "POST /v3/lease/grant {\"TTL\":\"60\"}",
                        "POST /v3/kv/txn {\"compare\":[{\"key\":\"ZXRjZC1hd3MvbWVtYmVyc2hpcC1sb2Nr\",\"target\":\"CREATE\","
                                + "\"result\":\"EQUAL\",\"create_revision\":\"0\"}],\"success\":[{\"request_put\":"
                                + "{\"key\":\"ZXRjZC1hd3MvbWVtYmVyc2hpcC1sb2Nr\",\"value\":\"aS0x\","
                                + "\"lease\":\"4779623244927302916\"}}],\"failure\":[{\"request_range\":"
                                + "{\"key\":\"ZXRjZC1hd3MvbWVtYmVyc2hpcC1sb2Nr\"}}]}",
                        "POST /v3/kv/lease/revoke {\"ID\":\"4779623244927302916\"}"),
                etcd.clientPort.asked().subList(2, 5));
    }

    @Test
    void tellsWhoHoldsTheLockAndLeavesNoLeaseBehind() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/lease/grant", json(200, "{\"ID\":\"777\",\"TTL\":\"15\"}"))
                .on(
                        "POST /v3/kv/txn",
                        json(
                                200,
                                "{\"responses\":[{\"response_range\":{\"kvs\":[{\"key\":\"eA==\",\"value\":\"aS0y\"}],"
                                        + "\"count\":\"1\"}}]}"))
                .on("POST /v3/kv/lease/revoke", json(200, "{}"));
        assertEquals(new LockAttempt.HeldBy("i-2"), await(etcd.client().lock(etcd.endpoint(), "i-1")));
        assertTrue(etcd.clientPort.asked().contains("POST /v3/kv/lease/revoke {\"ID\":\"777\"}"));
    }

    @Test
    void aLockThatHasExpiredIsReleasedAlready() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/kv/lease/revoke", error35(404, 5, "etcdserver: requested lease not found"));
        await(etcd.client().unlock(etcd.endpoint(), new Lock(Api.V3, "777")));
    }

    @Test
    void changesMembersThroughV2() {
        servingV2(etcd.clientPort, "3.4.23")
                .on("POST /v2/members", json(201, "{\"id\":\"91476ec99f5c242\",\"name\":\"\",\"peerURLs\":[]}"))
                .on("PUT /v2/members/ecfd1d4c2d6c1e55", text(204, ""))
                .on("DELETE /v2/members/ecfd1d4c2d6c1e55", text(204, ""));
        HttpEtcdClient client = etcd.client();
        assertEquals(
                3,
                await(client.update(etcd.endpoint(), MemberId.parseHex("ecfd1d4c2d6c1e55"), NEW_URL))
                        .size());
        assertTrue(etcd.clientPort
                .asked()
                .contains("PUT /v2/members/ecfd1d4c2d6c1e55 {\"peerURLs\":[\"http://127.0.0.9:2380\"]}"));
        assertEquals(3, await(client.add(etcd.endpoint(), NEW_URL, false)).size());
        await(client.remove(etcd.endpoint(), MemberId.parseHex("ecfd1d4c2d6c1e55")));
        ScriptedServer.Request post = etcd.clientPort.requests().stream()
                .filter(it -> it.line().startsWith("POST /v2"))
                .findFirst()
                .orElseThrow();
        assertEquals("application/json", post.headers().get("content-type"));
        assertEquals(
                Kind.UNSUPPORTED,
                failure(client.add(etcd.endpoint(), NEW_URL, true)).kind());
        assertEquals(
                Kind.UNSUPPORTED,
                failure(client.promote(etcd.endpoint(), LARGE_ID)).kind());
    }

    @Test
    void understandsTheRefusalsOfV2() {
        servingV2(etcd.clientPort, "3.4.23")
                .on("POST /v2/members", json(500, "{\"message\":\"Internal Server Error\"}"))
                .on(
                        "DELETE /v2/members/ecfd1d4c2d6c1e55",
                        json(410, "{\"message\":\"Member permanently removed: ecfd1d4c2d6c1e55\"}"));
        HttpEtcdClient client = etcd.client();
        assertEquals(
                Kind.REFUSED_WITHOUT_REASON,
                failure(client.add(etcd.endpoint(), NEW_URL, false)).kind());
        assertEquals(
                Kind.NOT_FOUND,
                failure(client.remove(etcd.endpoint(), MemberId.parseHex("ecfd1d4c2d6c1e55")))
                        .kind());
        etcd.clientPort.on("POST /v2/members", json(409, "{\"message\":\"membership: peerURL exists\"}"));
        assertEquals(
                Kind.DUPLICATE_URL,
                failure(client.add(etcd.endpoint(), NEW_URL, false)).kind());
    }

    @Test
    void takesAndReleasesTheLockOfV2() {
        String key = "/v2/keys/etcd-aws-membership-lock";
        servingV2(etcd.clientPort, "3.4.23")
                .on(
                        "PUT " + key,
                        json(201, "{\"action\":\"create\",\"node\":{\"modifiedIndex\":7,\"createdIndex\":7}}"))
                .on("DELETE " + key, json(200, "{\"action\":\"compareAndDelete\"}"));
        HttpEtcdClient client = etcd.clientWithPassword();
        Lock lock = ((LockAttempt.Taken) await(client.lock(etcd.endpoint(), "i-1"))).lock();
        await(client.unlock(etcd.endpoint(), lock));
        String put = etcd.clientPort.asked().stream()
                .filter(it -> it.startsWith("PUT"))
                .findFirst()
                .orElseThrow();
        assertTrue(put.contains("prevExist=false") && put.contains("ttl=60") && put.contains("value=i-1"), put);
        assertTrue(etcd.clientPort.asked().contains("DELETE " + key + "?prevIndex=7"));
        assertEquals(
                "Basic cm9vdDpzZWNyZXQ=",
                etcd.clientPort
                        .requests()
                        .get(etcd.clientPort.requests().size() - 1)
                        .headers()
                        .get("authorization"));
    }

    @Test
    void tellsWhoHoldsTheLockOfV2() {
        String key = "/v2/keys/etcd-aws-membership-lock";
        servingV2(etcd.clientPort, "3.4.23")
                .on("PUT " + key, json(412, "{\"errorCode\":105,\"message\":\"Key already exists\"}"))
                .on("GET " + key, json(200, "{\"action\":\"get\",\"node\":{\"value\":\"i-2\"}}"));
        assertEquals(new LockAttempt.HeldBy("i-2"), await(etcd.client().lock(etcd.endpoint(), "i-1")));
    }
}
