package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the rules' scenarios leave open of forming a cluster: where exactly the margins end. */
class FormingTest {
    /** The stable margin is 5 s. */
    @ParameterizedTest
    @CsvSource({
        "PT5S, PT0S, 2, write new",
        "PT5S, PT1H, 2, write new",
        "PT4.999S, PT0S, 2, wait for time",
        "PT3S, PT2S, 2, wait for time",
        "PT0S, PT10S, 1, wait for time",
        "PT10S, PT0S, 1, wait for time"
    })
    void aGroupIsStableFromTheFirstScanToTheLastAndNotUntilNow(
            Duration spanned, Duration lastScanAgo, int scans, String kind) {
        Decision decision = Scene.of("i-0000000a 10.0.0.1")
                .instances("i-0000000a 10.0.0.1 InService running")
                .peer("10.0.0.1", "not-serving")
                .stable(spanned, scans)
                .lastScan(lastScanAgo)
                .decide();
        assertEquals(kind, Golden.kind(decision), Golden.told(decision));
    }
}
