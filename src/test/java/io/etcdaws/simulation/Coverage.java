package io.etcdaws.simulation;

import io.etcdaws.membership.Decider;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.Round;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What schedules have gone through. */
final class Coverage {
    private final Map<Rule, Long> rules = new EnumMap<>(Rule.class);
    private final Map<String, Long> decisions = new TreeMap<>();
    private final Map<Guard, Long> fired = new EnumMap<>(Guard.class);
    private final Map<Guard, Long> prevented = new EnumMap<>(Guard.class);
    private long schedules;
    private long rounds;

    void schedule() {
        schedules++;
    }

    /**
     * Counts a round.
     *
     * @param fired the guards that said no in it
     */
    void round(Round round, Policy policy, Set<Guard> fired) {
        rounds++;
        fired.forEach(guard -> guard(round, policy, guard));
        round.decision().ifPresent(decision -> {
            rules.merge(decision.reason().rule(), 1L, Long::sum);
            decisions.merge(name(decision), 1L, Long::sum);
        });
    }

    /** A guard has prevented something if, without it, something else would have been done. */
    private void guard(Round round, Policy policy, Guard guard) {
        fired.merge(guard, 1L, Long::sum);
        if (round.observation().isEmpty() || round.decision().isEmpty()) {
            return;
        }
        Guard.switchOff(Optional.of(guard), Optional.empty());
        try {
            Decision without = Decider.decide(round.observation().get(), policy);
            if (acts(without) && !round.decision().get().getClass().equals(without.getClass())) {
                prevented.merge(guard, 1L, Long::sum);
            }
        } finally {
            Guard.switchOff(Optional.empty(), Optional.empty());
            Guard.fired();
        }
    }

    private static boolean acts(Decision decision) {
        return decision instanceof Decision.ChangeMembership || decision instanceof Decision.WritePeersFile;
    }

    private static String name(Decision decision) {
        return decision instanceof Decision.ChangeMembership change
                ? change.change().getClass().getSimpleName()
                : decision.getClass().getSimpleName();
    }

    void add(Coverage other) {
        schedules += other.schedules;
        rounds += other.rounds;
        other.rules.forEach((rule, times) -> rules.merge(rule, times, Long::sum));
        other.fired.forEach((guard, times) -> fired.merge(guard, times, Long::sum));
        other.prevented.forEach((guard, times) -> prevented.merge(guard, times, Long::sum));
        other.decisions.forEach((decision, times) -> decisions.merge(decision, times, Long::sum));
    }

    Map<Guard, Long> fired() {
        return fired;
    }

    Map<Guard, Long> prevented() {
        return prevented;
    }

    long schedules() {
        return schedules;
    }

    long rounds() {
        return rounds;
    }

    Map<Rule, Long> rules() {
        return rules;
    }

    Map<String, Long> decisions() {
        return decisions;
    }
}
