package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.A;
import static io.etcdaws.reconcile.Samples.B;
import static io.etcdaws.reconcile.Samples.group;
import static io.etcdaws.reconcile.Samples.instance;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Continuity.Overdue;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Reason;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.Sighting;
import io.etcdaws.reconcile.UpkeepMemory.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the upkeep knows of earlier rounds. */
class UpkeepMemoryTest {
    private static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");
    private static final Policy POLICY = Samples.policy(Role.MEMBER);
    private static final Group ONE = group(instance(1));
    private static final Group TWO = group(instance(1), instance(2));
    private static final Group THREE = group(instance(1), instance(2), instance(3));
    private static final InstanceId SECOND = instance(2).id();
    private static final InstanceId THIRD = instance(3).id();
    private static final MemberId LEARNER = new MemberId(9);

    private static UpkeepMemory believing(Group group) {
        return UpkeepMemory.blank().withGroup(group, Map.of(), POLICY);
    }

    private static Map<InstanceId, Sighting> reads(InstanceState state, int second) {
        return Map.of(
                SECOND, Sighting.once(Optional.of(SECOND), state, false, T0.plusSeconds(second)),
                THIRD, Sighting.once(Optional.of(THIRD), state, false, T0.plusSeconds(second)));
    }

    @Test
    void believesWhatItSeesFirst() {
        assertEquals(Set.of(instance(1).id()), believing(ONE).believed());
        assertEquals(Map.of(), believing(ONE).lost());
    }

    @Test
    void believesThatOneIsLost() {
        UpkeepMemory memory = believing(THREE).withGroup(TWO, Map.of(), POLICY);
        assertEquals(2, memory.believed().size());
        assertEquals(Set.of(), memory.lostBy(TWO));
    }

    @Test
    void doesNotBelieveThatTwoAreLostAtOnce() {
        UpkeepMemory memory = believing(THREE).withGroup(ONE, reads(InstanceState.RUNNING, 0), POLICY);
        assertEquals(3, memory.believed().size());
        assertEquals(Set.of(SECOND, THIRD), memory.lost().keySet());
        assertEquals(Set.of(SECOND, THIRD), memory.lostBy(ONE));
    }

    @Test
    void believesItWhenTheyAreTerminated() {
        UpkeepMemory memory = believing(THREE).withGroup(ONE, reads(InstanceState.TERMINATED, 0), POLICY);
        assertEquals(1, memory.believed().size());
        assertEquals(Map.of(), memory.lost());
    }

    @Test
    void believesItWhenItWasSeenForLongEnough() {
        UpkeepMemory memory = believing(THREE)
                .withGroup(ONE, reads(InstanceState.RUNNING, 0), POLICY)
                .withGroup(ONE, reads(InstanceState.RUNNING, 5), POLICY);
        assertEquals(3, memory.believed().size());
        memory = memory.withGroup(ONE, reads(InstanceState.RUNNING, 10), POLICY);
        assertEquals(1, memory.believed().size());
    }

    @Test
    void doesNotTakeAnInstanceThatNobodyLookedUpForGone() {
        UpkeepMemory memory = believing(THREE).withGroup(ONE, Map.of(), POLICY);
        assertEquals(3, memory.believed().size());
        assertEquals(Set.of(SECOND, THIRD), memory.lost().keySet());
    }

    @Test
    void forgetsALossWhenTheGroupIsWholeAgain() {
        UpkeepMemory memory = believing(THREE)
                .withGroup(ONE, reads(InstanceState.RUNNING, 0), POLICY)
                .withGroup(THREE, Map.of(), POLICY);
        assertEquals(Map.of(), memory.lost());
    }

    @Test
    void knowsSinceWhenALearnerMakesNoProgress() {
        UpkeepMemory memory = UpkeepMemory.blank().withLearners(Map.of(LEARNER, Optional.of(5L)), T0);
        memory = memory.withLearners(Map.of(LEARNER, Optional.of(5L)), T0.plusSeconds(10));
        assertEquals(Map.of(LEARNER, new Progress(5, T0)), memory.learners());
        memory = memory.withLearners(Map.of(LEARNER, Optional.empty()), T0.plusSeconds(20));
        assertEquals(Map.of(LEARNER, new Progress(5, T0)), memory.learners());
        memory = memory.withLearners(Map.of(LEARNER, Optional.of(6L)), T0.plusSeconds(30));
        assertEquals(Map.of(LEARNER, new Progress(6, T0.plusSeconds(30))), memory.learners());
        assertTrue(memory.withLearners(Map.of(), T0).learners().isEmpty());
    }

    @Test
    void knowsSinceWhenAChangeOfAnotherNodeIsDue() {
        Reason reason = new Reason(Rule.REMOVE, "dead", List.of());
        Decision remove = new LeaveToOther(new Remove(B), A, reason);
        UpkeepMemory memory = UpkeepMemory.blank().withDecision(remove, T0).withDecision(remove, T0.plusSeconds(30));
        assertEquals(Optional.of(new Overdue(new Remove(B), T0)), memory.overdue());
        memory = memory.withDecision(new LeaveToOther(new Promote(B), A, reason), T0.plusSeconds(60));
        assertEquals(Optional.of(new Overdue(new Promote(B), T0.plusSeconds(60))), memory.overdue());
        assertEquals(
                Optional.empty(),
                memory.withDecision(new Decision.KeepPeersFile(reason), T0).overdue());
    }

    @Test
    void knowsSinceWhenNothingIsLeftToDoButToRecordTheMark() {
        UpkeepMemory memory = UpkeepMemory.blank().withMark(Optional.empty());
        assertEquals(Optional.empty(), memory.unmarkedSince());
        memory = memory.withDecision(waiting(Rule.CONVERGED), T0).withMark(Optional.empty());
        memory = memory.withDecision(waiting(Rule.CONVERGED), T0.plusSeconds(9));
        memory = memory.withDecision(waiting(Rule.MARK), T0.plusSeconds(10));
        assertEquals(Optional.of(T0), memory.unmarkedSince());
        assertEquals(Optional.empty(), memory.withMark(Optional.of("c1")).unmarkedSince());
        memory = memory.withDecision(waiting(Rule.REMOVE), T0.plusSeconds(20));
        assertEquals(Optional.empty(), memory.unmarkedSince());
    }

    private static Decision waiting(Rule rule) {
        return new Decision.Wait("something", Decision.Until.OTHERS_ACT, "", new Reason(rule, "so it is", List.of()));
    }
}
