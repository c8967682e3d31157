package io.etcdaws.reconcile;

import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what is seen and decided, a line a step. What is the same in the next round is not told again, but a wait
 * is brought to mind from time to time.
 */
final class Narrator {
    private static final Logger log = LoggerFactory.getLogger(Narrator.class);
    private static final Duration REMINDER = Duration.ofSeconds(10);

    private Set<String> seenBefore = Set.of();
    private String waitingBefore = "";
    private Instant waitTold = Instant.MIN;

    /** Tells what is new. */
    void observed(Observation observation) {
        List<String> lines = Describe.observation(observation);
        lines.stream().filter(line -> !seenBefore.contains(line)).forEach(log::info);
        seenBefore = new HashSet<>(lines);
    }

    /** Tells a decision; a wait only when it is another one, or was not told for a while. */
    void decided(Decision decision, Instant now, Duration left) {
        if (!(decision instanceof Wait wait)) {
            log.info(
                    "decided to {}: {}, by {}",
                    Describe.decision(decision),
                    decision.reason().why(),
                    decision.reason().rule());
            if (decision instanceof ChangeMembership) {
                decision.reason().evidence().forEach(line -> log.info("evidence: {}", line));
            }
            return;
        }
        String because = wait.reason().rule() + wait.reason().why();
        if (!because.equals(waitingBefore) || Duration.between(waitTold, now).compareTo(REMINDER) >= 0) {
            waitingBefore = because;
            waitTold = now;
            log.info(
                    "waiting for {}, for {} at most: {}, by {}",
                    wait.waitingFor(),
                    Describe.duration(left),
                    wait.reason().why(),
                    wait.reason().rule());
        }
    }
}
