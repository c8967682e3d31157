package io.etcdaws.aws;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** No whole answer came from an HTTP server; the message says which, and how the attempt ended. */
final class Unreachable extends IOException {
    private Unreachable(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The answer was not there, or not complete, in time. */
    static Unreachable tooLate(String origin, Duration timeout) {
        return new Unreachable("no answer from " + origin + " within " + timeout.toMillis() + " ms", null);
    }

    /** There was no connection, or it broke. */
    static Unreachable broken(String origin, Throwable cause) {
        return cause instanceof Unreachable known
                ? known
                : new Unreachable("no answer from " + origin + ": " + describe(cause), cause);
    }

    private static String describe(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && !(root instanceof UnknownHostException)) {
            root = root.getCause();
        }
        if (root instanceof UnknownHostException) {
            return "the host name cannot be resolved";
        }
        String message = String.valueOf(root.getMessage());
        return root instanceof ConnectException ? message.toLowerCase(Locale.ROOT) : message;
    }
}
