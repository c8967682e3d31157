package io.etcdaws.reconcile;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Sighting;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one round must know of the rounds before it: since when things have been as they are. Immutable.
 *
 * @param expected the group's expected instances at the last scan
 * @param groupSince when they were first seen so, with each known to run no etcd that may hold data
 * @param groupScannedAt when they were last seen so; the same answer given again is not counted twice
 * @param groupScans how many scans in a row have shown them so
 * @param sightings what is known of the instance behind each member
 * @param clusterSeen the first cluster that was seen to have members with data in the group
 * @param upkeep what only a program that stays makes use of
 */
record Memory(
        List<Expected> expected,
        Instant groupSince,
        Instant groupScannedAt,
        int groupScans,
        Map<MemberId, Sighting> sightings,
        Optional<ClusterId> clusterSeen,
        UpkeepMemory upkeep) {
    /** An expected instance, as far as its place in an initial cluster goes. */
    record Expected(InstanceId id, Optional<Address> address) {}

    Memory {
        expected = List.copyOf(expected);
        sightings = Map.copyOf(sightings);
    }

    /** Nothing was seen yet. */
    static Memory blank() {
        return new Memory(List.of(), Instant.MIN, Instant.MIN, 0, Map.of(), Optional.empty(), UpkeepMemory.blank());
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
        return new Memory(seen, same ? groupSince : at, at, same ? groupScans + 1 : 1, sightings, clusterSeen, upkeep);
    }

    /**
     * Not all of the group was known to be quiet, so that it has not been as it is for any time yet. Who refuses connections from
     * now on may be a machine that boots, before its etcd has started.
     */
    Memory notQuiet() {
        return new Memory(expected, groupScannedAt, groupScannedAt, 0, sightings, clusterSeen, upkeep);
    }

    /** With one more look at the instances behind members; members that are not in it are forgotten. */
    Memory withReads(Map<MemberId, Sighting> reads) {
        Map<MemberId, Sighting> seen = new HashMap<>(reads);
        seen.replaceAll((member, read) -> Optional.ofNullable(sightings.get(member))
                .map(before -> before.then(read))
                .orElse(read));
        return new Memory(expected, groupSince, groupScannedAt, groupScans, seen, clusterSeen, upkeep);
    }

    /** With one more look for clusters in the group; which one is kept does not matter, should there be several. */
    Memory withClusters(Set<ClusterId> seen) {
        Optional<ClusterId> first = clusterSeen.or(() -> seen.stream().min(Comparator.comparing(ClusterId::toString)));
        return new Memory(expected, groupSince, groupScannedAt, groupScans, sightings, first, upkeep);
    }

    /** With that known of the upkeep. */
    Memory with(UpkeepMemory known) {
        return new Memory(expected, groupSince, groupScannedAt, groupScans, sightings, clusterSeen, known);
    }
}
