package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.SmallWorlds.World;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every decision in every small world keeps every invariant. */
@Tag("exhaustive")
class SmallWorldsTest {
    /** So that the worlds do not become fewer unnoticed. */
    private static final long AT_LEAST = 900_000;

    /** For how long others have left alone what is due: long enough for the first in rank, for the second, for all. */
    private static final List<Duration> PATIENCE =
            List.of(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofHours(1));

    /** So that no rule is left out unnoticed. */
    private static final Set<String> REACHED = new TreeSet<>(Set.of(
            "1 wait for others",
            "2a write new",
            "2b change",
            "2b wait until safe",
            "2c write existing",
            "2c wait until safe",
            "2c write new",
            "3 keep",
            "3 write existing",
            "4 change",
            "4 refuse",
            "4 wait for others",
            "4 wait until safe",
            "5a refuse",
            "5a wait for others",
            "5a wait for time",
            "5a wait until safe",
            "5a write new",
            "5b wait until safe",
            "5c refuse",
            "5c wait until safe",
            "6 change",
            "6 leave to other",
            "6 wait for others",
            "6 wait for time",
            "7a change",
            "7a complete terminating",
            "7a hold terminating",
            "7a move leadership",
            "7a wait for others",
            "7a wait until safe",
            "7b wait for time",
            "7c change",
            "7c leave to other",
            "7d change",
            "7d leave to other",
            "7d wait for others",
            "7e change",
            "7e leave to other",
            "7e wait for others",
            "7f write mark",
            "7g complete launching",
            "7h converged",
            "7h wait for others",
            "7h wait for time",
            "proxy wait for others",
            "proxy write proxy"));

    private final Map<Invariants, String> broken = new ConcurrentHashMap<>();
    private final Map<String, LongAdder> kinds = new ConcurrentHashMap<>();

    @Test
    void everyDecisionKeepsEveryInvariant() {
        long started = System.nanoTime();
        long worlds = SmallWorlds.each(this::check);
        System.out.printf("%,d small worlds in %.1f s%n", worlds, (System.nanoTime() - started) / 1e9);
        new TreeMap<>(kinds).forEach((kind, times) -> System.out.printf("  %,9d  %s%n", times.sum(), kind));
        assertEquals(Map.of(), broken);
        assertTrue(worlds >= AT_LEAST, worlds + " worlds only");
        assertEquals(REACHED, new TreeSet<>(kinds.keySet()));
    }

    private void check(World world) {
        Decision decision = checked(world);
        if (decision instanceof LeaveToOther left) {
            PATIENCE.forEach(lasting -> checked(world.overdue(left.change(), lasting)));
        }
    }

    private Decision checked(World world) {
        Decision decision = Decider.decide(world.observation(), world.policy());
        kinds.computeIfAbsent(decision.reason().rule().number() + " " + Golden.kind(decision), kind -> new LongAdder())
                .increment();
        for (Invariants invariant : Invariants.values()) {
            if (!broken.containsKey(invariant) && !invariant.holds(world, decision)) {
                broken.putIfAbsent(
                        invariant, decision + "\n in " + world.policy() + "\n seeing " + world.observation());
            }
        }
        return decision;
    }
}
