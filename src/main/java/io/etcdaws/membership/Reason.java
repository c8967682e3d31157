package io.etcdaws.membership;

import java.util.List;

/**
 * Why a decision is what it is.
 *
 * @param rule the rule that applied
 * @param why one sentence
 * @param evidence what it rests on, one observation a line
 */
public record Reason(Rule rule, String why, List<String> evidence) {
    public Reason {
        evidence = List.copyOf(evidence);
    }
}
