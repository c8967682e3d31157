package io.etcdaws.membership;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a program that stays knows beyond one look: the part of an {@link Observation} that a first look leaves blank.
 *
 * @param settled whether this process has put the peers file in place, so that it may turn to the cluster's upkeep
 * @param clusterSeen the cluster of which this process has seen members in its group that serve, or hold data; the first one
 * @param notice what this node's own metadata tell of its end, if anything
 * @param lost the expected instances that the group's answer has lost at once, more than one, and that are not confirmed
 *     to be gone; what direct look-ups say of each
 * @param learnersIdleSince for each learner, since when it was seen to make no progress
 * @param overdue a change that is due and that another node is to make
 * @param unmarkedSince since when the group has lacked the durable mark while nothing else was left to do
 * @param markRefused whether AWS has refused to record the durable mark
 * @param lifecycleHandled whether this process has completed the lifecycle action of the state in which the group shows this
 *     instance, or has learnt that there is none of its own
 * @param handedOver whether this process has already handed its member's leadership over because of the notice
 */
public record Continuity(
        boolean settled,
        Optional<ClusterId> clusterSeen,
        Optional<Notice> notice,
        Map<InstanceId, Sighting> lost,
        Map<MemberId, Instant> learnersIdleSince,
        Optional<Overdue> overdue,
        Optional<Instant> unmarkedSince,
        boolean markRefused,
        boolean lifecycleHandled,
        boolean handedOver) {
    /**
     * A change that another node is to make.
     *
     * @param since when it was first due
     */
    public record Overdue(MembershipChange change, Instant since) {}

    private static final Continuity NONE = new Continuity(
            false,
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            Optional.empty(),
            false,
            false,
            false);

    public Continuity {
        lost = Map.copyOf(lost);
        learnersIdleSince = Map.copyOf(learnersIdleSince);
    }

    /** With what the metadata tell by now, and whether leadership has been handed over because of that. */
    public Continuity withNotice(Optional<Notice> heard, boolean handedOverSince) {
        return new Continuity(
                settled,
                clusterSeen,
                heard,
                lost,
                learnersIdleSince,
                overdue,
                unmarkedSince,
                markRefused,
                lifecycleHandled,
                handedOverSince);
    }

    /** Nothing is known beyond this look. */
    public static Continuity none() {
        return NONE;
    }
}
