package io.etcdaws.membership;

import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds out from what was seen of the peers which cluster there is, and whose member list is to be believed. */
final class ClusterFinder {
    private ClusterFinder() {}

    /** What the peers' answers amount to. */
    sealed interface Found {}

    /** No peer serves, and none is known to hold data. */
    record Nothing() implements Found {}

    /** One cluster serves with quorum. */
    record Quorate(ClusterView view) implements Found {}

    /**
     * Members of one cluster are there, without quorum.
     *
     * @param view the list of the member that knows most; it may be out of date
     */
    record WithoutQuorum(ClusterView view) implements Found {}

    /**
     * Members of more than one cluster are there, and it is not so that exactly one of these has quorum.
     *
     * @param serving whether they have quorum
     */
    record Several(Set<ClusterId> ids, boolean serving) implements Found {}

    /** A cluster serves with quorum, but neither its leader nor a majority that agrees told its members. */
    record Disagreeing(ClusterId id) implements Found {}

    /** Reads the peers' answers. */
    static Found find(Observation observation) {
        // In a fixed order, so that the same observation is always read in the same way.
        Map<Address, PeerState> peers = new TreeMap<>(observation.peers());
        Set<ClusterId> own = clustersOfTheGroup(observation);
        List<PeerState> answers = peers.values().stream()
                .filter(state -> state.toldCluster().map(own::contains).orElse(true))
                .toList();
        List<Serving> serving = only(answers, Serving.class);
        Set<ClusterId> withQuorum =
                serving.stream().filter(Serving::healthy).map(Serving::cluster).collect(Collectors.toSet());
        if (withQuorum.size() > 1) {
            return new Several(sorted(withQuorum), true);
        }
        if (withQuorum.size() == 1) {
            return quorate(withQuorum.iterator().next(), serving, peers);
        }
        return withoutQuorum(serving, only(answers, HoldsData.class), peers);
    }

    /** The clusters that answer at the group's own addresses. */
    static Set<ClusterId> clustersOfTheGroup(Observation observation) {
        return observation.group().clusters(observation.peers(), observation.self());
    }

    /** The cluster of an etcd that runs and has had no quorum since its start. */
    static Optional<ClusterId> waitsFor(PeerState state) {
        if (state instanceof PeerState.Forming forming) {
            return Optional.of(forming.cluster());
        }
        return state instanceof HoldsData data ? Optional.of(data.cluster()) : Optional.empty();
    }

    private static Found quorate(ClusterId id, List<Serving> all, Map<Address, PeerState> peers) {
        List<Serving> healthy = all.stream()
                .filter(peer -> peer.healthy() && peer.cluster().equals(id))
                .toList();
        return leader(healthy)
                .or(() -> agreedByMajority(healthy))
                .<Found>map(source -> new Quorate(view(id, source.members(), source.leader(), peers)))
                .orElseGet(() -> new Disagreeing(id));
    }

    /** The leader of the latest term: a deposed one that has not noticed yet has a lower term. */
    private static Optional<Serving> leader(List<Serving> healthy) {
        long term = healthy.stream()
                .filter(Serving::leads)
                .mapToLong(Serving::term)
                .max()
                .orElse(0);
        return onlyList(healthy.stream()
                .filter(Serving::leads)
                .filter(source -> source.term() == term)
                .filter(source ->
                        source.members().stream().anyMatch(member -> member.id().equals(source.self())))
                .toList());
    }

    /** The first of the sources, if they all tell the same members. */
    private static Optional<Serving> onlyList(List<Serving> sources) {
        return sources.stream()
                .findFirst()
                .filter(first -> sources.stream().allMatch(source -> sameMembers(source.members(), first.members())));
    }

    private static Optional<Serving> agreedByMajority(List<Serving> healthy) {
        return onlyList(healthy.stream()
                .filter(source -> {
                    List<Member> voters =
                            source.members().stream().filter(Member::voter).toList();
                    long agreeing = healthy.stream()
                            .filter(peer -> sameMembers(peer.members(), source.members()))
                            .filter(peer ->
                                    voters.stream().anyMatch(voter -> voter.id().equals(peer.self())))
                            .map(Serving::self)
                            .distinct()
                            .count();
                    return !voters.isEmpty() && agreeing >= ClusterView.quorumOf(voters.size());
                })
                .toList());
    }

    /** Whether two lists hold the same members, in whatever order. */
    static boolean sameMembers(List<Member> one, List<Member> other) {
        return one.size() == other.size() && new HashSet<>(one).equals(new HashSet<>(other));
    }

    private static Found withoutQuorum(
            List<Serving> serving, List<HoldsData> holdingData, Map<Address, PeerState> peers) {
        Set<ClusterId> ids = Stream.concat(
                        serving.stream().map(Serving::cluster),
                        holdingData.stream().map(HoldsData::cluster))
                .collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return new Nothing();
        }
        if (ids.size() > 1) {
            return new Several(sorted(ids), false);
        }
        List<Member> members = serving.stream()
                .filter(peer -> !peer.members().isEmpty())
                .max(Comparator.comparingLong(Serving::term).thenComparingLong(Serving::index))
                .map(Serving::members)
                .or(() -> holdingData.stream().map(HoldsData::members).findFirst())
                .orElse(List.of());
        return new WithoutQuorum(view(ids.iterator().next(), members, Optional.empty(), peers));
    }

    private static ClusterView view(
            ClusterId id, List<Member> members, Optional<MemberId> leader, Map<Address, PeerState> peers) {
        Map<MemberId, PeerState> states = new HashMap<>();
        members.forEach(member -> states.put(member.id(), stateOf(member, id, peers)));
        return new ClusterView(id, members, leader, states);
    }

    /**
     * What was seen of a member at its addresses: that it serves, if it does at one of them; else whatever is not plain
     * absence, since only that may count against it.
     */
    private static PeerState stateOf(Member member, ClusterId cluster, Map<Address, PeerState> peers) {
        List<PeerState> seen = member.peerUrls().stream()
                .map(url -> peers.getOrDefault(url.host(), Silent.NOT_ASKED))
                .map(state -> asSeenOf(member, cluster, state))
                .toList();
        return seen.stream()
                .filter(Serving.class::isInstance)
                .findFirst()
                .or(() -> seen.stream().filter(state -> !dark(state)).findFirst())
                .or(() -> seen.stream().filter(Silent.class::isInstance).findFirst())
                .orElseGet(NotServing::new);
    }

    /**
     * Whether a probe found no etcd there. The address of a terminated instance does not refuse connections, it swallows
     * them: silence must count here. That nobody asked must not.
     */
    static boolean dark(PeerState state) {
        return state instanceof NotServing || (state instanceof Silent && !state.equals(Silent.NOT_ASKED));
    }

    private static PeerState asSeenOf(Member member, ClusterId cluster, PeerState state) {
        // Where an address was given to another instance, another member answers: this one does not serve there.
        boolean anotherMember = state instanceof Serving serving
                && !(serving.self().equals(member.id()) && serving.cluster().equals(cluster));
        return anotherMember ? new NotServing() : state;
    }

    private static <T> List<T> only(Collection<PeerState> states, Class<T> type) {
        return states.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static Set<ClusterId> sorted(Set<ClusterId> ids) {
        Set<ClusterId> sorted = new TreeSet<>(Comparator.comparing(ClusterId::toString));
        sorted.addAll(ids);
        return sorted;
    }
}
