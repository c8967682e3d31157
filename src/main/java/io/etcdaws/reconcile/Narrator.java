package io.etcdaws.reconcile;

import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Reason;
import io.etcdaws.peersfile.ChangeCommand;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what is seen and decided, a line a step. What is the same in the next round is not told again, but what
 * is decided, and what stands in its way, is brought to mind from time to time.
 */
final class Narrator {
    private static final Logger log = LoggerFactory.getLogger(Narrator.class);

    /** Somebody waits for a run of the one-shot mode. */
    private static final Duration SOON = Duration.ofSeconds(10);

    /** The periodic mode goes on for years. */
    private static final Duration RARELY = Duration.ofMinutes(10);

    private final Duration reminder;

    private Set<String> seenBefore = Set.of();
    private List<Condition> conditionsBefore = List.of();
    private final Told decision = new Told();
    private final Told obstacle = new Told();

    /** Tells of a run of that mode. */
    Narrator(Mode mode) {
        this.reminder = mode == Mode.PERIODIC ? RARELY : SOON;
    }

    /** Tells what is new. */
    void observed(Observation observation) {
        if (!log.isInfoEnabled()) {
            return;
        }
        List<String> lines = Describe.observation(observation);
        lines.stream().filter(line -> !seenBefore.contains(line)).forEach(log::info);
        seenBefore = new HashSet<>(lines);
    }

    /**
     * Tells a decision, if it is another one or was not told for a while.
     *
     * @param left how much time there is for it, where that is bounded
     */
    void decided(Decision decided, Instant now, Optional<Duration> left) {
        Reason reason = decided.reason();
        if (decided instanceof Wait wait) {
            // What is waited for may count the seconds.
            if (decision.isDue("wait: " + reason.rule() + reason.why(), now)) {
                log.info(
                        "waiting for {}{}: {}, by {}{}",
                        wait.waitingFor(),
                        left.map(time -> ", for " + Describe.duration(time) + " at most")
                                .orElse(""),
                        reason.why(),
                        reason.rule(),
                        // A run that ends says it at its end.
                        left.isPresent() || wait.wayOut().isEmpty() ? "" : "; way out: " + wait.wayOut());
            }
        } else if (decided instanceof Converged) {
            if (decision.isNew("converged")) {
                log.info("converged: {}", reason.why());
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

    /** Tells what an operator should mend, when it comes up and when it is over. */
    void conditions(List<Condition> conditions) {
        conditions.stream()
                .filter(condition -> !conditionsBefore.contains(condition))
                .forEach(condition -> log.warn("{}; way out: {}", condition.message(), condition.wayOut()));
        conditionsBefore.stream()
                .filter(condition -> !conditions.contains(condition))
                .forEach(condition -> log.info("no longer so: {}", condition.message()));
        conditionsBefore = conditions;
    }

    /** Tells why a round failed, if it is another reason or was not told for a while. */
    void failed(String why, Duration pause, Instant now) {
        if (obstacle.isDue(why, now)) {
            log.error("{}; trying again in {}", why, Describe.duration(pause));
        }
    }

    /** Tells how the operator's command ended. */
    void commandEnded(ChangeCommand.Result result) {
        if (result instanceof ChangeCommand.Ran ran && ran.exitCode() == 0) {
            log.info("peers-file.on-change ended well after {}", Describe.duration(ran.took()));
        } else {
            log.error("peers-file.on-change {}", words(result));
        }
    }

    private static String words(ChangeCommand.Result result) {
        if (result instanceof ChangeCommand.Ran ran) {
            return "ended with " + ran.exitCode() + " after " + Describe.duration(ran.took()) + ": " + ran.output();
        }
        return result instanceof ChangeCommand.TimedOut late
                ? "was killed after " + Describe.duration(late.after()) + ": " + late.output()
                : "could not be run: " + ((ChangeCommand.CouldNotStart) result).message();
    }

    /** What was told last. */
    private final class Told {
        private String what = "";
        private Instant at = Instant.MIN;

        /** For what is told once. */
        boolean isNew(String next) {
            boolean isNew = !next.equals(what);
            what = next;
            return isNew;
        }

        boolean isDue(String next, Instant now) {
            boolean due = !next.equals(what) || Duration.between(at, now).compareTo(reminder) >= 0;
            if (due) {
                what = next;
                at = now;
            }
            return due;
        }
    }
}
