package io.etcdaws.reconcile;

import io.etcdaws.membership.Continuity.Overdue;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.GroupLoss;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Sighting;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the upkeep of a cluster must know of earlier rounds. Immutable.
 *
 * @param believed the expected instances of the last group answer that was believed
 * @param lost those that the present answer has lost, if they are more than one and not confirmed to be gone
 * @param learners how far each learner has come
 * @param overdue a change that is due and that another node is to make
 * @param unmarkedSince since when nothing has been left to do but to record the durable mark
 */
record UpkeepMemory(
        Set<InstanceId> believed,
        Map<InstanceId, Sighting> lost,
        Map<MemberId, Progress> learners,
        Optional<Overdue> overdue,
        Optional<Instant> unmarkedSince) {
    /**
     * How far a learner has come.
     *
     * @param index the highest applied raft index that was seen of it
     * @param since when it was first seen
     */
    record Progress(long index, Instant since) {}

    UpkeepMemory {
        believed = Set.copyOf(believed);
        lost = Map.copyOf(lost);
        learners = Map.copyOf(learners);
    }

    static UpkeepMemory blank() {
        return new UpkeepMemory(Set.of(), Map.of(), Map.of(), Optional.empty(), Optional.empty());
    }

    /** The expected instances that a group answer lacks; empty if it is one at most, which is everyday life. */
    Set<InstanceId> lostBy(Group group) {
        Set<InstanceId> gone = new HashSet<>(believed);
        gone.removeAll(expected(group));
        return gone.size() > 1 ? gone : Set.of();
    }

    /**
     * With one more answer of the group.
     *
     * @param reads what is now known of instances that it lost
     */
    UpkeepMemory withGroup(Group group, Map<InstanceId, Sighting> reads, Policy policy) {
        Map<InstanceId, Sighting> missing = new HashMap<>();
        for (InstanceId id : lostBy(group)) {
            missing.put(id, sighting(id, Optional.ofNullable(reads.get(id))));
        }
        return GroupLoss.confirmed(missing, policy)
                ? new UpkeepMemory(expected(group), Map.of(), learners, overdue, unmarkedSince)
                : new UpkeepMemory(believed, missing, learners, overdue, unmarkedSince);
    }

    /** With what the group's answer says of the durable mark. */
    UpkeepMemory withMark(Optional<String> mark) {
        return new UpkeepMemory(believed, lost, learners, overdue, mark.isPresent() ? Optional.empty() : unmarkedSince);
    }

    private Sighting sighting(InstanceId id, Optional<Sighting> read) {
        Optional<Sighting> before = Optional.ofNullable(lost.get(id)).filter(known -> known.reads() > 0);
        return read.map(now -> before.map(known -> known.then(now)).orElse(now))
                .or(() -> before)
                .orElseGet(() -> unseen(id));
    }

    /** What counts of an instance that nobody looked up yet: never that it is gone. */
    private static Sighting unseen(InstanceId id) {
        return new Sighting(Optional.of(id), InstanceState.RUNNING, false, Instant.EPOCH, Instant.EPOCH, 0);
    }

    /**
     * With one more look at the learners; those that are not in it are forgotten.
     *
     * @param indexes the applied index of each learner; empty for one that did not tell
     */
    UpkeepMemory withLearners(Map<MemberId, Optional<Long>> indexes, Instant now) {
        Map<MemberId, Progress> progress = new HashMap<>();
        indexes.forEach((learner, index) -> {
            long seen = index.orElse(0L);
            Progress before = learners.get(learner);
            progress.put(learner, before != null && seen <= before.index() ? before : new Progress(seen, now));
        });
        return new UpkeepMemory(believed, lost, progress, overdue, unmarkedSince);
    }

    /** With what was decided on all this. */
    UpkeepMemory withDecision(Decision decision, Instant now) {
        return new UpkeepMemory(believed, lost, learners, overdue(decision, now), unmarkedSince(decision, now));
    }

    private Optional<Overdue> overdue(Decision decision, Instant now) {
        return decision instanceof LeaveToOther left
                ? overdue.filter(known -> known.change().equals(left.change()))
                        .or(() -> Optional.of(new Overdue(left.change(), now)))
                : Optional.empty();
    }

    /** Where the group has a mark, the next look at it takes this back. */
    private Optional<Instant> unmarkedSince(Decision decision, Instant now) {
        return switch (decision.reason().rule()) {
            case CONVERGED -> unmarkedSince.or(() -> Optional.of(now));
            case MARK -> unmarkedSince;
            default -> Optional.empty();
        };
    }

    private static Set<InstanceId> expected(Group group) {
        return group.expected().stream().map(Instance::id).collect(Collectors.toSet());
    }
}
