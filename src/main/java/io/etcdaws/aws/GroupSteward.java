package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import io.etcdaws.membership.Transition;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Does to the group what was decided. Tries once, and tells what came of it: the next round decides afresh, and is the
 * retry. An action that failed may have been carried out all the same; each may be repeated.
 */
public final class GroupSteward extends AbstractBehavior<GroupSteward.Command> {
    /** What the steward is told. */
    public sealed interface Command {}

    /** What the steward answers. */
    public sealed interface Reply {}

    /**
     * Have the durable mark recorded; see {@link GroupActions#record}.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     */
    public record RecordMark(Node node, String group, String mark, ActorRef<Reply> replyTo) implements Command {}

    /**
     * Have Auto Scaling go on with this instance's transition; see {@link GroupActions#complete}.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     */
    public record CompleteAction(Node node, String group, Transition transition, ActorRef<Reply> replyTo)
            implements Command {}

    /**
     * Have Auto Scaling wait longer with this instance's transition; see {@link GroupActions#hold}.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     */
    public record HoldAction(Node node, String group, Transition transition, ActorRef<Reply> replyTo)
            implements Command {}

    /**
     * It is done.
     *
     * @param detail what is so now, for people
     */
    public record Acted(String detail) implements Reply {}

    /**
     * There was nothing to do, which is no failure.
     *
     * @param why for people
     */
    public record NothingToDo(String why) implements Reply {}

    /** AWS refused, or did not answer. */
    public record ActionFailed(AwsFailure failure) implements Reply {}

    private record Ended(GroupActions.Result result, ActorRef<Reply> replyTo) implements Command {}

    private record CallFailed(Throwable failure, ActorRef<Reply> replyTo) implements Command {}

    private final GroupActions actions;

    private GroupSteward(ActorContext<Command> context, GroupActions actions) {
        super(context);
        this.actions = actions;
    }

    /** A steward that acts through these. */
    public static Behavior<Command> create(GroupActions actions) {
        return Behaviors.setup(context -> new GroupSteward(context, actions));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(RecordMark.class, this::onRecordMark)
                .onMessage(CompleteAction.class, this::onCompleteAction)
                .onMessage(HoldAction.class, this::onHoldAction)
                .onMessage(Ended.class, this::onEnded)
                .onMessage(CallFailed.class, this::onCallFailed)
                .build();
    }

    private Behavior<Command> onRecordMark(RecordMark command) {
        return follow(actions.record(command.node(), command.group(), command.mark()), command.replyTo());
    }

    private Behavior<Command> onCompleteAction(CompleteAction command) {
        return follow(actions.complete(command.node(), command.group(), command.transition()), command.replyTo());
    }

    private Behavior<Command> onHoldAction(HoldAction command) {
        return follow(actions.hold(command.node(), command.group(), command.transition()), command.replyTo());
    }

    private Behavior<Command> follow(CompletionStage<GroupActions.Result> action, ActorRef<Reply> replyTo) {
        getContext()
                .pipeToSelf(
                        action,
                        (result, failure) ->
                                failure == null ? new Ended(result, replyTo) : new CallFailed(failure, replyTo));
        return this;
    }

    private Behavior<Command> onEnded(Ended ended) {
        ended.replyTo()
                .tell(
                        ended.result() instanceof GroupActions.Done done
                                ? new Acted(done.detail())
                                : new NothingToDo(((GroupActions.NothingToDo) ended.result()).why()));
        return this;
    }

    private Behavior<Command> onCallFailed(CallFailed failed) {
        failed.replyTo().tell(new ActionFailed(AwsFailure.unwrap(failed.failure())));
        return this;
    }
}
