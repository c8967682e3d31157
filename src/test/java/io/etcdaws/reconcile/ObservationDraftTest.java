package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.A;
import static io.etcdaws.reconcile.Samples.C;
import static io.etcdaws.reconcile.Samples.SELF;
import static io.etcdaws.reconcile.Samples.T0;
import static io.etcdaws.reconcile.Samples.address;
import static io.etcdaws.reconcile.Samples.group;
import static io.etcdaws.reconcile.Samples.instance;
import static io.etcdaws.reconcile.Samples.member;
import static io.etcdaws.reconcile.Samples.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Sighting;
import io.etcdaws.reconcile.ObservationDraft.LookUps;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is asked of whom in a round, and what becomes of the answers. */
class ObservationDraftTest {
    private static final Group GROUP = group(
            instance("i-0000000a", "10.0.0.1", "InService", InstanceState.RUNNING),
            instance("i-0000000b", "10.0.0.2", "InService", InstanceState.RUNNING));

    private final ObservationDraft draft = draft(Role.MEMBER, Memory.blank());

    private static ObservationDraft draft(Role role, Memory memory) {
        return new ObservationDraft(
                SELF, Samples.policy(role), Situation.blank(), Samples::endpoint, Duration.ofSeconds(5), memory);
    }

    private static List<String> hosts(List<Endpoint> endpoints) {
        return endpoints.stream().map(endpoint -> endpoint.address().host()).toList();
    }

    @Test
    void asksThisNodeAndEveryInstanceThatIsNotOver() {
        Group group = group(
                instance("i-0000000a", "10.0.0.1", "InService", InstanceState.RUNNING),
                instance("i-0000000b", "10.0.0.2", "Terminating:Wait", InstanceState.RUNNING),
                instance("i-0000000c", "10.0.0.3", "Terminating", InstanceState.TERMINATED),
                instance("i-0000000d", "10.0.0.4", "Warmed:Stopped", InstanceState.STOPPED));
        assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.4"), hosts(draft.scanned(group, T0)));
    }

    @Test
    void asksThisNodeThoughTheGroupDoesNotHoldIt() {
        assertEquals(
                List.of("10.0.0.1", "10.0.0.2"),
                hosts(draft.scanned(
                        group(instance("i-0000000b", "10.0.0.2", "InService", InstanceState.RUNNING)), T0)));
    }

    @Test
    void aProxyDoesNotAskItself() {
        List<Endpoint> asked = draft(Role.PROXY, Memory.blank())
                .scanned(group(instance("i-0000000b", "10.0.0.2", "InService", InstanceState.RUNNING)), T0);
        assertEquals(List.of("10.0.0.2"), hosts(asked));
    }

    @Test
    void asksMembersOutsideTheGroupOnce() {
        draft.scanned(GROUP, T0);
        assertEquals(List.of("10.0.0.3"), hosts(draft.probed(address(1), serving(1, A, C))));
        assertEquals(List.of(), draft.probed(address(2), serving(1, A, C)));
        assertFalse(draft.allProbed());
        draft.probed(address(3), new NotServing());
        assertTrue(draft.allProbed());
    }

    @Test
    void asksEveryUrlOfAMember() {
        Member two = new Member(
                new MemberId(3),
                "i-0000000c",
                List.of(PeerUrl.parse("http://10.0.0.3:2380"), PeerUrl.parse("http://etcd-c.example:2380")),
                List.of(),
                false);
        draft.scanned(GROUP, T0);
        assertEquals(List.of("10.0.0.3", "etcd-c.example"), hosts(draft.probed(address(1), serving(1, A, two))));
    }

    @Test
    void asksAMemberOutsideTheGroupAtTheClientUrlOfItsHost() {
        Endpoint asked = outside("http://127.0.0.1:2379", "https://10.0.0.3:4001");
        assertEquals(new Endpoint(address(3), "https://10.0.0.3:4001", "http://10.0.0.3:2380"), asked);
    }

    @Test
    void doesNotTakeItsOwnEtcdForAMemberThatAdvertisesLocalhost() {
        assertEquals("http://10.0.0.3:2379", outside("http://localhost:2379").clientUrl());
        assertEquals("http://10.0.0.3:2379", outside("http://0.0.0.0:2379").clientUrl());
    }

