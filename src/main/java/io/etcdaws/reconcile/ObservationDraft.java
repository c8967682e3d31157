package io.etcdaws.reconcile;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Continuity;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Sighting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An observation in the making: takes what is seen, and tells what must still be looked at. Does no input or output, and
 * holds no rule; belongs to one round of one thread.
 */
final class ObservationDraft {
    /** A list longer than this is not etcd's: it bounds what one peer's answer can make us ask. */
    private static final int MOST_ENDPOINTS = 250;

    /** Instances that must be looked up in EC2 because the group does not hold them. */
    record LookUps(Set<InstanceId> ids, Set<Address> addresses) {
        boolean isEmpty() {
            return ids.isEmpty() && addresses.isEmpty();
        }
    }

    private final Node self;
    private final Policy policy;
    private final Situation situation;
    private final Function<Address, Endpoint> endpoints;
    private final Duration lookUpMaxAge;
    private Memory memory;

    private @Nullable Group group;
    private final Map<Address, Endpoint> asked = new HashMap<>();
    private final Map<Address, PeerState> peers = new HashMap<>();
    private @Nullable LookUps lookUps;
    private final Map<InstanceId, Instance> foundById = new HashMap<>();
    private final Map<Address, Instance> foundByAddress = new HashMap<>();
    private boolean answered;
    private Instant lookedUpAt = Instant.MIN;

    /**
     * Starts a round.
     *
     * @param policy whose part is played, and what it takes to believe a group that lost many at once
     * @param situation where this process stands
     * @param endpoints where the etcd at an address of the group is asked
     * @param lookUpMaxAge how old a look-up may be before it is repeated
     */
    ObservationDraft(
            Node self,
            Policy policy,
            Situation situation,
            Function<Address, Endpoint> endpoints,
            Duration lookUpMaxAge,
            Memory memory) {
        this.self = self;
        this.policy = policy;
        this.situation = situation;
        this.endpoints = endpoints;
        this.lookUpMaxAge = lookUpMaxAge;
        this.memory = memory;
    }

    /** The group was scanned; gives the peers that must be asked now. */
    List<Endpoint> scanned(Group scanned, Instant at) {
        memory = memory.withScan(scanned, at);
        return peersOf(scanned);
    }

    /**
     * The group is taken for what it was when it was last seen, and nothing is looked up, since AWS does not answer; gives the
     * peers that must be asked now.
     */
    List<Endpoint> remembered(Group last) {
        lookUps = new LookUps(Set.of(), Set.of());
        return peersOf(last);
    }

    private List<Endpoint> peersOf(Group seen) {
        group = seen;
        List<Address> addresses = new ArrayList<>();
        if (policy.role() == Role.MEMBER) {
            addresses.add(self.address());
        }
        seen.instances().stream()
                .filter(instance -> !instance.state().terminal())
                .flatMap(instance -> instance.address().stream())
                .forEach(addresses::add);
        return addresses.stream()
                .distinct()
                .map(endpoints)
                .filter(this::firstAsked)
                .toList();
    }

    /** A peer was probed; gives the members it lists that nobody asked yet. */
    List<Endpoint> probed(Address address, PeerState state) {
        peers.put(address, state);
        List<Endpoint> more = new ArrayList<>();
        for (Member member : state.toldMembers()) {
            for (PeerUrl url : member.peerUrls()) {
                if (!asked.containsKey(url.host())) {
                    Endpoint endpoint = endpointOf(member, url);
                    if (firstAsked(endpoint)) {
                        more.add(endpoint);
                    }
                }
            }
        }
        return more;
    }

    /**
     * A member outside the group is asked where it says itself that it can be, but never at another host: behind a load
     * balancer's name, or behind {@code localhost}, another member answers, and this one would seem to be gone.
     */
    private Endpoint endpointOf(Member member, PeerUrl url) {
        String clientUrl = member.clientUrls().stream()
                .filter(text -> isAt(url.host(), text))
                .findFirst()
                .orElseGet(() -> endpoints.apply(url.host()).clientUrl());
        return new Endpoint(url.host(), clientUrl, url.text());
    }

