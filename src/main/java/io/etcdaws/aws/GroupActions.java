package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import io.etcdaws.membership.Transition;
import java.util.concurrent.CompletionStage;

/** What this program does to the group; one attempt each. The stages fail with {@link AwsFailure}. */
public interface GroupActions {
    /** What came of an action that AWS did not refuse. */
    sealed interface Result {}

    /**
     * It is done.
     *
     * @param detail what is so now, for people
     */
    record Done(String detail) implements Result {}

    /**
     * There was nothing to do.
     *
     * @param why for people
     */
    record NothingToDo(String why) implements Result {}

    /**
     * Records the durable mark: sets the group's tag for it. Instances do not get the tag.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     * @param mark the cluster's id, as the tag is to spell it
     */
    CompletionStage<Result> record(Node node, String group, String mark);

    /**
     * Lets the group go on with this instance's transition. Nothing to do if no hook is set for it, or if Auto Scaling
     * waits for none.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     */
    CompletionStage<Result> complete(Node node, String group, Transition transition);

    /**
     * Has the group wait longer with this instance's transition: for the hook's heartbeat timeout from now, and never
     * longer than 48 hours or 100 heartbeat timeouts in all, whichever is less. Nothing to do as for {@link #complete}.
     *
     * @param node the instance this program runs on
     * @param group the group's name
     */
    CompletionStage<Result> hold(Node node, String group, Transition transition);
}
