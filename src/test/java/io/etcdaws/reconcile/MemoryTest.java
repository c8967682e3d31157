package io.etcdaws.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Since when things have been as they are. */
class MemoryTest {
    private static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");
    private static final MemberId MEMBER = new MemberId(3);
    private static final Optional<InstanceId> INSTANCE = Optional.of(new InstanceId("i-0000000c"));

    private static Instant at(int seconds) {
        return T0.plusSeconds(seconds);
    }

    private static Group group(String... addresses) {
        List<Instance> instances = new ArrayList<>();
        for (String address : addresses) {
            instances.add(new Instance(
                    new InstanceId("i-0000000" + instances.size()),
                    Optional.of(new LifecycleState("InService")),
                    InstanceState.RUNNING,
                    Optional.of(address).filter(text -> !text.isEmpty()).map(Address::parse),
                    Set.of(),
                    "a"));
        }
        return new Group("etcd", instances.size(), instances, Optional.empty());
    }

    @Test
    void countsTheScansThatShowTheSameGroup() {
        Memory memory = Memory.blank()
                .withScan(group("10.0.0.1"), at(0))
                .withScan(group("10.0.0.1"), at(3))
                .withScan(group("10.0.0.1"), at(6));
        assertEquals(at(0), memory.groupSince());
        assertEquals(3, memory.groupScans());
        assertEquals(at(6), memory.groupScannedAt());
    }

    @Test
    void countsTheSameAnswerOnce() {
        Memory memory = Memory.blank().withScan(group("10.0.0.1"), at(0)).withScan(group("10.0.0.1"), at(0));
        assertEquals(1, memory.groupScans());
    }

    @Test
    void startsAgainWhenAnInstanceComesOrGoes() {
        Memory one = Memory.blank().withScan(group("10.0.0.1"), at(0)).withScan(group("10.0.0.1"), at(3));
        Memory two = one.withScan(group("10.0.0.1", "10.0.0.2"), at(6));
        assertEquals(at(6), two.groupSince());
        assertEquals(1, two.groupScans());
        assertEquals(at(9), two.withScan(group("10.0.0.1"), at(9)).groupSince());
    }

    @Test
    void startsAgainWhenAnInstanceGetsItsAddress() {
        Memory memory = Memory.blank().withScan(group(""), at(0)).withScan(group("10.0.0.1"), at(3));
        assertEquals(at(3), memory.groupSince());
    }

    @Test
    void startsAgainAfterAGroupThatWasEmptyForOneAnswer() {
        Memory memory = Memory.blank()
                .withScan(group("10.0.0.1"), at(0))
                .withScan(group(), at(3))
                .withScan(group("10.0.0.1"), at(6));
        assertEquals(at(6), memory.groupSince());
    }

    private static Sighting read(InstanceState state, boolean inGroup, int seconds) {
        return Sighting.once(INSTANCE, state, inGroup, at(seconds));
    }

    private static Sighting sighting(Memory memory) {
        return Objects.requireNonNull(memory.sightings().get(MEMBER));
    }

    private static Memory after(Sighting... reads) {
        Memory memory = Memory.blank();
        for (Sighting read : reads) {
            memory = memory.withReads(Map.of(MEMBER, read));
        }
        return memory;
    }

    @Test
    void countsTheReadsThatSayTheSameOfAnInstance() {
        Sighting sighting = sighting(after(
                read(InstanceState.NOT_FOUND, false, 0),
                read(InstanceState.NOT_FOUND, false, 6),
                read(InstanceState.NOT_FOUND, false, 12)));
        assertEquals(new Sighting(INSTANCE, InstanceState.NOT_FOUND, false, at(0), at(12), 3), sighting);
    }

    @Test
    void countsTheSameReadOnce() {
        assertEquals(
                1,
                sighting(after(read(InstanceState.NOT_FOUND, false, 0), read(InstanceState.NOT_FOUND, false, 0)))
                        .reads());
    }

    @Test
    void aSightingLastsFromItsFirstReadToItsLast() {
        assertEquals(
                Duration.ofSeconds(8),
                sighting(after(read(InstanceState.NOT_FOUND, false, 2), read(InstanceState.NOT_FOUND, false, 10)))
                        .lasting());
        assertEquals(
                Duration.ZERO,
                sighting(after(read(InstanceState.NOT_FOUND, false, 2))).lasting());
    }

    @Test
    void startsAgainWhenTheInstancesStateOrPlaceChanges() {
        assertEquals(
                Sighting.once(INSTANCE, InstanceState.NOT_FOUND, false, at(12)),
                sighting(after(
                        read(InstanceState.NOT_FOUND, false, 0),
                        read(InstanceState.RUNNING, false, 6),
                        read(InstanceState.NOT_FOUND, false, 12))));
        assertEquals(
                at(6),
                sighting(after(read(InstanceState.RUNNING, true, 0), read(InstanceState.RUNNING, false, 6)))
                        .since());
    }

    @Test
    void startsAgainWhenAnotherInstanceIsFoundBehindTheMember() {
        Sighting other = Sighting.once(Optional.of(new InstanceId("i-0000000d")), InstanceState.STOPPED, false, at(60));
        assertEquals(
                at(60),
                sighting(after(read(InstanceState.STOPPED, false, 0), other)).since());
    }

    @Test
    void forgetsAMemberThatNobodyLists() {
        Memory memory = after(read(InstanceState.STOPPED, true, 0)).withReads(Map.of());
        assertTrue(memory.sightings().isEmpty());
    }

    @Test
    void readsAndScansAreKeptApart() {
        Memory memory = Memory.blank()
                .withScan(group("10.0.0.1"), at(0))
                .withReads(Map.of(MEMBER, read(InstanceState.RUNNING, true, 1)))
                .withScan(group("10.0.0.1"), at(3));
        assertEquals(2, memory.groupScans());
        assertEquals(1, sighting(memory).reads());
    }
}
