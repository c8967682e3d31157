package io.etcdaws.reconcile;

import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what is seen and decided, a line a step. What is the same in the next round is not told again, but what
 * is decided, and what stands in its way, is brought to mind from time to time.
 */
final class Narrator {
    private static final Logger log = LoggerFactory.getLogger(Narrator.class);
    private static final Duration REMINDER = Duration.ofSeconds(10);

    private Set<String> seenBefore = Set.of();
    private final Told decision = new Told();
    private final Told obstacle = new Told();

    /** Tells what is new. */
    void observed(Observation observation) {
        List<String> lines = Describe.observation(observation);
        lines.stream().filter(line -> !seenBefore.contains(line)).forEach(log::info);
        seenBefore = new HashSet<>(lines);
    }

    /** Tells a decision, if it is another one or was not told for a while. */
    void decided(Decision decided, Instant now, Duration left) {
        Reason reason = decided.reason();
        if (decided instanceof Wait wait) {
            // What is waited for may count the seconds.
            if (decision.isDue("wait: " + reason.rule() + reason.why(), now)) {
                log.info(
                        "waiting for {}, for {} at most: {}, by {}",
                        wait.waitingFor(),
                        Describe.duration(left),
                        reason.why(),
                        reason.rule());
            }
        } else if (decision.isDue(Describe.decision(decided), now)) {
            log.info("decided to {}: {}, by {}", Describe.decision(decided), reason.why(), reason.rule());
            if (decided instanceof ChangeMembership) {
                reason.evidence().forEach(line -> log.info("evidence: {}", line));
            }
        }
    }

    /** Tells why a round came to nothing, if it is another reason or was not told for a while. */
    void cameToNothing(String why, Instant now) {
        if (obstacle.isDue(why, now)) {
            log.info("{}", why);
        }
    }

    /** What was told last. */
    private static final class Told {
        private String what = "";
        private Instant at = Instant.MIN;

        boolean isDue(String next, Instant now) {
            boolean due = !next.equals(what) || Duration.between(at, now).compareTo(REMINDER) >= 0;
            if (due) {
                what = next;
                at = now;
            }
            return due;
        }
    }
}
