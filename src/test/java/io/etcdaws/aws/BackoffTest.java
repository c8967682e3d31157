package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private static LongSummaryStatistics waits(int failures, boolean patient) {
        RandomGenerator random = new SplittableRandom(7);
        return LongStream.range(0, 20_000)
                .map(i -> BACKOFF.after(failures, patient, random).toMillis())
                .summaryStatistics();
    }

    @Test
    void waitsAnyTimeUpToALimitThatDoubles() {
        assertEquals(1, waits(1, false).getMin());
        assertEquals(100, waits(1, false).getMax());
        assertEquals(200, waits(2, false).getMax());
        assertEquals(400, waits(3, false).getMax());
    }

    @Test
    void neverWaitsLongerThanTheHighestLimit() {
        assertTrue(waits(10, false).getMax() <= 5000);
        assertTrue(waits(Integer.MAX_VALUE, true).getMax() <= 5000);
    }

    @Test
    void waitsLongerWherePatienceIsAskedFor() {
        assertEquals(200, waits(1, true).getMin());
        assertEquals(400, waits(1, true).getMax());
    }

    @Test
    void waitsNotAtAllWithoutABase() {
        assertEquals(Duration.ZERO, new Backoff(Duration.ZERO, Duration.ZERO).after(3, true, new SplittableRandom(1)));
    }
}
