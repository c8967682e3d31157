package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.GroupActions.Done;
import io.etcdaws.aws.GroupActions.NothingToDo;
import io.etcdaws.aws.GroupActions.Result;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Transition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** With a hook for launches, and none for terminations. */
class AwsGroupActionsTest {
    private static final Node NODE = TestSettings.NODE;
    private static final String COMPLETE = "CompleteLifecycleAction";
    private static final String HEARTBEAT = "RecordLifecycleActionHeartbeat";

    private static ActorTestKit kit;
    private final FakeAws aws = new FakeAws();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private GroupActions actions;

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
        actions = AwsGroupSource.create(
                        kit.system(),
                        TestSettings.member().settings(),
                        (action, outcome) -> calls.add(action + " " + outcome))
                .actions();
    }

    @AfterEach
    void close() {
        System.clearProperty("aws.endpointUrl");
        aws.close();
    }

    private static Result get(CompletionStage<Result> stage) {
        return stage.toCompletableFuture().join();
    }

    private static AwsFailure failure(CompletionStage<Result> stage) {
        CompletionException wrapped = assertThrows(CompletionException.class, () -> get(stage));
        return assertInstanceOf(AwsFailure.class, wrapped.getCause());
    }

    private CompletionStage<Result> act(String action) {
        return switch (action) {
            case "CreateOrUpdateTags" -> actions.record(NODE, "etcd", "cafe");
            case COMPLETE -> actions.complete(NODE, "etcd", Transition.LAUNCHING);
            case HEARTBEAT -> actions.hold(NODE, "etcd", Transition.LAUNCHING);
            default -> throw new AssertionError(action);
        };
    }

    @Test
    void recordsTheMarkOnTheGroupAlone() {
        assertEquals(
                new Done("the tag 'etcd-aws:cluster-id' of group 'etcd' is 'cafe'"),
                get(actions.record(NODE, "etcd", "cafe")));
        Map<String, String> call = aws.calls("CreateOrUpdateTags").get(0);
        assertEquals("etcd", call.get("Tags.member.1.ResourceId"));
        assertEquals("auto-scaling-group", call.get("Tags.member.1.ResourceType"));
        assertEquals("etcd-aws:cluster-id", call.get("Tags.member.1.Key"));
        assertEquals("cafe", call.get("Tags.member.1.Value"));
        assertEquals("false", call.get("Tags.member.1.PropagateAtLaunch"));
        assertEquals(List.of("autoscaling:CreateOrUpdateTags ok"), calls);
    }

    @Test
    void completesTheActionOfTheTransitionsHook() {
        aws.withWaiting("i-00000001", "etcd-launch");
        assertEquals(
                new Done("the lifecycle action of hook 'etcd-launch' is completed"),
                get(actions.complete(NODE, "etcd", Transition.LAUNCHING)));
        Map<String, String> call = aws.calls(COMPLETE).get(0);
        assertEquals("etcd", call.get("AutoScalingGroupName"));
        assertEquals("etcd-launch", call.get("LifecycleHookName"));
        assertEquals("i-00000001", call.get("InstanceId"));
        assertEquals("CONTINUE", call.get("LifecycleActionResult"));
    }

    @Test
    void holdsTheActionOfTheTransitionsHook() {
        aws.withWaiting("i-00000001", "etcd-launch");
        assertEquals(
                new Done("the lifecycle action of hook 'etcd-launch' waits for another heartbeat timeout"),
                get(actions.hold(NODE, "etcd", Transition.LAUNCHING)));
        Map<String, String> call = aws.calls(HEARTBEAT).get(0);
        assertEquals("etcd", call.get("AutoScalingGroupName"));
        assertEquals("etcd-launch", call.get("LifecycleHookName"));
        assertEquals("i-00000001", call.get("InstanceId"));
    }

    @Test
    void leavesHooksAloneThatAreNotSet() {
        NothingToDo none = new NothingToDo("no lifecycle hook is set for terminating");
        assertEquals(none, get(actions.complete(NODE, "etcd", Transition.TERMINATING)));
        assertEquals(none, get(actions.hold(NODE, "etcd", Transition.TERMINATING)));
        assertEquals(List.of(), aws.requests());
    }

    @ParameterizedTest
    @ValueSource(strings = {COMPLETE, HEARTBEAT})
    void hasNothingToDoWhereAutoScalingWaitsForNothing(String action) {
        assertEquals(
                new NothingToDo("the lifecycle action of hook 'etcd-launch' is not, or no longer, active"),
                get(act(action)));
        assertEquals(List.of("autoscaling:" + action + " ok"), calls);
    }

    @ParameterizedTest
    @CsvSource({
        "400, ValidationError, AutoScalingGroup name not found - null",
        "400, ValidationError, The action No active Lifecycle Action found is unknown",
        "400, Other, No active Lifecycle Action found with instance ID i-00000001",
    })
    void takesNoOtherRefusalForNothingToDo(int status, String code, String message) {
        aws.fails(COMPLETE, FakeAws.autoScalingError(status, code, message));
        AwsFailure failure = failure(act(COMPLETE));
        assertEquals(Kind.OTHER, failure.kind());
        assertTrue(failure.getMessage().contains(message), failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"CreateOrUpdateTags", COMPLETE, HEARTBEAT})
    void namesThePermissionThatIsMissing(String action) {
        aws.fails(action, FakeAws.autoScalingError(403, "AccessDenied", "You are not authorized"));
        AwsFailure failure = failure(act(action));
        assertEquals(Kind.DENIED, failure.kind());
        assertEquals("autoscaling:" + action, failure.action());
        assertTrue(failure.getMessage().contains("allow the action autoscaling:" + action), failure.getMessage());
        assertEquals(List.of("autoscaling:" + action + " denied"), calls);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CreateOrUpdateTags", COMPLETE, HEARTBEAT})
    void triesOnce(String action) {
        aws.fails(action, FakeAws.autoScalingError(500, "InternalFailure", "it says no"));
        assertTrue(failure(act(action)).retryable());
        assertEquals(1, aws.calls(action).size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"CreateOrUpdateTags", COMPLETE, HEARTBEAT})
    void doesNotTakeNonsenseForSuccess(String action) {
        aws.fails(action, WireServer.xml(200, "<html>login</html>"));
        assertEquals(Kind.OTHER, failure(act(action)).kind());
    }
}
