package io.etcdaws.reconcile;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Sighting;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one round must know of the rounds before it: since when things have been as they are. Immutable.
 *
 * @param expected the group's expected instances at the last scan
 * @param groupSince when they were first seen so
 * @param groupScannedAt when they were last seen so; the same answer given again is not counted twice
 * @param groupScans how many scans in a row have shown them so
 * @param instances what was last known of the instance behind each member
 */
record Memory(
        List<Expected> expected,
        Instant groupSince,
        Instant groupScannedAt,
        int groupScans,
        Map<MemberId, Known> instances) {
    /** An expected instance, as far as its place in an initial cluster goes. */
    record Expected(InstanceId id, Optional<Address> address) {}

    /**
     * What one look-up said of the instance behind a member.
     *
     * @param readAt when
     */
    record Fact(Optional<InstanceId> instance, InstanceState state, boolean inGroup, Instant readAt) {}

    /**
     * What is known of the instance behind a member.
     *
     * @param readAt when it was last looked up
     */
    record Known(Sighting sighting, Instant readAt) {
        private static Known first(Fact fact) {
            return new Known(
                    new Sighting(fact.instance(), fact.state(), fact.inGroup(), fact.readAt(), 1), fact.readAt());
        }

        private Known then(Fact fact) {
            boolean same = sighting.instance().equals(fact.instance())
                    && sighting.state() == fact.state()
                    && sighting.inGroup() == fact.inGroup();
            if (!same) {
                return first(fact);
            }
            if (readAt.equals(fact.readAt())) {
                return this;
            }
            Sighting again = new Sighting(
                    sighting.instance(), sighting.state(), sighting.inGroup(), sighting.since(), sighting.reads() + 1);
            return new Known(again, fact.readAt());
        }
    }

    Memory {
        expected = List.copyOf(expected);
        instances = Map.copyOf(instances);
    }

    /** Nothing was seen yet. */
    static Memory blank() {
        return new Memory(List.of(), Instant.MIN, Instant.MIN, 0, Map.of());
    }

    /** With one more scan of the group. */
    Memory withScan(Group group, Instant at) {
        if (at.equals(groupScannedAt)) {
            return this;
        }
        List<Expected> seen = group.expected().stream()
                .map(instance -> new Expected(instance.id(), instance.address()))
                .toList();
        boolean same = groupScans > 0 && seen.equals(expected);
        return new Memory(seen, same ? groupSince : at, at, same ? groupScans + 1 : 1, instances);
    }

    /** With one more look at the instances behind members; members that are not in it are forgotten. */
    Memory withFacts(Map<MemberId, Fact> facts) {
        Map<MemberId, Known> known = new HashMap<>();
        facts.forEach((member, fact) -> known.put(
                member, instances.containsKey(member) ? instances.get(member).then(fact) : Known.first(fact)));
        return new Memory(expected, groupSince, groupScannedAt, groupScans, known);
    }
}
