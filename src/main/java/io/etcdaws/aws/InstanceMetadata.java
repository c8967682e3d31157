package io.etcdaws.aws;

import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Node;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the instance metadata service tells; one attempt each. The stages fail with {@link MetadataFailure}. */
public interface InstanceMetadata {
    /** Which instance this is, and where. */
    CompletionStage<Node> node();

    /** The lifecycle state that the auto scaling group is taking this instance to; empty where there is none. */
    CompletionStage<Optional<LifecycleState>> targetLifecycleState();
}
