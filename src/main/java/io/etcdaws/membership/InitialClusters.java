package io.etcdaws.membership;

import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.InitialCluster.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Puts together what the peers file says: from the group's instances, or from a member list. */
final class InitialClusters {
    private static final Pattern WRITABLE = Pattern.compile("[A-Za-z0-9._~:/@%+-]+");

    private InitialClusters() {}

    /** The expected instances that have an address, and this node in any case. */
    static InitialCluster ofGroup(State state, Observation observation, Policy policy) {
        Node self = observation.self();
        Stream<Entry> others = observation.group().expected().stream()
                .filter(instance -> !instance.id().equals(self.id()))
                .filter(instance -> instance.address().isPresent())
                .filter(instance -> !instance.address().equals(Optional.of(self.address())))
                .map(instance ->
                        entry(instance.id(), policy.peerUrl(instance.address().get())));
        Stream<Entry> own = Stream.of(entry(self.id(), policy.peerUrl(self.address())));
        return new InitialCluster(
                state, self.id().value(), Stream.concat(others, own).toList(), false);
    }

    private static Entry entry(InstanceId name, PeerUrl url) {
        return new Entry(name.value(), url.text());
    }

    /** Exactly the members listed, as etcd wants it of a node that joins. */
    static InitialCluster ofMembers(State state, List<Member> members, Observation observation) {
        return ofMembers(state, members, Self.in(members, observation), observation);
    }

    /** Exactly the members listed; this node is the one at its address, whatever name it goes by in the list. */
    static InitialCluster ofForming(List<Member> members, Observation observation) {
        Optional<Member> own = members.stream()
                .filter(member -> Self.isHere(member, observation))
                .findFirst();
        return ofMembers(State.NEW, members, own, observation);
    }

    private static InitialCluster ofMembers(
            State state, List<Member> members, Optional<Member> own, Observation observation) {
        String name = observation.self().id().value();
        return new InitialCluster(state, name, entries(members, own, observation), false);
    }

    /** The members that have started, for a node that is none of them. */
    static InitialCluster forProxy(ClusterView view, Observation observation) {
        List<Member> started = view.members().stream().filter(Member::started).toList();
        return new InitialCluster(
                State.EXISTING, observation.self().id().value(), entries(started, Optional.empty(), observation), true);
    }

    private static List<Entry> entries(List<Member> members, Optional<Member> own, Observation observation) {
        String ownName = observation.self().id().value();
        Set<String> taken = new HashSet<>();
        Map<MemberId, String> names = new HashMap<>();
        own.ifPresent(self -> names.put(self.id(), ownName));
        taken.add(ownName);
        // Names as the cluster tells them go first, so that none is taken by a member that has no name yet.
        for (Member member : members) {
            if (writable(member.name())
                    && unique(member, members)
                    && !names.containsKey(member.id())
                    && taken.add(member.name())) {
                names.put(member.id(), member.name());
            }
        }
        List<Entry> entries = new ArrayList<>();
        for (Member member : members) {
            String name = names.computeIfAbsent(member.id(), id -> substitute(member, taken, observation));
            member.peerUrls().forEach(url -> entries.add(new Entry(name, url.text())));
        }
        return entries;
    }

    private static boolean unique(Member member, List<Member> members) {
        return members.stream()
                        .filter(other -> other.name().equals(member.name()))
                        .count()
                == 1;
    }

    /** Whether a name can stand in every format of the peers file; others give way to a substitute, as doubles do. */
    private static boolean writable(String name) {
        return WRITABLE.matcher(name).matches();
    }

    /** A name that is unique in the list: etcd merges entries of one name, and does not compare the names of others. */
    private static String substitute(Member member, Set<String> taken, Observation observation) {
        return instanceOf(member, observation)
                .map(InstanceId::value)
                .filter(taken::add)
                .orElse(member.id().toString());
    }

    private static Optional<InstanceId> instanceOf(Member member, Observation observation) {
        return member.peerUrls().stream()
                .flatMap(url -> observation.group().findAt(url.host()).stream())
                .map(Instance::id)
                .findFirst()
                .or(() -> Optional.ofNullable(observation.sightings().get(member.id()))
                        .flatMap(Sighting::instance));
    }
}