    @Test
    void doesNotAskALoadBalancerWhichMayAnswerForAnother() {
        assertEquals(
                "http://10.0.0.3:2379", outside("http://etcd.example.com:2379").clientUrl());
        assertEquals("http://10.0.0.3:2379", outside("not a URL").clientUrl());
    }

    private static Endpoint outside(String... clientUrls) {
        ObservationDraft draft = draft(Role.MEMBER, Memory.blank());
        draft.scanned(GROUP, T0);
        return draft.probed(address(1), serving(1, A, member(3, "i-0000000c", "http://10.0.0.3:2380", clientUrls)))
                .get(0);
    }

    @Test
    void aClusterThatServedInTheGroupIsNotForgotten() {
        draft.scanned(GROUP, T0);
        draft.probed(address(1), serving(1, A));
        assertEquals(Optional.of(new ClusterId(0xc1)), clusterSeen(draft));

        ObservationDraft next = draft(Role.MEMBER, draft.memory());
        next.scanned(GROUP, T0.plusSeconds(30));
        next.probed(address(1), new NotServing());
        assertEquals(Optional.of(new ClusterId(0xc1)), clusterSeen(next));
    }

    @Test
    void aClusterElsewhereIsNoneOfTheGroups() {
        draft.scanned(GROUP, T0);
        draft.probed(address(3), serving(1, A));
        assertEquals(Optional.empty(), clusterSeen(draft));
    }

    private static Optional<ClusterId> clusterSeen(ObservationDraft draft) {
        return draft.finish(T0.plusSeconds(31), DataDirectory.EMPTY, true)
                .continuity()
                .clusterSeen();
    }

    @Test
    void aListIsNotFollowedWithoutEnd() {
        Member[] many = new Member[400];
        Arrays.setAll(many, i -> member(i + 10, "", "http://10.1." + i / 200 + "." + (i % 200 + 1) + ":2380"));
        draft.scanned(GROUP, T0);
        assertEquals(248, draft.probed(address(1), serving(1, many)).size());
    }

    @Test
    void looksUpOnlyWhatTheGroupDoesNotHold() {
        draft.scanned(GROUP, T0);
        draft.probed(
                address(1),
                serving(1, A, C, member(4, "", "http://10.0.0.4:2380"), member(5, "etcd9", "http://10.0.0.2:2380")));
        assertEquals(new LookUps(Set.of(new InstanceId("i-0000000c")), Set.of(address(4))), draft.lookUpsNeeded(T0));
    }

    @Test
    void aMemberCalledByAnAliasOfAnInstanceIsThatInstances() {
        draft.scanned(GROUP, T0);
        draft.probed(address(1), serving(1, A, member(5, "etcd9", "http://alias-of-i-0000000b:2380")));
        assertTrue(draft.lookUpsNeeded(T0).isEmpty());
        Sighting sighting =
                draft.finish(T0, DataDirectory.EMPTY, false).sightings().get(new MemberId(5));
        assertEquals(
                Sighting.once(Optional.of(new InstanceId("i-0000000b")), InstanceState.RUNNING, true, T0), sighting);
    }

    @Test
    void aProxyLooksUpNothing() {
        ObservationDraft proxy = draft(Role.PROXY, Memory.blank());
        proxy.scanned(GROUP, T0);
        proxy.probed(address(2), serving(1, A, C));
        assertTrue(proxy.lookUpsNeeded(T0).isEmpty());
        assertEquals(
                Set.of(new MemberId(1)),
                proxy.finish(T0, DataDirectory.UNKNOWN, false).sightings().keySet());
    }

    private Observation round(Memory memory, int second, @Nullable Map<InstanceId, Instance> found) {
        ObservationDraft round = draft(Role.MEMBER, memory);
        Instant now = T0.plusSeconds(second);
        round.scanned(GROUP, now);
        round.probed(address(1), serving(1, A, C));
        round.probed(address(2), new NotServing());
        round.probed(address(3), new Silent("no answer"));
        if (!round.lookUpsNeeded(now).isEmpty() && found != null) {
            round.lookedUp(found, Map.of(), now);
        }
        Observation observation = round.finish(now, DataDirectory.EMPTY, false);
        last = round.memory();
        return observation;
    }

