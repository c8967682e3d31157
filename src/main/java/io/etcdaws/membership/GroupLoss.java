package io.etcdaws.membership;

import io.etcdaws.membership.Decision.Wait;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Rule 7b: a group that has lost more than one expected instance at once. AWS may have answered in part, so nothing is decided
 * on that answer until direct look-ups have confirmed it of every one of them: EC2 says that the instance is over for good, by
 * one look-up, or says the same of it for {@code confirm-after}, in two look-ups or more.
 */
public final class GroupLoss {
    private GroupLoss() {}

    /** Whether direct look-ups have confirmed of every lost instance what has become of it. */
    public static boolean confirmed(Map<InstanceId, Sighting> lost, Policy policy) {
        return lost.values().stream().allMatch(sighting -> confirmed(sighting, policy));
    }

    private static boolean confirmed(Sighting sighting, Policy policy) {
        return sighting.state().terminal()
                || (sighting.reads() >= 2 && sighting.lasting().compareTo(policy.confirmAfter()) >= 0);
    }

    /** Waits while a loss is not confirmed; only where the cluster's upkeep has begun. */
    static Optional<Decision> decide(Observation observation, Policy policy) {
        Map<InstanceId, Sighting> lost = new TreeMap<>(observation.continuity().lost());
        boolean upkeep =
                policy.staying().isPresent() && observation.continuity().settled();
        if (!upkeep || confirmed(lost, policy)) {
            return Optional.empty();
        }
        List<String> unconfirmed = lost.entrySet().stream()
                .filter(one -> !confirmed(one.getValue(), policy))
                .map(one -> one.getKey().toString())
                .toList();
        return Optional.of(Wait.forTime(
                "look-ups that say the same of " + String.join(", ", unconfirmed) + " for "
                        + Describe.duration(policy.confirmAfter()),
                new Reason(
                        Rule.GROUP_LOSS,
                        "group " + observation.group().name() + " has lost " + lost.size()
                                + " instances at once, and AWS may have answered in part",
                        lost.entrySet().stream()
                                .map(one -> one.getKey() + ": " + Describe.sighting(one.getValue()))
                                .toList())));
    }
}
