package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;

/** The AWS calls in the node's region. The SDK's clients are made once, and shared by all questions. */
final class SdkConnections {
    private static final String LIKELY_REGION = "us-east-1";

    private final ActorSystem<?> system;
    private final AwsSettings settings;
    private final CallListener listener;

    /** By region: that of the node, and the likely one. */
    private final Map<String, CompletionStage<SdkCalls>> calls = new ConcurrentHashMap<>();

    SdkConnections(ActorSystem<?> system, AwsSettings settings, CallListener listener) {
        this.system = system;
        this.settings = settings;
        this.listener = listener;
        // Making clients takes longer than reading the metadata, which mostly name the region: what else a client is
        // made of
        // is loaded meanwhile.
        String likely = settings.region().orElse(LIKELY_REGION);
        calls.put(likely, SdkCalls.in(system, settings, likely, listener));
    }

    /** Ends the clients that were made; what is under way may fail. */
    void close() {
        calls.values().forEach(made -> made.thenAccept(SdkCalls::close));
    }

    /** Runs a question; what goes wrong outside of its calls is put down to the action. */
    <T> CompletionStage<T> ask(Node node, String action, Function<SdkCalls, CompletionStage<T>> question) {
        CompletionStage<SdkCalls> connected =
                calls.computeIfAbsent(node.region(), region -> SdkCalls.in(system, settings, region, listener));
        return connected
                .whenComplete((aws, failure) -> {
                    if (failure != null) {
                        // Such as a profile file that cannot be read: it may have been mended by the next question.
                        calls.remove(node.region(), connected);
                    }
                })
                .thenCompose(question)
                .exceptionally(failure -> {
                    throw AwsFailure.from(action, failure);
                });
    }
}
