package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.Calls.Call;
import io.etcdaws.aws.GroupActions.Result;
import io.etcdaws.aws.GroupSteward.Acted;
import io.etcdaws.aws.GroupSteward.ActionFailed;
import io.etcdaws.aws.GroupSteward.CompleteAction;
import io.etcdaws.aws.GroupSteward.HoldAction;
import io.etcdaws.aws.GroupSteward.NothingToDo;
import io.etcdaws.aws.GroupSteward.RecordMark;
import io.etcdaws.aws.GroupSteward.Reply;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Transition;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GroupStewardTest {
    private static final Node NODE = TestSettings.NODE;

    private final ActorTestKit kit = ActorTestKit.create();
    private final Calls<List<Object>, Result> calls = new Calls<>();
    private final TestProbe<Reply> asker = kit.createTestProbe();
    private final ActorRef<GroupSteward.Command> steward = kit.spawn(GroupSteward.create(new GroupActions() {
        @Override
        public CompletionStage<Result> record(Node node, String group, String mark) {
            return calls.ask(List.of("record", node, group, mark));
        }

        @Override
        public CompletionStage<Result> complete(Node node, String group, Transition transition) {
            return calls.ask(List.of("complete", node, group, transition));
        }

        @Override
        public CompletionStage<Result> hold(Node node, String group, Transition transition) {
            return calls.ask(List.of("hold", node, group, transition));
        }
    }));

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private Call<List<Object>, Result> expect(Object... question) {
        Call<List<Object>, Result> call = calls.next();
        assertEquals(List.of(question), call.question());
        return call;
    }

    @Test
    void recordsTheMark() {
        steward.tell(new RecordMark(NODE, "etcd", "cafe", asker.ref()));
        expect("record", NODE, "etcd", "cafe").answer().complete(new GroupActions.Done("it is marked"));
        asker.expectMessage(new Acted("it is marked"));
    }

    @Test
    void completesAnAction() {
        steward.tell(new CompleteAction(NODE, "etcd", Transition.LAUNCHING, asker.ref()));
        expect("complete", NODE, "etcd", Transition.LAUNCHING).answer().complete(new GroupActions.Done("it goes on"));
        asker.expectMessage(new Acted("it goes on"));
    }

    @Test
    void holdsAnAction() {
        steward.tell(new HoldAction(NODE, "etcd", Transition.TERMINATING, asker.ref()));
        expect("hold", NODE, "etcd", Transition.TERMINATING).answer().complete(new GroupActions.Done("it waits"));
        asker.expectMessage(new Acted("it waits"));
    }

    @Test
    void tellsThatThereWasNothingToDo() {
        steward.tell(new CompleteAction(NODE, "etcd", Transition.LAUNCHING, asker.ref()));
        calls.next().answer().complete(new GroupActions.NothingToDo("it is over"));
        asker.expectMessage(new NothingToDo("it is over"));
    }

    @Test
    void tellsAFailureAtOnceAndDoesNotTryAgain() {
        AwsFailure failure = AwsFailure.from(
                "autoscaling:CreateOrUpdateTags", Unreachable.broken("http://aws", new RuntimeException("gone")));
        assertEquals(Kind.UNREACHABLE, failure.kind());
        steward.tell(new RecordMark(NODE, "etcd", "cafe", asker.ref()));
        calls.next().answer().completeExceptionally(new CompletionException(failure));
        asker.expectMessage(new ActionFailed(failure));
        calls.expectNone();
    }

    @Test
    void doesNotLetOneActionWaitForAnother() {
        TestProbe<Reply> other = kit.createTestProbe();
        steward.tell(new RecordMark(NODE, "etcd", "cafe", asker.ref()));
        Call<List<Object>, Result> slow = calls.next();
        steward.tell(new CompleteAction(NODE, "etcd", Transition.LAUNCHING, other.ref()));
        calls.next().answer().complete(new GroupActions.Done("it goes on"));
        other.expectMessage(new Acted("it goes on"));
        slow.answer().complete(new GroupActions.Done("it is marked"));
        asker.expectMessage(new Acted("it is marked"));
    }
}
