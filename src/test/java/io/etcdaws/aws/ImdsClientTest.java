package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.aws.WireServer.Answer;
import io.etcdaws.aws.WireServer.Request;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Notice.Kind;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImdsClientTest {
    private static final String TOKEN = "/latest/api/token";
    private static final String DOCUMENT = "/latest/dynamic/instance-identity/document";
    private static final String IPV6 = "/latest/meta-data/ipv6";
    private static final String TARGET_STATE = "/latest/meta-data/autoscaling/target-lifecycle-state";
    private static final String SPOT_ACTION = "/latest/meta-data/spot/instance-action";
    private static final String REBALANCE = "/latest/meta-data/events/recommendations/rebalance";
    private static final Answer REBALANCED = WireServer.text("{\"noticeTime\": \"2026-10-27T08:22:00Z\"}");
    private static final String GOOD = """
            {"accountId": "1", "instanceId": "i-0598c7d356eba48d7", "privateIp": "10.1.2.3",
             "region": "eu-west-1", "availabilityZone": "eu-west-1b", "marketplaceProductCodes": null}
            """;
    private static final Node NODE =
            new Node(new InstanceId("i-0598c7d356eba48d7"), Address.parse("10.1.2.3"), "eu-west-1", "eu-west-1b");

    private static ActorTestKit kit;

    @BeforeAll
    static void start() {
        kit = ActorTestKit.create();
        WireServer.warmUp(kit.system());
    }

    @AfterAll
    static void stop() {
        kit.shutdownTestKit();
    }

    /** A service of version 2 that knows these paths. */
    private static Function<Request, Answer> v2(Map<String, Answer> paths) {
        return request -> {
            if (request.target().equals(TOKEN)) {
                boolean asked = request.method().equals("PUT")
                        && request.header("X-aws-ec2-metadata-token-ttl-seconds")
                                .isPresent();
                return asked ? WireServer.text("se==cret\n") : WireServer.text(400, "");
            }
            return request.header("X-aws-ec2-metadata-token").equals(Optional.of("se==cret"))
                    ? paths.getOrDefault(request.target(), WireServer.text(404, "<html>not here</html>"))
                    : WireServer.text(401, "");
        };
    }

    private static Node read(TestSettings settings, Function<Request, Answer> behaviour) {
        try (WireServer imds = WireServer.start(behaviour)) {
            return get(client(settings, imds).node());
        }
    }

    private static ImdsClient client(TestSettings settings, WireServer imds) {
        return ImdsClient.create(kit.system(), settings.metadataAt(imds.url()).settings());
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:99999", "http://[fe80::1%25eth0]"})
    void failsItsStagesForAnEndpointThatMakesNoUrl(String endpoint) {
        ImdsClient client = ImdsClient.create(
                kit.system(),
                TestSettings.member().metadataAt(URI.create(endpoint)).settings());

        for (CompletionStage<?> stage : List.of(client.node(), client.notice())) {
            CompletionException wrapped = assertThrows(CompletionException.class, () -> get(stage));
            assertSays(assertInstanceOf(MetadataFailure.class, wrapped.getCause()), endpoint);
        }
    }

    private static MetadataFailure failure(TestSettings settings, Function<Request, Answer> behaviour) {
        CompletionException wrapped = assertThrows(CompletionException.class, () -> read(settings, behaviour));
        return assertInstanceOf(MetadataFailure.class, wrapped.getCause());
    }

    private static void assertSays(MetadataFailure failure, String... parts) {
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), () -> part + " is missing in: " + failure.getMessage());
        }
    }

    @Test
    void readsTheIdentityWithAToken() {
        assertEquals(NODE, read(TestSettings.member(), v2(Map.of(DOCUMENT, WireServer.text(GOOD)))));
    }

    @Test
    void acceptsAnEndpointThatEndsInASlash() {
        try (WireServer imds = WireServer.start(v2(Map.of(DOCUMENT, WireServer.text(GOOD))))) {
            TestSettings settings = TestSettings.member().metadataAt(URI.create(imds.url() + "/"));
            assertEquals(
                    NODE,
                    get(ImdsClient.create(kit.system(), settings.settings()).node()));
        }
    }

    @Test
    void takesTheConfiguredRegionInPlaceOfTheInstancesOwn() {
        String noRegion = GOOD.replace("\"eu-west-1\"", "null");
        Node node = read(TestSettings.member().inRegion("us-east-1"), v2(Map.of(DOCUMENT, WireServer.text(noRegion))));
        assertEquals("us-east-1", node.region());
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 405})
    void goesWithoutATokenOnlyWhereThatIsAllowed(int status) {
        Function<Request, Answer> v1 = request -> request.target().equals(TOKEN)
                ? WireServer.text(status, "")
                : request.header("X-aws-ec2-metadata-token").isPresent()
                        ? WireServer.text(400, "")
                        : WireServer.text(GOOD);
        assertEquals(NODE, read(TestSettings.member().allowingV1(), v1));
        MetadataFailure failure = failure(TestSettings.member(), v1);
        assertSays(failure, TOKEN, "" + status);
        assertFalse(failure.retryable());
    }

    @Test
    void saysThatTheServiceIsSwitchedOff() {
        MetadataFailure failure = failure(TestSettings.member(), request -> WireServer.text(403, ""));
        assertSays(failure, "answered 403", "http://127.0.0.1:", TOKEN, "--http-endpoint enabled");
    }

    @Test
    void saysThatATokenIsWanted() {
        Function<Request, Answer> behaviour =
                request -> request.target().equals(TOKEN) ? WireServer.text("x") : WireServer.text(401, "");
        assertSays(failure(TestSettings.member(), behaviour), "answered 401", DOCUMENT, "IMDSv2");
    }

    @Test
    void saysThatTheDocumentIsMissing() {
        MetadataFailure failure = failure(TestSettings.member(), v2(Map.of()));
        assertSays(failure, "answered 404", DOCUMENT, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
        assertFalse(failure.retryable());
    }

    @Test
    void findsAServerErrorWorthAnotherAttempt() {
        assertTrue(failure(TestSettings.member(), request -> WireServer.text(503, ""))
                .retryable());
    }

    @Test
    void givesUpOnAServiceThatHangs() {
        MetadataFailure failure = failure(TestSettings.member(), request -> new WireServer.Hang());
        assertSays(failure, TOKEN, "within 600 ms", "--http-put-response-hop-limit 2");
        assertTrue(failure.retryable());
    }

    @Test
    void givesUpOnABodyThatNeverEnds() {
        MetadataFailure failure = failure(TestSettings.member(), request -> new WireServer.Stall());
        assertSays(failure, "within 600 ms");
        assertTrue(failure.retryable());
    }

    @Test
    void tellsOfAResetConnection() {
        MetadataFailure failure = failure(TestSettings.member(), request -> new WireServer.Reset());
        assertSays(failure, "cannot be read: no answer from http://127.0.0.1:");
        assertTrue(failure.retryable());
    }

    @Test
    void tellsOfARefusedConnection() {
        TestSettings settings = TestSettings.member().metadataAt(WireServer.nowhere());
        CompletionException wrapped = assertThrows(
                CompletionException.class,
                () -> get(ImdsClient.create(kit.system(), settings.settings()).node()));
        MetadataFailure failure = assertInstanceOf(MetadataFailure.class, wrapped.getCause());
        assertSays(failure, "connection refused", "AWS_EC2_METADATA_SERVICE_ENDPOINT");
        assertTrue(failure.retryable());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "<html>login</html>", "[]", "{\"instanceId\": \"i-05", "\"i-0598c7d356eba48d7\""})
    void refusesWhatIsNoDocument(String body) {
        MetadataFailure failure = failure(TestSettings.member(), v2(Map.of(DOCUMENT, WireServer.text(body))));
        assertSays(failure, DOCUMENT, "'" + body + "'");
        assertFalse(failure.retryable());
    }

    @ParameterizedTest
    @ValueSource(strings = {"i-0598c7d356eba48d7", "10.1.2.3", "eu-west-1\"", "eu-west-1b"})
    void refusesADocumentWithAValueThatMakesNoSense(String value) {
        String odd =
                GOOD.replace(value, value.endsWith("\"") ? "no region\"" : value.equals("eu-west-1b") ? "" : "odd");
        assertSays(failure(TestSettings.member(), v2(Map.of(DOCUMENT, WireServer.text(odd)))), DOCUMENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"instanceId", "region", "availabilityZone"})
    void refusesADocumentThatLacksAField(String field) {
        String lacking = GOOD.replace(field, "other");
        assertSays(failure(TestSettings.member(), v2(Map.of(DOCUMENT, WireServer.text(lacking)))), field);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "two words"})
    void refusesATokenThatIsNone(String token) {
        assertSays(failure(TestSettings.member(), request -> WireServer.text(token)), TOKEN, "'" + token + "'");
    }

    @Test
    void readsTheIpv6AddressWhereThereIsNoOther() {
        String ipv6Only = GOOD.replace("\"10.1.2.3\"", "null");
        Node node = read(
                TestSettings.member(),
                v2(Map.of(DOCUMENT, WireServer.text(ipv6Only), IPV6, WireServer.text("2001:db8::7"))));
        assertEquals(Address.parse("2001:db8::7"), node.address());
    }

    @Test
    void readsTheIpv6AddressWhereThatIsWanted() {
        Function<Request, Answer> behaviour =
                v2(Map.of(DOCUMENT, WireServer.text(GOOD), IPV6, WireServer.text("2001:db8::7")));
        assertEquals(
                Address.parse("2001:db8::7"),
                read(TestSettings.member().over(IpFamily.IPV6), behaviour).address());
    }

    @Test
    void saysThatThereIsNoIpv6Address() {
        MetadataFailure failure =
                failure(TestSettings.member().over(IpFamily.IPV6), v2(Map.of(DOCUMENT, WireServer.text(GOOD))));
        assertSays(failure, "no IPv6 address");
    }

    @Test
    void refusesAnIpv4AddressForAnIpv6One() {
        Function<Request, Answer> behaviour =
                v2(Map.of(DOCUMENT, WireServer.text(GOOD), IPV6, WireServer.text("10.0.0.1")));
        assertSays(failure(TestSettings.member().over(IpFamily.IPV6), behaviour), IPV6, "10.0.0.1");
    }

    @Test
    void doesNotTakeIpv6WhereIpv4IsWanted() {
        String ipv6Only = GOOD.replace("\"10.1.2.3\"", "\"\"");
        Function<Request, Answer> behaviour =
                v2(Map.of(DOCUMENT, WireServer.text(ipv6Only), IPV6, WireServer.text("2001:db8::7")));
        assertSays(failure(TestSettings.member().over(IpFamily.IPV4), behaviour), "privateIp");
    }

    private static Answer spotAction(String action) {
        return WireServer.text("{\"action\": \"" + action + "\", \"time\": \"2026-10-27T08:24:00Z\"}");
    }

    private static Optional<Notice> notice(Map<String, Answer> paths) {
        try (WireServer imds = WireServer.start(v2(paths))) {
            return get(client(TestSettings.member(), imds).notice());
        }
    }

    private static MetadataFailure noticeFailure(Map<String, Answer> paths) {
        CompletionException wrapped = assertThrows(CompletionException.class, () -> notice(paths));
        return assertInstanceOf(MetadataFailure.class, wrapped.getCause());
    }

    @Test
    void knowsOfNoEndOutsideOfAGroup() {
        assertEquals(Optional.empty(), notice(Map.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"InService", "Standby", "Detached", "Warmed:Running", "Terminating:Wait"})
    void takesNoOtherTargetStateForTheEnd(String state) {
        assertEquals(Optional.empty(), notice(Map.of(TARGET_STATE, WireServer.text(state))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Terminated", "Warmed:Terminated"})
    void noticesThatTheGroupEndsTheInstance(String state) {
        assertEquals(
                Optional.of(new Notice(Kind.TERMINATING, "its target lifecycle state is " + state)),
                notice(Map.of(TARGET_STATE, WireServer.text(state))));
    }

    @ParameterizedTest
    @CsvSource({"terminate, INTERRUPTED", "stop, AT_RISK", "hibernate, AT_RISK", "something-new, AT_RISK"})
    void noticesThatEc2TakesTheSpotInstance(String action, Kind kind) {
        assertEquals(
                Optional.of(new Notice(kind, "EC2 will " + action + " this spot instance at 2026-10-27T08:24:00Z")),
                notice(Map.of(TARGET_STATE, WireServer.text("InService"), SPOT_ACTION, spotAction(action))));
    }

    @Test
    void noticesARebalanceRecommendation() {
        assertEquals(
                Optional.of(new Notice(
                        Kind.AT_RISK, "EC2 recommends to replace this spot instance since 2026-10-27T08:22:00Z")),
                notice(Map.of(REBALANCE, REBALANCED)));
    }

    @Test
    void tellsTheStrongestNotice() {
        Map<String, Answer> all = Map.of(
                TARGET_STATE,
                WireServer.text("Terminated"),
                SPOT_ACTION,
                spotAction("terminate"),
                REBALANCE,
                REBALANCED);
        assertEquals(Optional.of(Kind.TERMINATING), notice(all).map(Notice::kind));
        assertEquals(
                Optional.of(Kind.INTERRUPTED),
                notice(Map.of(SPOT_ACTION, spotAction("terminate"), REBALANCE, REBALANCED))
                        .map(Notice::kind));
    }

    @ParameterizedTest
    @ValueSource(strings = {TARGET_STATE, SPOT_ACTION, REBALANCE})
    void doesNotTakeAFailureForTheAbsenceOfANotice(String path) {
        MetadataFailure failing = noticeFailure(Map.of(path, WireServer.text(503, "")));
        assertSays(failing, path, "503");
        assertTrue(failing.retryable());
        assertSays(noticeFailure(Map.of(path, WireServer.text("<html>login</html>"))), path, "<html>login</html>");
        assertSays(noticeFailure(Map.of(path, WireServer.text(""))), path);
    }

    @Test
    void refusesASpotNoticeThatNamesNoAction() {
        assertSays(noticeFailure(Map.of(SPOT_ACTION, WireServer.text("{}"))), SPOT_ACTION, "action");
    }

    /** A service that gives out tokens with numbers, and takes the last one only. */
    private static final class Renewing implements Function<Request, Answer> {
        private final AtomicInteger token = new AtomicInteger();

        @Override
        public Answer apply(Request request) {
            if (request.target().equals(TOKEN)) {
                return WireServer.text("token-" + token.incrementAndGet());
            }
            boolean valid = request.header("X-aws-ec2-metadata-token").equals(Optional.of("token-" + token.get()));
            return valid
                    ? WireServer.text(request.target().equals(DOCUMENT) ? 200 : 404, GOOD)
                    : WireServer.text(401, "");
        }

        void expire() {
            token.incrementAndGet();
        }
    }

    private static List<String> paths(WireServer imds) {
        return imds.requests().stream().map(Request::target).toList();
    }

    @Test
    void keepsItsTokenForAllReadings() {
        try (WireServer imds = WireServer.start(new Renewing())) {
            ImdsClient client = client(TestSettings.member(), imds);
            get(client.node());
            get(client.notice());
            get(client.notice());
            assertEquals(
                    List.of(
                            TOKEN,
                            DOCUMENT,
                            TARGET_STATE,
                            SPOT_ACTION,
                            REBALANCE,
                            TARGET_STATE,
                            SPOT_ACTION,
                            REBALANCE),
                    paths(imds));
            assertEquals(Optional.of("10800"), imds.requests().get(0).header("X-aws-ec2-metadata-token-ttl-seconds"));
        }
    }

    @Test
    void renewsItsTokenWhenThatIsRefused() {
        Renewing service = new Renewing();
        try (WireServer imds = WireServer.start(service)) {
            ImdsClient client = client(TestSettings.member(), imds);
            get(client.notice());
            service.expire();
            assertEquals(Optional.empty(), get(client.notice()));
            assertEquals(
                    List.of(TARGET_STATE, TOKEN, TARGET_STATE, SPOT_ACTION, REBALANCE),
                    paths(imds).subList(4, 9));
        }
    }

    @Test
    void asksForATokenOnceTheServiceWantsOne() {
        Renewing later = new Renewing();
        AtomicBoolean v2 = new AtomicBoolean();
        Function<Request, Answer> behaviour = request -> v2.get() ? later.apply(request) : WireServer.text(404, "");
        try (WireServer imds = WireServer.start(behaviour)) {
            ImdsClient client = client(TestSettings.member().allowingV1(), imds);
            assertEquals(Optional.empty(), get(client.notice()));
            assertEquals(Optional.empty(), get(client.notice()));
            assertEquals(1, paths(imds).stream().filter(TOKEN::equals).count());
            v2.set(true);
            assertEquals(NODE, get(client.node()));
        }
    }
}
