package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.FakeAws.Machine;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsGroupSourceTest {
    private static final InstanceId SELF = TestSettings.NODE.id();
    private static final InstanceId TWO = new InstanceId("i-00000002");
    private static final InstanceId THREE = new InstanceId("i-00000003");
    private static final Map<String, String> TRIO =
            Map.of("i-00000001", "InService", "i-00000002", "Terminating:Wait", "i-00000003", "Pending");

    private static ActorTestKit kit;
    private final FakeAws aws = new FakeAws();

    @BeforeAll
    static void start() {
        kit = ActorTestKit.create();
        WireServer.warmUp(kit.system());
        System.setProperty("aws.accessKeyId", FakeAws.ACCESS_KEY);
        System.setProperty("aws.secretAccessKey", FakeAws.SECRET);
    }

    @AfterAll
    static void stop() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        kit.shutdownTestKit();
    }

    @BeforeEach
    void pointTheSdkAtTheFake() {
        System.setProperty("aws.endpointUrl", aws.url().toString());
    }

    @AfterEach
    void close() {
        System.clearProperty("aws.endpointUrl");
        aws.close();
    }

    private static AwsGroupSource source(TestSettings settings) {
        return AwsGroupSource.create(kit.system(), settings.settings(), CallListener.NONE);
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private static Group scan(TestSettings settings) {
        return get(source(settings).scan(TestSettings.NODE));
    }

    private static GroupSource.Found lookUp(Set<InstanceId> ids, String... addresses) {
        Set<Address> parsed = Stream.of(addresses).map(Address::parse).collect(Collectors.toSet());
        return get(source(TestSettings.member()).lookUp(TestSettings.NODE, ids, parsed));
    }

    private static AwsFailure failure(TestSettings settings) {
        CompletionException wrapped = assertThrows(CompletionException.class, () -> scan(settings));
        return assertInstanceOf(AwsFailure.class, wrapped.getCause());
    }

    private static void assertSays(AwsFailure failure, String... parts) {
        for (String part : parts) {
            assertTrue(failure.getMessage().contains(part), () -> part + " is missing in: " + failure.getMessage());
        }
    }

    private void trio() {
        aws.with(new FakeAws.Group("other", 1, Map.of("i-0000000f", "InService"), Map.of()))
                .with(new FakeAws.Group("etcd", 3, TRIO, Map.of("role", "etcd-members", "etcd-aws:cluster-id", "cafe")))
                .with(Machine.running("i-00000001", "10.0.0.1"))
                .with(Machine.running("i-00000002", "10.0.0.2"))
                .with(Machine.running("i-0000000f", "10.0.0.15"));
    }

    @Test
    void findsItsOwnGroupAndItsInstances() {
        trio();
        Group group = scan(TestSettings.member());
        assertEquals("etcd", group.name());
        assertEquals(3, group.desiredCapacity());
        assertEquals(Optional.of("cafe"), group.clusterMark());
        assertEquals(
                List.of(SELF, TWO, THREE),
                group.instances().stream().map(Instance::id).toList());
        assertEquals(
                new Instance(
                        TWO,
                        Optional.of(new LifecycleState("Terminating:Wait")),
                        InstanceState.RUNNING,
                        Optional.of(Address.parse("10.0.0.2")),
                        Set.of(Address.parse("ip-10-0-0-2.ec2.internal")),
                        "eu-central-1b"),
                group.find(TWO).orElseThrow());
    }

    @Test
    void keepsAnInstanceThatEc2DoesNotKnow() {
        trio();
        assertEquals(
                new Instance(
                        THREE,
                        Optional.of(new LifecycleState("Pending")),
                        InstanceState.NOT_FOUND,
                        Optional.empty(),
                        Set.of(),
                        "eu-central-1c"),
                scan(TestSettings.member()).find(THREE).orElseThrow());
    }

    @Test
    void asksOnlyForWhatItNeedsAndSignsIt() {
        trio();
        scan(TestSettings.member());
        assertEquals(
                "i-00000001", aws.calls("DescribeAutoScalingInstances").get(0).get("InstanceIds.member.1"));
        assertEquals("etcd", aws.calls("DescribeAutoScalingGroups").get(0).get("AutoScalingGroupNames.member.1"));
        assertEquals("instance-id", aws.calls("DescribeInstances").get(0).get("Filter.1.Name"));
        assertEquals(3, aws.requests().size());
        for (WireServer.Request request : aws.requests()) {
            assertEquals(Optional.of(aws.url().getAuthority()), request.header("Host"));
            assertTrue(request.header("Authorization").orElseThrow().contains("/eu-central-1/"));
            assertTrue(request.header("User-Agent").orElseThrow().startsWith("aws-sdk-java/2"));
        }
    }

    @Test
    void readsEveryPage() {
        trio();
        for (int i = 0; i < 5; i++) {
            aws.with(new FakeAws.Group("more-" + i, 1, Map.of(), Map.of("role", "workers-" + i)));
        }
        aws.pagesOf(1);
        assertEquals(
                Optional.of(Address.parse("10.0.0.2")),
                scan(TestSettings.member()).find(TWO).orElseThrow().address());
        assertEquals(
                "more-4", scan(TestSettings.member().proxyOfTagged("workers-4")).name());
    }

    @Test
    void asksForALargeGroupInBatches() {
        Map<String, String> many = new TreeMap<>();
        IntStream.rangeClosed(1, 450).forEach(i -> {
            String id = String.format(Locale.ROOT, "i-%08x", i);
            many.put(id, "InService");
            aws.with(Machine.running(id, "10.0." + i / 250 + "." + i % 250));
        });
        aws.with(new FakeAws.Group("etcd", 450, many, Map.of()));
        Group group = scan(TestSettings.member());
        assertEquals(
                450,
                group.instances().stream()
                        .filter(one -> one.address().isPresent())
                        .count());
        assertEquals(3, aws.calls("DescribeInstances").size());
    }

    @Test
    void scansAnEmptyGroupWithoutAskingEc2() {
        aws.with(new FakeAws.Group("etcd", 3, Map.of(), Map.of()));
        Group group = scan(TestSettings.member().proxyOf("etcd"));
        assertEquals(List.of(), group.instances());
        assertEquals(Optional.empty(), group.clusterMark());
        assertEquals(0, aws.calls("DescribeInstances").size());
    }

    @Test
    void saysThatThisInstanceIsInNoGroup() {
        aws.with(new FakeAws.Group("etcd", 3, Map.of("i-00000002", "InService"), Map.of()));
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.NOT_IN_GROUP, failure.kind());
        assertFalse(failure.retryable());
        assertSays(failure, "i-00000001", "eu-central-1", "PROXY_ASG");
    }

    @Test
    void takesTheConfiguredGroup() {
        trio();
        assertEquals("etcd", scan(TestSettings.member().ofGroup("etcd")).name());
    }

    @Test
    void refusesAConfiguredGroupThatDoesNotHoldThisInstance() {
        trio();
        AwsFailure failure = failure(TestSettings.member().ofGroup("other"));
        assertEquals(Kind.NOT_IN_GROUP, failure.kind());
        assertSays(failure, "'other'", "'etcd'");
    }

    @Test
    void saysThatTheConfiguredGroupIsMissing() {
        trio();
        AwsFailure failure = failure(TestSettings.member().ofGroup("etdc"));
        assertEquals(Kind.NOT_FOUND, failure.kind());
        assertSays(failure, "'etdc'", "autoscaling:DescribeAutoScalingGroups", "eu-central-1");
    }

    @Test
    void showsThisInstanceWhileItIsInTheWarmPool() {
        aws.with(new FakeAws.Group("etcd", 3, Map.of("i-00000002", "InService"), Map.of()))
                .withWarm("i-00000001", "etcd")
                .with(Machine.running("i-00000001", "10.0.0.1"));
        Instance self = scan(TestSettings.member()).find(SELF).orElseThrow();
        assertEquals(Optional.of(new LifecycleState("Warmed:Pending")), self.lifecycle());
        assertFalse(self.expected());
    }

    @Test
    void findsTheMembersGroupByNameForAProxy() {
        trio();
        Group group = scan(TestSettings.member().proxyOf("other"));
        assertEquals("other", group.name());
        assertEquals(0, aws.calls("DescribeAutoScalingInstances").size());
    }

    @Test
    void findsTheMembersGroupByTagForAProxy() {
        trio();
        assertEquals(
                "etcd",
                scan(TestSettings.member().proxyOfTagged("etcd-members")).name());
        Map<String, String> call = aws.calls("DescribeAutoScalingGroups").get(0);
        assertEquals("tag-value", call.get("Filters.member.1.Name"));
        assertEquals("etcd-members", call.get("Filters.member.1.Values.member.1"));
    }

    @Test
    void saysThatNoGroupHasTheTag() {
        trio();
        AwsFailure failure = failure(TestSettings.member().proxyOfTagged("nobody"));
        assertEquals(Kind.NOT_FOUND, failure.kind());
        assertSays(failure, "'nobody'");
    }

    @Test
    void namesTheGroupsWhenSeveralHaveTheTag() {
        trio();
        aws.with(new FakeAws.Group("etcd-old", 3, Map.of(), Map.of("Name", "etcd-members")));
        AwsFailure failure = failure(TestSettings.member().proxyOfTagged("etcd-members"));
        assertEquals(Kind.AMBIGUOUS, failure.kind());
        assertSays(failure, "etcd, etcd-old");
    }

    @Test
    void looksInstancesUpByIdAndAddress() {
        aws.with(Machine.running("i-00000001", "10.0.0.1"))
                .with(Machine.running("i-00000002", "10.0.0.2"))
                .with(new Machine(
                        "i-00000003",
                        "stopped",
                        "vpc-1",
                        List.of("10.0.0.3", "10.0.0.33"),
                        List.of("2001:db8::3"),
                        "three.internal"));
        GroupSource.Found found = lookUp(
                Set.of(TWO, new InstanceId("i-0000dead")),
                "10.0.0.33",
                "2001:db8:0:0::3",
                "three.internal",
                "10.9.9.9");
        Instance gone = new Instance(
                new InstanceId("i-0000dead"),
                Optional.empty(),
                InstanceState.NOT_FOUND,
                Optional.empty(),
                Set.of(),
                "");
        Instance two = new Instance(
                TWO,
                Optional.empty(),
                InstanceState.RUNNING,
                Optional.of(Address.parse("10.0.0.2")),
                Set.of(Address.parse("ip-10-0-0-2.ec2.internal")),
                "eu-central-1b");
        assertEquals(Map.of(TWO, two, gone.id(), gone), found.byId());
        assertEquals(
                Set.of(Address.parse("10.0.0.33"), Address.parse("2001:db8::3"), Address.parse("three.internal")),
                found.byAddress().keySet());
        found.byAddress().values().forEach(instance -> assertEquals(THREE, instance.id()));
    }

    @Test
    void doesNotTakeAnInstanceOfAnotherVpcForAMembers() {
        aws.with(Machine.running("i-00000001", "10.0.0.1"))
                .with(new Machine("i-00000003", "running", "vpc-2", List.of("10.0.0.3"), List.of(), "three"));
        assertEquals(Map.of(), lookUp(Set.of(), "10.0.0.3").byAddress());
    }

    @Test
    void looksNothingUpWhenNothingIsAskedFor() {
        assertEquals(new GroupSource.Found(Map.of(), Map.of()), lookUp(Set.of()));
        assertEquals(0, aws.requests().size());
    }

    private Optional<Group> rescan(TestSettings settings, Group known) {
        return get(source(settings).rescan(TestSettings.NODE, known));
    }

    /** Two instances that run, as a full scan has seen them; what that asked is forgotten. */
    private Group pair(TestSettings settings) {
        aws.with(new FakeAws.Group(
                        "etcd",
                        2,
                        Map.of("i-00000001", "InService", "i-00000002", "InService"),
                        Map.of("role", "peers")))
                .with(Machine.running("i-00000001", "10.0.0.1"))
                .with(Machine.running("i-00000002", "10.0.0.2"));
        return scan(settings);
    }

    @Test
    void looksAgainWithOneCall() {
        Group known = pair(TestSettings.member());
        int before = aws.requests().size();
        aws.change(new FakeAws.Group(
                "etcd",
                3,
                Map.of("i-00000001", "InService", "i-00000002", "Terminating:Wait"),
                Map.of("etcd-aws:cluster-id", "cafe")));
        Group again = rescan(TestSettings.member(), known).orElseThrow();
        assertEquals(before + 1, aws.requests().size());
        assertEquals("etcd", aws.calls("DescribeAutoScalingGroups").get(1).get("AutoScalingGroupNames.member.1"));
        assertEquals(3, again.desiredCapacity());
        assertEquals(Optional.of("cafe"), again.clusterMark());
        assertEquals(known.find(SELF), again.find(SELF));
        assertEquals(
                Ec2Instances.inGroup(known.find(TWO).orElseThrow(), new LifecycleState("Terminating:Wait"), ""),
                again.find(TWO).orElseThrow());
    }

    static Stream<Map<String, String>> otherInstances() {
        return Stream.of(
                Map.of("i-00000001", "InService"),
                Map.of("i-00000001", "InService", "i-00000003", "InService"),
                Map.of("i-00000001", "InService", "i-00000002", "InService", "i-00000003", "Pending"),
                Map.of("i-00000002", "InService"),
                Map.of());
    }

    @ParameterizedTest
    @MethodSource("otherInstances")
    void looksNoFurtherWhenTheGroupHoldsOtherInstancesThanBefore(Map<String, String> instances) {
        Group known = pair(TestSettings.member());
        aws.change(new FakeAws.Group("etcd", 2, instances, Map.of()));
        assertEquals(Optional.empty(), rescan(TestSettings.member(), known));
    }

    @Test
    void looksNoFurtherWhenTheGroupIsGone() {
        Group known = pair(TestSettings.member());
        Group gone = new Group("etcd-old", known.desiredCapacity(), known.instances(), Optional.empty());
        assertEquals(Optional.empty(), rescan(TestSettings.member(), gone));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pending", "stopping", "stopped", "shutting-down", "terminated"})
    void doesNotReuseWhatEc2SaidOfAnInstanceThatDidNotRun(String state) {
        aws.with(new Machine("i-00000002", state, "vpc-1", List.of("10.0.0.2"), List.of(), "two"))
                .with(Machine.running("i-00000001", "10.0.0.1"))
                .with(new FakeAws.Group(
                        "etcd", 2, Map.of("i-00000001", "InService", "i-00000002", "InService"), Map.of()));
        assertEquals(Optional.empty(), rescan(TestSettings.member(), scan(TestSettings.member())));
    }

    @Test
    void doesNotReuseWhatEc2SaidOfAnInstanceWithoutAnAddress() {
        aws.with(new Machine("i-00000001", "running", "vpc-1", List.of(), List.of(), "one"))
                .with(new FakeAws.Group("etcd", 1, Map.of("i-00000001", "InService"), Map.of()));
        assertEquals(Optional.empty(), rescan(TestSettings.member(), scan(TestSettings.member())));
    }

    @Test
    void doesNotReuseTheGroupOfAnInstanceInTheWarmPool() {
        aws.with(new FakeAws.Group("etcd", 1, Map.of("i-00000002", "InService"), Map.of()))
                .withWarm("i-00000001", "etcd")
                .with(Machine.running("i-00000001", "10.0.0.1"))
                .with(Machine.running("i-00000002", "10.0.0.2"));
        assertEquals(Optional.empty(), rescan(TestSettings.member(), scan(TestSettings.member())));
    }

    @Test
    void looksAgainForAProxyThatIsInNoGroup() {
        TestSettings proxy = TestSettings.member().proxyOf("etcd");
        aws.with(new FakeAws.Group("etcd", 1, Map.of("i-00000002", "InService"), Map.of()))
                .with(Machine.running("i-00000002", "10.0.0.2"));
        Group known = scan(proxy);
        assertEquals(Optional.of(known), rescan(proxy, known));
        assertEquals(3, aws.requests().size());
    }

    @Test
    void looksAgainByTagForAProxyThatKnowsNoName() {
        TestSettings proxy = TestSettings.member().proxyOfTagged("peers");
        Group known = pair(proxy);
        assertEquals(Optional.of(known), rescan(proxy, known));
        assertEquals("peers", aws.calls("DescribeAutoScalingGroups").get(1).get("Filters.member.1.Values.member.1"));
        aws.with(new FakeAws.Group("etcd-new", 2, Map.of(), Map.of("role", "peers")));
        assertEquals(Optional.empty(), rescan(proxy, known));
    }

    @Test
    void tellsThatALookAgainFailed() {
        Group known = pair(TestSettings.member());
        aws.fails("DescribeAutoScalingGroups", FakeAws.autoScalingError(400, "Throttling", "Rate exceeded"));
        CompletionException wrapped =
                assertThrows(CompletionException.class, () -> rescan(TestSettings.member(), known));
        assertEquals(
                Kind.THROTTLED,
                assertInstanceOf(AwsFailure.class, wrapped.getCause()).kind());
    }

    @Test
    void tellsTheListenerOfEveryPage() {
        trio();
        aws.pagesOf(1);
        List<String> calls = new CopyOnWriteArrayList<>();
        AwsGroupSource source = AwsGroupSource.create(
                kit.system(), TestSettings.member().settings(), (action, outcome) -> calls.add(action + " " + outcome));
        get(source.scan(TestSettings.NODE));
        assertEquals(
                List.of(
                        "autoscaling:DescribeAutoScalingInstances ok",
                        "autoscaling:DescribeAutoScalingGroups ok",
                        "ec2:DescribeInstances ok",
                        "ec2:DescribeInstances ok"),
                calls);
    }

    @ParameterizedTest
    @CsvSource({
        "400, Throttling, throttled",
        "403, AccessDenied, denied",
        "403, ExpiredToken, no-credentials",
        "500, InternalFailure, failed"
    })
    void tellsTheListenerHowACallFailed(int status, String code, String outcome) {
        aws.fails("DescribeAutoScalingInstances", FakeAws.autoScalingError(status, code, "it says no"));
        assertEquals("autoscaling:DescribeAutoScalingInstances " + outcome, onlyCall());
    }

    @Test
    void tellsTheListenerThatNobodyAnswered() {
        aws.fails("DescribeAutoScalingInstances", new WireServer.Reset());
        assertEquals("autoscaling:DescribeAutoScalingInstances unreachable", onlyCall());
    }

    @Test
    void tellsTheListenerOfAnAnswerThatIsNoneOfAws() {
        aws.fails("DescribeAutoScalingInstances", WireServer.xml(200, "<html>login</html>"));
        assertEquals("autoscaling:DescribeAutoScalingInstances failed", onlyCall());
    }

    private static String onlyCall() {
        List<String> calls = new CopyOnWriteArrayList<>();
        AwsGroupSource source = AwsGroupSource.create(
                kit.system(), TestSettings.member().settings(), (action, outcome) -> calls.add(action + " " + outcome));
        assertThrows(CompletionException.class, () -> get(source.scan(TestSettings.NODE)));
        assertEquals(1, calls.size());
        return calls.get(0);
    }

    @ParameterizedTest
    @CsvSource({
        "400, Throttling, THROTTLED, true",
        "503, RequestLimitExceeded, THROTTLED, true",
        "400, RequestLimitExceeded, THROTTLED, true",
        "403, AccessDenied, DENIED, false",
        "403, UnauthorizedOperation, DENIED, false",
        "401, OptInRequired, DENIED, false",
        "403, ExpiredToken, NO_CREDENTIALS, true",
        "403, InvalidClientTokenId, NO_CREDENTIALS, true",
        "401, AuthFailure, NO_CREDENTIALS, true",
        "403, RequestTimeTooSkewed, OTHER, true",
        "500, InternalFailure, OTHER, true",
        "503, ServiceUnavailable, OTHER, true",
        "400, ValidationError, OTHER, false"
    })
    void tellsFailuresApart(int status, String code, Kind kind, boolean retryable) {
        trio();
        aws.fails("DescribeAutoScalingGroups", FakeAws.autoScalingError(status, code, "it says no"));
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(kind, failure.kind());
        assertEquals(retryable, failure.retryable());
        assertEquals("autoscaling:DescribeAutoScalingGroups", failure.action());
        assertSays(failure, "autoscaling:DescribeAutoScalingGroups", code, "it says no");
        assertEquals(1, aws.calls("DescribeAutoScalingGroups").size(), "the SDK must not try again by itself");
    }

    @Test
    void namesThePermissionThatIsMissing() {
        trio();
        aws.fails("DescribeInstances", FakeAws.ec2Error(403, "UnauthorizedOperation", "You are not authorized"));
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.DENIED, failure.kind());
        assertSays(failure, "allow the action ec2:DescribeInstances", "You are not authorized");
    }

    @Test
    void survivesAnErrorThatIsNoXml() {
        trio();
        aws.fails("DescribeInstances", WireServer.text(502, "<html>Bad Gateway"));
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.OTHER, failure.kind());
        assertTrue(failure.retryable());
        assertSays(failure, "502");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>login</html>", "garbage", "", "<DescribeInstancesResponse/>"})
    void doesNotTakeNonsenseForAnEmptyAnswer(String body) {
        trio();
        aws.fails("DescribeInstances", WireServer.xml(200, body));
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.OTHER, failure.kind());
        assertSays(failure, "ec2:DescribeInstances failed: ");
    }

    @Test
    void saysWhereNobodyAnswered() {
        trio();
        aws.fails("DescribeInstances", new WireServer.Hang());
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.UNREACHABLE, failure.kind());
        assertTrue(failure.retryable());
        assertSays(failure, "ec2:DescribeInstances", "no answer from " + aws.url() + " within 2000 ms", "VPC endpoint");
    }

    @Test
    void saysWhatBroke() {
        trio();
        aws.fails("DescribeInstances", new WireServer.Reset());
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.UNREACHABLE, failure.kind());
        assertSays(failure, "no answer from " + aws.url());
        assertEquals(1, aws.calls("DescribeInstances").size());
    }

    @Test
    void saysWhereTheConnectionWasRefused() {
        URI nowhere = WireServer.nowhere();
        System.setProperty("aws.endpointUrl", nowhere.toString());
        AwsFailure failure = failure(TestSettings.member());
        assertEquals(Kind.UNREACHABLE, failure.kind());
        assertSays(failure, "no answer from " + nowhere + ": connection refused", "AWS_ENDPOINT_URL");
    }

    @Test
    void takesTheEndpointOfOneServiceBeforeThatOfAll() {
        trio();
        System.setProperty("aws.endpointUrl", WireServer.nowhere().toString());
        System.setProperty("aws.endpointUrlAutoScaling", aws.url().toString());
        System.setProperty("aws.endpointUrlEc2", aws.url().toString());
        try {
            assertEquals("etcd", scan(TestSettings.member()).name());
        } finally {
            System.clearProperty("aws.endpointUrlAutoScaling");
            System.clearProperty("aws.endpointUrlEc2");
        }
    }
}
