package io.etcdaws.aws;

import io.etcdaws.membership.Describe;
import java.time.Duration;
import java.util.regex.Pattern;

/** Tells in one short line that something is tried again. */
final class Retry {
    private static final Pattern END_OF_CLAUSE = Pattern.compile("; |\\. |\\R");

    private Retry() {}

    /** What failed, without the advice: that is for the last attempt, after which somebody has to do something. */
    static String describe(Throwable failure, Duration wait) {
        // Describe tells tenths of a second; rounded up, no wait looks like none.
        return END_OF_CLAUSE.split(String.valueOf(failure.getMessage()), 2)[0] + "; next attempt in "
                + Describe.duration(wait.plusMillis(99));
    }
}