    private Memory last = Memory.blank();

    private @Nullable Sighting sightingOfC(Observation observation) {
        return observation.sightings().get(new MemberId(3));
    }

    @Test
    void whatEc2DoesNotKnowIsNotFound() {
        round(Memory.blank(), 0, Map.of());
        round(last, 6, Map.of());
        assertEquals(
                new Sighting(
                        Optional.of(new InstanceId("i-0000000c")),
                        InstanceState.NOT_FOUND,
                        false,
                        T0,
                        T0.plusSeconds(6),
                        2),
                sightingOfC(round(last, 9, Map.of())));
    }

    @Test
    void aFreshLookUpIsNotRepeatedNorCountedTwice() {
        round(Memory.blank(), 0, Map.of());
        assertEquals(
                Sighting.once(Optional.of(new InstanceId("i-0000000c")), InstanceState.NOT_FOUND, false, T0),
                sightingOfC(round(last, 4, Map.of())));
    }

    @Test
    void theTimeSinceTheLastLookUpDoesNotCount() {
        round(Memory.blank(), 0, Map.of());
        round(last, 8, Map.of());
        assertEquals(Duration.ofSeconds(8), lasting(round(last, 10, Map.of())));
        round(Memory.blank(), 0, Map.of());
        assertEquals(Duration.ofSeconds(10), lasting(round(last, 10, Map.of())));
    }

    private Duration lasting(Observation observation) {
        return Objects.requireNonNull(sightingOfC(observation)).lasting();
    }

    @Test
    void aLookUpThatFailedSaysNothing() {
        assertNull(sightingOfC(round(Memory.blank(), 0, null)));
        round(last, 6, Map.of());
        assertEquals(
                Sighting.once(
                        Optional.of(new InstanceId("i-0000000c")), InstanceState.NOT_FOUND, false, T0.plusSeconds(6)),
                sightingOfC(round(last, 12, null)));
    }

    @Test
    void whatWasFoundIsOutsideTheGroup() {
        Instance detached = instance("i-0000000c", "10.0.0.3", "", InstanceState.RUNNING);
        assertEquals(
                Sighting.once(Optional.of(detached.id()), InstanceState.RUNNING, false, T0),
                sightingOfC(round(Memory.blank(), 0, Map.of(detached.id(), detached))));
    }

    @Test
    void theObservationHoldsAllThatWasSeen() {
        Observation observation = round(Memory.blank(), 0, Map.of());
        assertEquals(
                Set.of(address(1), address(2), address(3)), observation.peers().keySet());
        assertEquals(GROUP, observation.group());
    }

    @Test
    void theGroupIsStableAsLongAsItIsTheSameAndNoEtcdRunsInIt() {
        Memory first = seeing(Memory.blank(), 0, new NotServing()).memory();
        ObservationDraft second = seeing(first, 3, new NotServing());
        assertEquals(Duration.ofSeconds(3), stableFor(second));

        ObservationDraft silent = seeing(second.memory(), 6, new Silent("no answer"));
        assertEquals(Duration.ZERO, stableFor(silent));
        ObservationDraft booted = seeing(silent.memory(), 9, new NotServing());
        assertEquals(Duration.ZERO, stableFor(booted));
        assertEquals(Duration.ofSeconds(3), stableFor(seeing(booted.memory(), 12, new NotServing())));
    }

    /** A round that ended, in which the other instance of the group was seen so. */
    private static ObservationDraft seeing(Memory memory, int seconds, PeerState other) {
        ObservationDraft draft = draft(Role.MEMBER, memory);
        draft.scanned(GROUP, T0.plusSeconds(seconds));
        draft.probed(address(1), new NotServing());
        draft.probed(address(2), other);
        draft.finish(T0.plusSeconds(seconds), DataDirectory.EMPTY, false);
        return draft;
    }

    private static Duration stableFor(ObservationDraft ended) {
        Memory memory = ended.memory();
        return Duration.between(memory.groupSince(), memory.groupScannedAt());
    }
}
