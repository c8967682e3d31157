package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** What the instance metadata service tells; one attempt each. The stages fail with {@link MetadataFailure}. */
public interface InstanceMetadata {
    /** Which instance this is, and where. */
    CompletionStage<Node> node();

    /** What is told of this instance's end: the strongest notice, in the order of the kinds; empty if there is none. */
    CompletionStage<Optional<Notice>> notice();
}
