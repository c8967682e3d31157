package io.etcdaws.simulation;

import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.Round;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** What schedules have gone through. */
final class Coverage {
    private final Map<Rule, Long> rules = new EnumMap<>(Rule.class);
    private final Map<String, Long> decisions = new TreeMap<>();
    private long schedules;
    private long rounds;

    void schedule() {
        schedules++;
    }

    void round(Round round) {
        rounds++;
        round.decision().ifPresent(decision -> {
            rules.merge(decision.reason().rule(), 1L, Long::sum);
            decisions.merge(name(decision), 1L, Long::sum);
        });
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
        other.decisions.forEach((decision, times) -> decisions.merge(decision, times, Long::sum));
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
