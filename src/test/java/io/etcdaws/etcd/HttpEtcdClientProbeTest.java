package io.etcdaws.etcd;

import static io.etcdaws.etcd.ScriptedServer.CLOSE;
import static io.etcdaws.etcd.ScriptedServer.HANG;
import static io.etcdaws.etcd.ScriptedServer.RESET;
import static io.etcdaws.etcd.ScriptedServer.json;
import static io.etcdaws.etcd.ScriptedServer.raw;
import static io.etcdaws.etcd.ScriptedServer.text;
import static io.etcdaws.etcd.Transcripts.peerPort;
import static io.etcdaws.etcd.Transcripts.serving;
import static io.etcdaws.etcd.Transcripts.servingV2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.EtcdSettings.ApiChoice;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.Forming;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpEtcdClientProbeTest {
    private static final ActorTestKit testKit = ActorTestKit.create();
    private HttpEtcdClientFixture etcd;

    @BeforeEach
    void start() throws IOException {
        etcd = new HttpEtcdClientFixture(testKit);
    }

    @AfterEach
    void stop() throws IOException {
        etcd.close();
    }

    /** The first request of a JVM loads a thousand classes. */
    @BeforeAll
    static void warmUp() throws IOException {
        try (HttpEtcdClientFixture unused = new HttpEtcdClientFixture(testKit)) {
            serving(unused.clientPort, "3.5.16");
            unused.probe();
        }
    }

    @AfterAll
    static void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void whatIsAdvertisedAndCannotBeSpokenToIsRejected() {
        assertTrue(rejection("http://127.0.0.1:99999").contains("is no usable URL"));
        assertTrue(rejection("nonsense").contains("is no usable URL"));
        assertTrue(rejection("https://127.0.0.1:2379")
                .contains("advertises https://127.0.0.1:2379, and etcd.client-scheme is http"));
    }

    private String rejection(String clientUrl) {
        Endpoint odd = new Endpoint(
                etcd.endpoint().address(), clientUrl, etcd.endpoint().peerUrl());
        EtcdException failure = HttpEtcdClientFixture.failure(etcd.client().members(odd, false));
        Rejected seen = assertInstanceOf(Rejected.class, etcd.probeBriefly(odd));
        assertTrue(seen.detail().startsWith(String.valueOf(failure.getMessage())), seen.detail());
        return seen.detail();
    }

    @Test
    void readsAHealthyLeaderOf34() {
        serving(etcd.clientPort, "3.4.23");
        Serving seen = assertInstanceOf(Serving.class, etcd.probe());
        assertEquals(ClusterId.parseHex(Transcripts.HEX_CLUSTER), seen.cluster());
        assertEquals(MemberId.parseHex(Transcripts.SELF_HEX), seen.self());
        assertTrue(seen.leads());
        assertFalse(seen.learner());
        assertEquals("3.4.23", seen.version());
        assertEquals("3.4.0", seen.clusterVersion());
        assertEquals(2, seen.term());
        assertEquals(11, seen.index());
        assertEquals(Api.V3, seen.api());
    }

    @Test
    void readsUnsignedIdsAndAbsentFieldsOfMembers() {
        serving(etcd.clientPort, "3.4.23");
        List<Member> members = ((Serving) etcd.probe()).members();
        Member unstarted = members.get(2);
        assertEquals("17076653386407511093", unstarted.id().toDecimal());
        assertTrue(unstarted.learner());
        assertFalse(unstarted.started());
        assertEquals("", unstarted.name());
        assertEquals("n2", members.get(0).name());
        assertTrue(members.get(0).voter());
        assertEquals(List.of("http://127.0.0.3:2379"), members.get(0).clientUrls());
    }

    @Test
    void readsThroughAQuorumFrom35On() {
        serving(etcd.clientPort, "3.5.16");
        assertTrue(((Serving) etcd.probe()).healthy());
        assertTrue(etcd.clientPort.asked().contains("POST /v3/cluster/member/list {\"linearizable\":true}"));
    }

    @Test
    void isNotHealthyIfTheQuorumReadFailsAlthoughHealthIsStillTrue() {
        serving(etcd.clientPort, "3.5.16")
                .on(
                        "POST /v3/cluster/member/list",
                        request -> request.body().contains("linearizable")
                                ? Transcripts.REQUEST_TIMED_OUT
                                : json(200, Transcripts.MEMBERS));
        Serving seen = (Serving) etcd.probe();
        assertFalse(seen.healthy());
        assertEquals(3, seen.members().size());
    }

    @Test
    void isNotHealthyIfTheQuorumReadHangs() {
        serving(etcd.clientPort, "3.5.16")
                .on(
                        "POST /v3/cluster/member/list",
                        request -> request.body().contains("linearizable") ? HANG : json(200, Transcripts.MEMBERS))
                .on("GET /health", HANG);
        Serving seen = (Serving) etcd.probeBriefly();
        assertFalse(seen.healthy());
        assertEquals(3, seen.members().size());
    }

    @Test
    void isNotHealthyIfHealthHangsOrIsFalse() {
        serving(etcd.clientPort, "3.4.23").on("GET /health", HANG);
        assertFalse(((Serving) etcd.probeBriefly()).healthy());
        etcd.clientPort.on("GET /health", text(503, "{\"health\":\"false\"}"));
        assertFalse(((Serving) etcd.probeBriefly()).healthy());
    }

    @Test
    void knowsTheLocalListWithoutALeader() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/maintenance/status", Transcripts.STATUS_NO_LEADER)
                .on("GET /health", Transcripts.NO_LEADER_35);
        Serving seen = (Serving) etcd.probe();
        assertEquals(Optional.empty(), seen.leader());
        assertFalse(seen.healthy());
        assertEquals(3, seen.members().size());
    }

    @Test
    void aLearnerServesWithoutAList() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/maintenance/status", Transcripts.STATUS_LEARNER)
                .on(
                        "POST /v3/cluster/member/list",
                        Transcripts.error35(503, 14, "etcdserver: rpc not supported for learner"));
        Serving seen = (Serving) etcd.probe();
        assertTrue(seen.learner());
        assertTrue(seen.healthy());
        assertEquals(List.of(), seen.members());
    }

    @Test
    void servesWithoutAListIfThatIsForbidden() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/cluster/member/list", Transcripts.error35(403, 7, "etcdserver: permission denied"));
        Serving seen = (Serving) etcd.probe();
        assertTrue(seen.healthy());
        assertEquals(List.of(), seen.members());
    }

    @Test
    void fallsBackToV2WhereTheGatewayIsOff() {
        servingV2(etcd.clientPort, "3.4.23");
        Serving seen = assertInstanceOf(Serving.class, etcd.probe());
        assertEquals(Api.V2, seen.api());
        assertEquals(ClusterId.parseHex(Transcripts.HEX_CLUSTER), seen.cluster());
        assertTrue(seen.leads());
        assertEquals(3, seen.members().size());
        assertEquals("91476ec99f5c242", seen.members().get(2).id().toString());
        assertFalse(seen.members().get(2).started());
    }

    /** As 3.0.17 answered among members of 2.3.8: its v3 API waits for them. */
    @Test
    void speaksV2ToAMemberThatIsAheadOfACluster() {
        servingV2(etcd.clientPort, "3.0.17")
                .on(
                        "POST /v3alpha/maintenance/status",
                        json(503, "{\"Error\":\"etcdserver: not capable\",\"Code\":14}"));
        assertEquals(Api.V2, assertInstanceOf(Serving.class, etcd.probe()).api());
    }

    /** As 3.5.16 answers for good that has learnt from its log that the cluster was upgraded from etcd 2. */
    @Test
    void saysWhatHelpsIfTheApiIsThereAndEtcdThinksTheClusterTooOldForIt() {
        serving(etcd.clientPort, "3.5.16")
                .on("POST /v3/maintenance/status", Transcripts.error35(503, 14, "etcdserver: not capable"));
        String said = assertInstanceOf(Rejected.class, etcd.probe()).detail();
        assertTrue(said.contains("not capable") && said.contains("restart this one"), said);
    }

    @Test
    void believesNoStaleLeaderOfV2() {
        servingV2(etcd.clientPort, "3.4.23")
                .on("GET /v2/members/leader", json(503, "{\"message\":\"During election\"}"));
        Serving seen = (Serving) etcd.probe();
        assertEquals(Optional.empty(), seen.leader());
        assertFalse(seen.healthy());
    }

    @Test
    void speaksToEtcd2WhateverItsVersionLooksLike() {
        servingV2(etcd.clientPort, "2.3.8");
        assertEquals("2.3.8", ((Serving) etcd.probe()).version());
        etcd.clientPort.on("GET /version", text(200, "etcd 2.0.9"));
        assertEquals("2.0.9", ((Serving) etcd.probe()).version());
        assertEquals("", ((Serving) etcd.probe()).clusterVersion());
        assertFalse(etcd.clientPort.asked().stream().anyMatch(it -> it.contains("/v3")));
    }

    @Test
    void findsTheOlderPrefixesOfV3() {
        etcd.clientPort
                .on("GET /version", Transcripts.version("3.3.10", "3.3.0"))
                .on("GET /health", Transcripts.HEALTH_34)
                .on("POST /v3beta/maintenance/status", Transcripts.STATUS_34)
                .on("POST /v3beta/cluster/member/list", json(200, Transcripts.MEMBERS));
        assertEquals("3.3.10", ((Serving) etcd.probe()).version());
        etcd.clientPort
                .on("GET /version", Transcripts.version("3.2.26", "3.2.0"))
                .on("POST /v3alpha/maintenance/status", Transcripts.STATUS_34)
                .on("POST /v3alpha/cluster/member/list", json(200, Transcripts.MEMBERS));
        assertEquals(3, ((Serving) etcd.probe()).members().size());
        assertFalse(
                etcd.clientPort.asked().stream().anyMatch(it -> it.contains("linearizable")),
                "3.0 refuses a field that it does not know");
    }

    @Test
    void saysHowTheApiIsSwitchedOnIfNeitherIs() {
        etcd.clientPort.on("GET /version", Transcripts.version("3.4.23", "3.4.0"));
        String said = assertInstanceOf(Rejected.class, etcd.probe()).detail();
        assertTrue(said.contains("enable-grpc-gateway: true") && said.contains("--enable-v2"), said);
        etcd.clientPort.on("GET /version", Transcripts.version("3.6.7", "3.6.0"));
        assertFalse(((Rejected) etcd.probe()).detail().contains("--enable-v2"));
    }

    @Test
    void aPinnedApiIsTheOnlyOneTried() {
        servingV2(etcd.clientPort, "3.4.23");
        PeerState seen = HttpEtcdClientFixture.await(etcd.client(ApiChoice.V3)
                .probe(etcd.endpoint(), HttpEtcdClientFixture.PATIENT)
                .answer());
        assertTrue(assertInstanceOf(Rejected.class, seen).detail().contains("ETCD_AWS_ETCD_API=auto"));
    }

    @Test
    void aGatewayThatCannotCallItsOwnServerIsRejectedWithTheReason() {
        serving(etcd.clientPort, "3.4.23")
                .on("POST /v3/maintenance/status", Transcripts.error34(503, 14, "connection closed"));
        String said = assertInstanceOf(Rejected.class, etcd.probe()).detail();
        assertTrue(said.contains("clientAuth"), said);
        servingV2(etcd.clientPort, "3.4.23");
        assertEquals(Api.V2, assertInstanceOf(Serving.class, etcd.probe()).api());
    }

    @Test
    void anEtcdThatWantsALogInIsRejectedWithAHint() {
        serving(etcd.clientPort, "3.5.30")
                .on("POST /v3/maintenance/status", Transcripts.error35(400, 3, "etcdserver: user name is empty"));
        String said = assertInstanceOf(Rejected.class, etcd.probe()).detail();
        assertTrue(said.contains("ETCD_AWS_ETCD_PASSWORD_FILE"), said);
    }

    @Test
    void aMuteClientPortAndNoDecidedVersionIsForming() {
        etcd.clientPort.otherwise(HANG);
        peerPort(etcd.peerPort, "not_decided");
        Forming seen = assertInstanceOf(Forming.class, etcd.probeBriefly());
        assertEquals(ClusterId.parseHex(Transcripts.HEX_CLUSTER), seen.cluster());
        assertEquals("17076653386407511093", seen.members().get(1).id().toDecimal());
    }

    @Test
    void aMuteClientPortAndADecidedVersionHoldsData() {
        etcd.clientPort.otherwise(HANG);
        peerPort(etcd.peerPort, "3.5.0");
        HoldsData seen = assertInstanceOf(HoldsData.class, etcd.probeBriefly());
        assertEquals("3.5.0", seen.clusterVersion());
        assertEquals(2, seen.members().size());
    }

    @Test
    void onlyTwoRefusalsAreNotServing() throws IOException {
        int refusing = ScriptedServer.refusingPort();
        assertInstanceOf(NotServing.class, etcd.probeBriefly(HttpEtcdClientFixture.at(refusing, refusing)));

        etcd.peerPort.otherwise(HANG);
        etcd.clientPort.otherwise(HANG);
        assertInstanceOf(Silent.class, etcd.probeBriefly(HttpEtcdClientFixture.at(refusing, etcd.peerPort.port())));
        assertInstanceOf(Silent.class, etcd.probeBriefly(HttpEtcdClientFixture.at(etcd.clientPort.port(), refusing)));
        assertInstanceOf(Silent.class, etcd.probeBriefly());
    }

    @Test
    void aRefusedClientPortBesideAPeerPortWithAVersionIsNoAbsence() throws IOException {
        peerPort(etcd.peerPort, "3.5.0");
        PeerState seen = etcd.probe(HttpEtcdClientFixture.at(ScriptedServer.refusingPort(), etcd.peerPort.port()));
        assertTrue(assertInstanceOf(Rejected.class, seen).detail().contains("client port cannot be reached"));
        peerPort(etcd.peerPort, "not_decided");
        assertInstanceOf(
                Forming.class,
                etcd.probe(HttpEtcdClientFixture.at(ScriptedServer.refusingPort(), etcd.peerPort.port())));
    }

    @Test
    void servesWhateverThePeerPortDoes() throws IOException {
        serving(etcd.clientPort, "3.4.23");
        etcd.peerPort.otherwise(HANG);
        assertInstanceOf(Serving.class, etcd.probeBriefly());
        assertInstanceOf(
                Serving.class,
                etcd.probeBriefly(HttpEtcdClientFixture.at(etcd.clientPort.port(), ScriptedServer.refusingPort())));
    }

    @Test
    void resetsAndClosedConnectionsAndGarbageAreRejected() {
        peerPort(etcd.peerPort, "not_decided");
        for (ScriptedServer.Answer answer : List.of(
                RESET,
                CLOSE,
                raw("SSH-2.0-OpenSSH_9.2p1\r\n\r\n"),
                text(200, "It works!"),
                json(200, "{\"etcdserver\":"),
                json(200, "[]"),
                json(500, "{}"))) {
            etcd.clientPort.on("GET /version", answer);
            assertInstanceOf(Rejected.class, etcd.probe(), answer.bytes());
        }
    }

    @Test
    void anEndlessBodyIsCutOff() {
        etcd.clientPort.on("GET /version", text(200, "x".repeat(3_000_000)));
        String said = assertInstanceOf(Rejected.class, etcd.probe()).detail();
        assertTrue(said.contains("too large") || said.contains("exceeded"), said);
        etcd.clientPort.on("GET /version", raw("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(3_000_000)));
        assertInstanceOf(Rejected.class, etcd.probe());
    }

    @Test
    void aPeerPortThatIsNoneOfEtcdIsRejectedBesideAMuteClientPort() {
        etcd.clientPort.otherwise(HANG);
        etcd.peerPort.otherwise(text(200, "It works!"));
        assertInstanceOf(Rejected.class, etcd.probeBriefly());
    }

    @Test
    void stallingAfterTheVersionIsSilenceEvenIfThePeerPortAnswers() {
        serving(etcd.clientPort, "3.5.16").on("POST /v3/maintenance/status", HANG);
        peerPort(etcd.peerPort, "not_decided");
        assertInstanceOf(Silent.class, etcd.probeBriefly());
    }

    @Test
    void answersBeforeTheDeadlineAndClosesWhatIsLeftOpen() throws InterruptedException {
        etcd.clientPort.otherwise(HANG);
        etcd.peerPort.otherwise(HANG);
        etcd.probeBriefly();
        assertTrue(etcd.clientPort.sawHangUp());
        assertTrue(etcd.peerPort.sawHangUp());
    }

    @Test
    void cancellingClosesTheConnections() throws InterruptedException {
        etcd.clientPort.otherwise(HANG);
        etcd.peerPort.otherwise(HANG);
        Call<PeerState> call = etcd.client().probe(etcd.endpoint(), Duration.ofSeconds(60));
        Awaitility.await()
                .until(() ->
                        etcd.clientPort.asked().size() + etcd.peerPort.asked().size() == 2);
        assertTrue(call.pending().contains("/version"), call.pending());
        call.cancel();
        assertTrue(etcd.clientPort.sawHangUp());
        assertTrue(etcd.peerPort.sawHangUp());
    }

    @Test
    void probesKeepAsManyConnectionsAsTheyAskAtTheSameTime() {
        serving(etcd.clientPort, "3.5.16");
        peerPort(etcd.peerPort, "3.5.0");
        for (int i = 0; i < 5; i++) {
            assertInstanceOf(Serving.class, etcd.probe());
        }
        assertEquals(20, etcd.clientPort.requests().size());
        assertTrue(connections(etcd.clientPort).size() <= 2);
    }

    @Test
    void connectionsThatWereClosedMeanwhileAreReplaced() {
        for (ScriptedServer.Answer closed : List.of(RESET, CLOSE)) {
            serving(etcd.clientPort, "3.5.16");
            assertInstanceOf(Serving.class, etcd.probe());
            Set<Integer> before = connections(etcd.clientPort);
            etcd.clientPort.on(
                    "GET /version",
                    request -> before.contains(request.connection()) ? closed : Transcripts.version("3.5.16", "3.5.0"));
            assertInstanceOf(Serving.class, etcd.probe());
            assertFalse(before.containsAll(connections(etcd.clientPort)));
        }
    }

    @Test
    void anEtcdThatHangsAndGoesOnIsSeenAsItIs() {
        serving(etcd.clientPort, "3.5.16");
        assertInstanceOf(Serving.class, etcd.probe());
        etcd.clientPort.on("GET /version", HANG);
        etcd.peerPort.otherwise(HANG);
        assertInstanceOf(Silent.class, etcd.probeBriefly());
        serving(etcd.clientPort, "3.5.16");
        assertInstanceOf(Serving.class, etcd.probe());
    }

    private static Set<Integer> connections(ScriptedServer port) {
        return port.requests().stream().map(ScriptedServer.Request::connection).collect(Collectors.toSet());
    }
}
