package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long a terminated node's replacement takes, at default settings but for an interval of 2 s. */
class ReplaceTimeIT extends PeriodicTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @Test
    void aReplacementIsAHealthyVoterAndTheDeadMemberGoneTenSecondsAfterItsBoot() {
        LiveGroup three = live(new LiveGroup(groupOf(3), node -> {
            LiveGroup.withDefaults(node);
            node.with("ETCD_AWS_RECONCILE_INTERVAL", "2s");
        }));
        three.formed();

        LabNode dead = three.follower();
        three.terminate(dead);
        LabNode fresh = three.join();
        Duration took = three.awaitConverged(SOON);

        System.out.printf("replaced %s by %s %d ms after its boot%n", dead.id(), fresh.id(), took.toMillis());
        assertTrue(took.compareTo(LIMIT) < 0, () -> "took " + took);
        three.verify();
    }
}
