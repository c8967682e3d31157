package io.etcdaws.aws;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Instance metadata could not be read or used; the message tells a person what failed, where, and what to do. */
public final class MetadataFailure extends RuntimeException {
    private final String message;
    private final boolean retryable;

    MetadataFailure(String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.message = message;
        this.retryable = retryable;
    }

    /** The failure of a stage of {@link InstanceMetadata}. Anything else is a bug, and crashes who meets it. */
    static MetadataFailure unwrap(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof MetadataFailure known) {
            return known;
        }
        throw new IllegalStateException("reading instance metadata failed in an unforeseen way", failure);
    }

    /** For people. */
    @Override
    public String getMessage() {
        return message;
    }

    /** Whether another attempt may succeed without anybody's doing. */
    public boolean retryable() {
        return retryable;
    }
}
