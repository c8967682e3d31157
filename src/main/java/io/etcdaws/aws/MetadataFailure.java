package io.etcdaws.aws;

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
