package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RetryTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a:b was throttled (HTTP 400); call less often | PT0.075S | a:b was throttled (HTTP 400); next attempt in 0.1 s",
                "http://10.0.0.1 is silent. Look there; now | PT3S | http://10.0.0.1 is silent; next attempt in 3.0 s",
                "it is gone | PT12S | it is gone; next attempt in 12 s",
            })
    void isTheFirstClauseAndTheWait(String message, Duration wait, String line) {
        assertEquals(line, Retry.describe(new IllegalStateException(message), wait));
    }
}
