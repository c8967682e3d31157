package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "90s, PT90S",
        "5m, PT5M",
        "10 minutes, PT10M",
        "1h, PT1H",
        "30d, PT720H",
        "7us, PT0.000007S",
        "9nanos, PT0.000000009S",
        "PT1M30S, PT1M30S",
        "' 2 S ', PT2S",
    })
    void areReadAsHoconAndIsoSpellThem(String text, Duration duration) {
        assertEquals(Optional.of(duration), Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "5",
                "s",
                "0s",
                "-5s",
                "1.5s",
                "5 parsecs",
                "31d",
                "P",
                "PT-1S",
                "9999999999s",
                "p30000000000d"
            })
    void needAUnitAndAreWithinLimits(String text) {
        assertEquals(Optional.empty(), Durations.parse(text));
    }
}
