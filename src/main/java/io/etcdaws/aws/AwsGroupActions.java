package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import io.etcdaws.membership.Transition;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Acts on the group through the Auto Scaling API. */
final class AwsGroupActions implements GroupActions {
    private final SdkConnections connections;
    private final AwsSettings settings;

    AwsGroupActions(SdkConnections connections, AwsSettings settings) {
        this.connections = connections;
        this.settings = settings;
    }

    /** A call that concerns one instance and one hook; whether there was a lifecycle action that it could act on. */
    private interface HookCall {
        CompletionStage<Boolean> on(SdkCalls aws, String hook);
    }

    @Override
    public CompletionStage<Result> record(Node node, String group, String mark) {
        String tag = settings.clusterMarkTag();
        return connections
                .ask(node, SdkCalls.CREATE_OR_UPDATE_TAGS, aws -> aws.tag(group, tag, mark))
                .thenApply(done -> new Done("the tag '" + tag + "' of group '" + group + "' is '" + mark + "'"));
    }

    @Override
    public CompletionStage<Result> complete(Node node, String group, Transition transition) {
        return act(
                node,
                transition,
                SdkCalls.COMPLETE_ACTION,
                "is completed",
                (aws, hook) -> aws.completeAction(group, hook, node.id().value()));
    }

    @Override
    public CompletionStage<Result> hold(Node node, String group, Transition transition) {
        return act(
                node,
                transition,
                SdkCalls.RECORD_HEARTBEAT,
                "waits for another heartbeat timeout",
                (aws, hook) -> aws.recordHeartbeat(group, hook, node.id().value()));
    }

    private CompletionStage<Result> act(Node node, Transition transition, String action, String done, HookCall call) {
        Optional<String> hook = hook(transition);
        if (hook.isEmpty()) {
            String why = "no lifecycle hook is set for " + transition.name().toLowerCase(Locale.ROOT);
            return CompletableFuture.completedFuture(new NothingToDo(why));
        }
        String subject = "the lifecycle action of hook '" + hook.get() + "' ";
        return connections
                .ask(node, action, aws -> call.on(aws, hook.get()))
                .thenApply(active ->
                        active ? new Done(subject + done) : new NothingToDo(subject + "is not, or no longer, active"));
    }

    private Optional<String> hook(Transition transition) {
        return switch (transition) {
            case LAUNCHING -> settings.launchHook();
            case TERMINATING -> settings.terminateHook();
        };
    }
}