    private static boolean isAt(Address host, String clientUrl) {
        try {
            return PeerUrl.parse(clientUrl).host().equals(host);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private boolean firstAsked(Endpoint endpoint) {
        return asked.size() < MOST_ENDPOINTS && asked.putIfAbsent(endpoint.address(), endpoint) == null;
    }

    /** Everybody who was asked, by address. */
    Map<Address, Endpoint> asked() {
        return Map.copyOf(asked);
    }

    /** Whether every peer that was to be asked has been. */
    boolean allProbed() {
        return group != null && peers.keySet().containsAll(asked.keySet());
    }

    /** The instances to look up, once all peers are probed; the same for the whole round. */
    LookUps lookUpsNeeded(Instant now) {
        if (lookUps == null) {
            lookUps = policy.role() == Role.PROXY ? new LookUps(Set.of(), Set.of()) : collectLookUps(now);
        }
        return lookUps;
    }

    private LookUps collectLookUps(Instant now) {
        Set<InstanceId> ids = new HashSet<>();
        Set<Address> addresses = new HashSet<>();
        for (Member member : members().values()) {
            boolean fresh = isFresh(memory.sightings().get(member.id()), now);
            if (!fresh && inGroup(member).isEmpty()) {
                InstanceId.fromName(member.name())
                        .ifPresentOrElse(ids::add, () -> member.peerUrls().forEach(url -> addresses.add(url.host())));
            }
        }
        for (InstanceId id : lost()) {
            if (theGroup().find(id).isEmpty() && !isFresh(memory.upkeep().lost().get(id), now)) {
                ids.add(id);
            }
        }
        return new LookUps(ids, addresses);
    }

    private boolean isFresh(@Nullable Sighting known, Instant now) {
        return known != null && Duration.between(known.lastRead(), now).compareTo(lookUpMaxAge) < 0;
    }

    /** Instances were looked up. */
    void lookedUp(Map<InstanceId, Instance> byId, Map<Address, Instance> byAddress, Instant at) {
        foundById.putAll(byId);
        foundByAddress.putAll(byAddress);
        lookedUpAt = at;
        answered = true;
    }

    /** What the next round must know of this one. */
    Memory memory() {
        return memory;
    }

    /** The observation, once all was looked at. */
    Observation finish(Instant now, DataDirectory dataDirectory, boolean peersFilePresent) {
        Map<MemberId, Sighting> reads = new HashMap<>();
        members().values().forEach(member -> read(member).ifPresent(read -> reads.put(member.id(), read)));
        memory = memory.withReads(reads).withClusters(theGroup().clusters(peers, self));
        if (!theGroup().isQuiet(peers)) {
            memory = memory.notQuiet();
        }
        memory = memory.with(memory.upkeep()
                .withGroup(theGroup(), readsOfLost(), policy)
                .withLearners(learners(), now)
                .withMark(theGroup().clusterMark()));
        return new Observation(
                now,
                self,
                theGroup(),
                memory.groupSince(),
                memory.groupScannedAt(),
                memory.groupScans(),
                dataDirectory,
                peersFilePresent,
                peers,
                memory.sightings(),
                continuity());
    }

    private Continuity continuity() {
        UpkeepMemory upkeep = memory.upkeep();
        Map<MemberId, Instant> idle = new HashMap<>();
        upkeep.learners().forEach((learner, progress) -> idle.put(learner, progress.since()));
        Optional<LifecycleState> state = theGroup().find(self.id()).flatMap(Instance::lifecycle);
        return new Continuity(
                situation.settled(),
                memory.clusterSeen(),
                situation.notice(),
                upkeep.lost(),
                idle,
                upkeep.overdue(),
                upkeep.unmarkedSince(),
                situation.markRefused(),
                state.isPresent() && state.equals(situation.handled()),
                situation.handedOver());
    }

    /** Who makes one decision has no group to compare with. */
    private Set<InstanceId> lost() {
        return policy.staying().isPresent() ? memory.upkeep().lostBy(theGroup()) : Set.of();
    }

    /** What is now known of the instances that the group's answer has lost, by the group itself or by EC2. */
    private Map<InstanceId, Sighting> readsOfLost() {
        Map<InstanceId, Sighting> reads = new HashMap<>();
        for (InstanceId id : lost()) {
            theGroup()
                    .find(id)
                    .map(held -> Sighting.once(Optional.of(id), held.state(), true, memory.groupScannedAt()))
                    .or(() -> Optional.ofNullable(foundById.get(id))
                            .map(found -> Sighting.once(Optional.of(id), found.state(), false, lookedUpAt)))
                    .ifPresent(read -> reads.put(id, read));
        }
        return reads;
    }

    /** How far each learner of the lists has come, where its own etcd tells. */
    private Map<MemberId, Optional<Long>> learners() {
        Map<MemberId, Optional<Long>> learners = new HashMap<>();
        members().values().stream()
                .filter(Member::learner)
                .forEach(learner -> learners.put(learner.id(), index(learner)));
        return learners;
    }

    private Optional<Long> index(Member learner) {
        return peers.values().stream()
                .filter(PeerState.Serving.class::isInstance)
                .map(PeerState.Serving.class::cast)
                .filter(serving -> serving.self().equals(learner.id()))
                .map(PeerState.Serving::index)
                .findFirst();
    }

    private Optional<Sighting> read(Member member) {
        Optional<Instance> held = inGroup(member);
        if (held.isPresent()) {
            Instance instance = held.get();
            return Optional.of(
                    Sighting.once(Optional.of(instance.id()), instance.state(), true, memory.groupScannedAt()));
        }
        Optional<Instance> found = InstanceId.fromName(member.name())
                .map(id -> Optional.ofNullable(foundById.get(id)))
                .orElseGet(() -> member.peerUrls().stream()
                        .flatMap(url -> Optional.ofNullable(foundByAddress.get(url.host())).stream())
                        .findFirst());
        if (found.isPresent()) {
            return Optional.of(
                    Sighting.once(Optional.of(found.get().id()), found.get().state(), false, lookedUpAt));
        }
        boolean lookedUp = wasLookedUp(member);
        return lookedUp
                ? Optional.of(
                        Sighting.once(InstanceId.fromName(member.name()), InstanceState.NOT_FOUND, false, lookedUpAt))
                : Optional.ofNullable(memory.sightings().get(member.id()));
    }

    private boolean wasLookedUp(Member member) {
        LookUps done = lookUps;
        // What was to be looked up and was not, because AWS failed, is not known; it is not "not found".
        return answered
                && done != null
                && InstanceId.fromName(member.name())
                        .map(done.ids()::contains)
                        .orElseGet(() -> member.peerUrls().stream()
                                .allMatch(url -> done.addresses().contains(url.host())));
    }

    /** The instance of the group behind a member: by name where that is an instance id, else by address. */
    private Optional<Instance> inGroup(Member member) {
        return InstanceId.fromName(member.name())
                .map(theGroup()::find)
                .orElseGet(() -> member.peerUrls().stream()
                        .flatMap(url -> theGroup().findAt(url.host()).stream())
                        .findFirst());
    }

    private Group theGroup() {
        if (group == null) {
            throw new IllegalStateException("the group was not scanned yet");
        }
        return group;
    }

    private Map<MemberId, Member> members() {
        Map<MemberId, Member> members = new LinkedHashMap<>();
        peers.values().forEach(state -> state.toldMembers().forEach(member -> members.put(member.id(), member)));
        return members;
    }
}
