package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people are told of what was seen. */
class DescribeTest {
    @ParameterizedTest
    @CsvSource({
        "PT0S, 0.0 s",
        "PT0.05S, 0.0 s",
        "PT4.96S, 4.9 s",
        "PT9.999S, 9.9 s",
        "PT10S, 10 s",
        "PT1M59.9S, 119 s",
        "PT2M, 2 min 0 s",
        "PT62M5S, 62 min 5 s",
        "PT-3S, 0.0 s"
    })
    void aDurationIsSaidInSecondsOrMinutes(Duration duration, String said) {
        assertEquals(said, Describe.duration(duration));
    }

    @Test
    void anEndlessDurationIsSaidToo() {
        assertEquals("153722867280912930 min 7 s", Describe.duration(Duration.ofSeconds(Long.MAX_VALUE)));
    }

    @Test
    void aSightingSaysWhatIsKnownAndForHowLong() {
        assertEquals(
                "i-0000000c not known to EC2, outside the group, for 12 s in 2 look-ups",
                Describe.sighting(Lines.sighting("i-0000000c not-found outside 12s 2")));
        assertEquals(
                "shutting-down, in the group, for 0.0 s in 1 look-up",
                Describe.sighting(Lines.sighting("- shutting-down in-group 0s 1")));
    }

    @Test
    void aSightingLastsUntilItsLastLookUp() {
        Sighting first = Sighting.once(Optional.empty(), InstanceState.STOPPED, true, Scene.NOW.minusSeconds(60));
        Sighting again =
                first.then(Sighting.once(Optional.empty(), InstanceState.STOPPED, true, Scene.NOW.minusSeconds(20)));
        assertEquals("stopped, in the group, for 40 s in 2 look-ups", Describe.sighting(again));
    }

    @Test
    void anInstanceIsSaidWithBothItsStates() {
        assertEquals(
                "i-0000000c at no address yet (Pending:Wait, pending)",
                Describe.instance(Lines.instance("i-0000000c - Pending:Wait pending")));
    }
}
