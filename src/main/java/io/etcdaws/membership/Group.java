package io.etcdaws.membership;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * An auto scaling group at one moment.
 *
 * @param name the group's name
 * @param desiredCapacity how many instances the group should have
 * @param instances all of them, sorted by id
 * @param clusterMark the id of the etcd cluster that this group is known to hold data of (the durable mark, a tag on the
 *     group), as the tag spells it; empty if no cluster is known
 */
public record Group(String name, int desiredCapacity, List<Instance> instances, Optional<String> clusterMark) {
    public Group {
        instances =
                instances.stream().sorted(Comparator.comparing(Instance::id)).toList();
    }

    /** The instance of that id, if the group holds it. */
    public Optional<Instance> find(InstanceId id) {
        for (Instance instance : instances) {
            if (instance.id().equals(id)) {
                return Optional.of(instance);
            }
        }
        return Optional.empty();
    }

    /** The instance that a URL at this host leads to. */
    public Optional<Instance> findAt(Address host) {
        for (Instance instance : instances) {
            if (instance.isAt(host)) {
                return Optional.of(instance);
            }
        }
        return Optional.empty();
    }

    /** The instance behind a member: by the member's name where that is an instance's id, else by its addresses. */
    public Optional<Instance> behind(Member member) {
        return InstanceId.fromName(member.name())
                .map(this::find)
                .orElseGet(() -> member.peerUrls().stream()
                        .flatMap(url -> findAt(url.host()).stream())
                        .findFirst());
    }

    /** The instances that should be members, sorted by id. */
    public List<Instance> expected() {
        return instances.stream().filter(Instance::expected).toList();
    }

    /** Whether it is known of each of them that no etcd is there that holds data. */
    public boolean isQuiet(Map<Address, PeerState> peers) {
        return expected().stream()
                .flatMap(instance -> instance.address().stream())
                .allMatch(address ->
                        peers.getOrDefault(address, PeerState.Silent.NOT_ASKED).quiet());
    }

    /**
     * The clusters with data at the addresses of the group's instances and of this node. A member list may lead to an address that
     * was given to somebody else's machine since: the cluster there is none of ours, whatever it answers.
     */
    public Set<ClusterId> clusters(Map<Address, PeerState> peers, Node self) {
        return peers.entrySet().stream()
                .filter(peer -> peer.getKey().equals(self.address())
                        || findAt(peer.getKey()).isPresent())
                .flatMap(peer -> peer.getValue().toldCluster().stream())
                .collect(Collectors.toSet());
    }

    /** The expected instances that none of these members is of. */
    List<Instance> without(List<Member> members) {
        Set<InstanceId> held = members.stream()
                .flatMap(member -> behind(member).stream())
                .map(Instance::id)
                .collect(Collectors.toSet());
        return expected().stream()
                .filter(instance -> !held.contains(instance.id()))
                .toList();
    }
}
