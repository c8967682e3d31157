package io.etcdaws.sandbox;

import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection to a node. Who made it is looked for once, and only when it matters. */
final class Link {
    private final String to;
    private final Supplier<CompletionStage<Optional<String>>> search;
    private @Nullable CompletionStage<Optional<String>> from;

    /**
     * A link.
     *
     * @param to the node it leads to
     * @param search finds the node that made it; empty for strangers
     */
    Link(String to, Supplier<CompletionStage<Optional<String>>> search) {
        this.to = to;
        this.search = search;
    }

    String to() {
        return to;
    }

    synchronized CompletionStage<Optional<String>> from() {
        if (from == null) {
            from = search.get();
        }
        return from;
    }
}
