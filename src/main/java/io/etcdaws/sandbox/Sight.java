package io.etcdaws.sandbox;

import io.etcdaws.sandbox.aws.CloudInstance;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that can be seen at one moment.
 *
 * @param desired the group's desired capacity
 * @param refreshing whether an instance refresh is under way
 * @param nodes those of the instances that are in the group
 * @param strays members without such an instance
 */
record Sight(String group, int desired, boolean refreshing, List<NodeSight> nodes, List<MemberSight> strays) {
    /** Nothing yet. */
    static Sight nothing(String group) {
        return new Sight(group, 0, false, List.of(), List.of());
    }

    List<MemberSight> members() {
        return Stream.concat(nodes.stream().flatMap(node -> node.member().stream()), strays.stream())
                .toList();
    }

    long inService() {
        return nodes.stream().filter(node -> node.instance().inService()).count();
    }

    long voters() {
        return members().stream().filter(MemberSight::isVoter).count();
    }

    /** How many voters must agree. */
    long quorum() {
        return voters() / 2 + 1;
    }

    /** How many voters can agree. */
    long serving() {
        return nodes.stream().filter(NodeSight::serves).count();
    }

    /** How many voters may still come back. */
    long votersWithInstance() {
        return nodes.stream()
                .filter(node -> node.member().filter(MemberSight::isVoter).isPresent())
                .count();
    }

    boolean hasQuorum() {
        return serving() >= quorum();
    }

    /** Whether there are too few machines for the quorum to come back. */
    boolean isLost() {
        return !hasQuorum() && votersWithInstance() < quorum();
    }

    boolean hasLeader() {
        return members().stream().anyMatch(MemberSight::leader);
    }

    /** Whether the group is whole, its instances are the voters, all is in order, and every daemon says so. */
    boolean converged() {
        return !refreshing
                && nodes.size() == desired
                && strays.isEmpty()
                && hasLeader()
                && nodes.stream().allMatch(Sight::isInOrder);
    }

    private static boolean isInOrder(NodeSight node) {
        return node.instance().inService()
                && node.serves()
                && node.verdict().filter(NodeSight.Verdict::converged).isPresent();
    }

    /**
     * The node that a user means: by number, instance id or address, or as {@code leader}, {@code follower}, {@code
     * newest} or {@code cut}.
     */
    Optional<NodeSight> find(String name) {
        Comparator<NodeSight> byAge =
                Comparator.comparing(node -> node.instance().number());
        return switch (name) {
            case "leader" ->
                nodes.stream()
                        .filter(node ->
                                node.member().filter(MemberSight::leader).isPresent())
                        .findFirst();
            case "follower" ->
                nodes.stream()
                        .filter(node -> node.member()
                                .filter(member -> member.isVoter() && !member.leader())
                                .isPresent())
                        .min(byAge);
            case "cut" -> nodes.stream().filter(NodeSight::cutOff).findFirst();
            case "newest" -> nodes.stream().max(byAge);
            default ->
                nodes.stream().filter(node -> isNamed(node.instance(), name)).findFirst();
        };
    }

    private static boolean isNamed(CloudInstance instance, String name) {
        return name.equals(Integer.toString(instance.number()))
                || name.equals(instance.id())
                || name.equals(instance.address());
    }
}
