package io.etcdaws.aws;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before another attempt: a random time below a limit that doubles with every failure ("full jitter"),
 * so that nodes that failed together do not come back together.
 *
 * @param base the limit after the first failure
 * @param max the highest limit
 */
record Backoff(Duration base, Duration max) {
    /** After this many doublings any sensible limit is past {@code max}. */
    private static final int MAX_DOUBLINGS = 20;

    /** How many times higher the limit is for the patient. */
    private static final int PATIENCE = 4;

    /**
     * The wait after a failure.
     *
     * @param failures how many attempts have failed, at least one
     * @param patient whether the other side asked to be spared: a higher limit, of which at least half is waited
     */
    Duration after(int failures, boolean patient, RandomGenerator random) {
        long first = patient ? base.toMillis() * PATIENCE : base.toMillis();
        long limit = Math.min(max.toMillis(), first << Math.min(failures - 1, MAX_DOUBLINGS));
        long least = patient ? limit / 2 : Math.min(1, limit);
        return Duration.ofMillis(least + random.nextLong(limit - least + 1));
    }
}
