package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Tools.Etcd;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A group under continuous writes whose parts fail at random; {@code scripts/soak} runs it for longer. */
class SoakIT extends PeriodicTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int FAULTS_IN_A_ROW = 5;

    @Test
    void aGroupOutlivesWhateverItsQuorumBears() {
        Duration length = Duration.ofMinutes(number("SOAK_MINUTES", 2));
        long seed = number("SOAK_SEED", 1);
        Random random = new Random(seed);
        int size = number("SOAK_NODES", 3 + random.nextInt(3));
        LiveGroup live = live(new LiveGroup(
                        groupOf(size), Etcd.V3_5, node -> node.with("ETCD_AWS_LOG_LEVEL", "info"), new EtcdGateway()))
                .formed();
        live.holdsUpInstances();
        live.mayChangeUnaudited();
        System.out.printf("soak of %d nodes for %d min from seed %d%n", size, length.toMinutes(), seed);

        Soak soak = new Soak(live, random);
        Duration longest = Duration.ZERO;
        long end = System.nanoTime() + length.toNanos();
        while (System.nanoTime() < end) {
            breakThings(soak, random);
            Duration took = soak.converge(LIMIT);
            longest = took.compareTo(longest) > 0 ? took : longest;
            assertEquals(List.of(), live.violations());
            System.out.printf("  the members are the group again after %.1f s%n", took.toMillis() / 1000.0);
        }
        int changes = live.recorder().transitions().size();
        live.verify();
        int faults = soak.made().values().stream().mapToInt(Integer::intValue).sum();
        System.out.printf(
                "seed %d: survived %d faults %s; %d membership changes; longest time to converge %.1f s;"
                        + " %d writes acknowledged, 0 lost; longest time without one %.1f s%n",
                seed,
                faults,
                soak.made(),
                changes,
                longest.toMillis() / 1000.0,
                live.writer().acknowledged(),
                live.writer().longestSilence().toMillis() / 1000.0);
    }

    private static int number(String variable, int otherwise) {
        String value = System.getenv(variable);
        return value == null || value.isEmpty() ? otherwise : Integer.parseInt(value);
    }

    /** A few faults, some seconds apart, some on top of each other. */
    private static void breakThings(Soak soak, Random random) {
        int made = 0;
        int drawn = 0;
        while (made < FAULTS_IN_A_ROW && drawn < 60) {
            drawn++;
            if (soak.next().isPresent()) {
                made++;
                Pauses.sleep(Duration.ofMillis(1000 + random.nextInt(4000)));
            } else {
                Pauses.sleep(Duration.ofMillis(100));
            }
        }
    }
}
