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
import io.etcdaws.reconcile.Memory.Fact;
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

    private static Fact fact(InstanceState state, boolean inGroup, int seconds) {
        return new Fact(INSTANCE, state, inGroup, at(seconds));
    }

    private static Sighting sighting(Memory memory) {
        return Objects.requireNonNull(memory.instances().get(MEMBER)).sighting();
    }

    private static Memory after(Fact... facts) {
        Memory memory = Memory.blank();
        for (Fact fact : facts) {
            memory = memory.withFacts(Map.of(MEMBER, fact));
        }
        return memory;
    }

    @Test
    void countsTheReadsThatSayTheSameOfAnInstance() {
        Sighting sighting = sighting(after(
                fact(InstanceState.NOT_FOUND, false, 0),
                fact(InstanceState.NOT_FOUND, false, 6),
                fact(InstanceState.NOT_FOUND, false, 12)));
        assertEquals(new Sighting(INSTANCE, InstanceState.NOT_FOUND, false, at(0), 3), sighting);
    }

    @Test
    void countsTheSameReadOnce() {
        assertEquals(
                1,
                sighting(after(fact(InstanceState.NOT_FOUND, false, 0), fact(InstanceState.NOT_FOUND, false, 0)))
                        .reads());
    }

    @Test
    void startsAgainWhenTheInstancesStateOrPlaceChanges() {
        assertEquals(
                new Sighting(INSTANCE, InstanceState.NOT_FOUND, false, at(12), 1),
                sighting(after(
                        fact(InstanceState.NOT_FOUND, false, 0),
                        fact(InstanceState.RUNNING, false, 6),
                        fact(InstanceState.NOT_FOUND, false, 12))));
        assertEquals(
                at(6),
                sighting(after(fact(InstanceState.RUNNING, true, 0), fact(InstanceState.RUNNING, false, 6)))
                        .since());
    }

    @Test
    void startsAgainWhenAnotherInstanceIsFoundBehindTheMember() {
        Fact other = new Fact(Optional.of(new InstanceId("i-0000000d")), InstanceState.STOPPED, false, at(60));
        assertEquals(
                at(60),
                sighting(after(fact(InstanceState.STOPPED, false, 0), other)).since());
    }

    @Test
    void forgetsAMemberThatNobodyLists() {
        Memory memory = after(fact(InstanceState.STOPPED, true, 0)).withFacts(Map.of());
        assertTrue(memory.instances().isEmpty());
    }

    @Test
    void factsAndScansAreKeptApart() {
        Memory memory = Memory.blank()
                .withScan(group("10.0.0.1"), at(0))
                .withFacts(Map.of(MEMBER, fact(InstanceState.RUNNING, true, 1)))
                .withScan(group("10.0.0.1"), at(3));
        assertEquals(2, memory.groupScans());
        assertEquals(1, sighting(memory).reads());
    }
}
