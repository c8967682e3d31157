package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A group under one random fault after another; {@code scripts/soak} runs it for long. */
class SoakIT extends PeriodicTest {
    @Test
    void aGroupSurvivesRandomFaults() {
        Duration time = Duration.ofMinutes(number("SOAK_MINUTES", 2));
        long seed = number("SOAK_SEED", 1);
        int fewest = number("SOAK_FEWEST", 3);
        int most = number("SOAK_MOST", 5);
        LiveGroup live = live(new LiveGroup(groupOf(fewest))).formed();
        Soak soak = new Soak(live, new Random(seed), fewest, most);

        try {
            soak.run(time);
            live.awaitConverged(Soak.CONVERGENCE);
        } finally {
            live.writer().close();
            Set<String> lost = live.writer().lost();
            System.out.printf("soak from seed %d: %s, %d lost%n", seed, soak.figures(), lost.size());
            assertEquals(Set.of(), lost);
        }

        assertTrue(live.writer().acknowledged() > 0);
        live.verify();
    }

    private static int number(String variable, int otherwise) {
        String value = System.getenv(variable);
        return value == null ? otherwise : Integer.parseInt(value);
    }
}
