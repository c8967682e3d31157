package io.etcdaws.reconcile;

import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Conditions;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what a round saw, decided and came to, and tells those who listen. Belongs to one run of one thread. */
final class Chronicle {
    private static final Logger AUDIT = LoggerFactory.getLogger("io.etcdaws.audit");

    private final RoundListener listener;
    private final Policy policy;
    private long number;
    private Instant startedAt;
    private Optional<Seen> ofThisRound = Optional.empty();
    private Optional<Seen> last = Optional.empty();
    private List<Condition> conditions = List.of();

    /** What was seen, and decided on that. */
    private record Seen(Observation observation, Decision decision) {}

    /** A chronicle without a round. */
    Chronicle(RoundListener listener, Policy policy, Instant now) {
        this.listener = listener;
        this.policy = policy;
        this.startedAt = now;
    }

    /** A round begins. */
    void begin(Instant now) {
        number++;
        startedAt = now;
        ofThisRound = Optional.empty();
        listener.began(now);
    }

    /** It has seen and decided this; gives what an operator should mend. */
    List<Condition> decided(Observation seen, Decision made) {
        ofThisRound = Optional.of(new Seen(seen, made));
        last = ofThisRound;
        conditions = Conditions.of(seen, policy);
        return conditions;
    }

    /**
     * A membership change was tried.
     *
     * @param at by the clock of the machine
     */
    void changed(ChangeMembership change, ChangeOutcome outcome, Node who, Instant at) {
        List<Member> before = change.basis().members();
        Audit audit = new Audit(
                at,
                who,
                change.change(),
                before,
                outcome instanceof ChangeOutcome.Changed changed ? changed.after() : before,
                change.reason().rule(),
                change.reason().why(),
                change.reason().evidence(),
                Audit.outcome(outcome));
        AUDIT.info("audit {}", audit.toJson());
        listener.changed(audit);
    }

    /** It is over. */
    void end(Verdict verdict, Duration nextIn, Instant now) {
        listener.ended(new Round(
                number,
                startedAt,
                Duration.between(startedAt, now),
                ofThisRound.map(Seen::observation),
                ofThisRound.map(Seen::decision),
                conditions,
                verdict.result(),
                verdict.failed(),
                verdict.settled(),
                verdict.converged(),
                nextIn));
    }

    /**
     * What became of a round.
     *
     * @param result for people
     * @param failed whether something did not go as decided
     * @param settled whether this node's peers file is in place
     * @param converged whether nothing was left to be done
     */
    record Verdict(String result, boolean failed, boolean settled, boolean converged) {}

    /** The last observation, of this round or of an earlier one. */
    Optional<Observation> observation() {
        return last.map(Seen::observation);
    }

    /** The last decision, of this round or of an earlier one. */
    Optional<Decision> decision() {
        return last.map(Seen::decision);
    }
}
