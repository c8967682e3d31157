package io.etcdaws.aws;

import org.jspecify.annotations.Nullable;

/** The default chain gave no credentials; the message says why, source by source. */
final class CredentialsMissing extends RuntimeException {
    CredentialsMissing(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
