package io.etcdaws.membership;

import java.util.List;
import java.util.Optional;

/** Recognises this node in a member list. */
final class Self {
    private Self() {}

    /**
     * Whether the member is this node: its name says so, or, where the name is no instance id, its address. A name that is
     * another instance's id wins over the address, since addresses are given out again.
     */
    static boolean is(Member member, Observation observation) {
        return InstanceId.fromName(member.name())
                .map(observation.self().id()::equals)
                .orElseGet(() -> isHere(member, observation));
    }

    /**
     * Whether one of the member's peer URLs leads to this node, by its address or by another name that its group knows. Where
     * the group does not know this node's address, it knows it by those of another.
     */
    static boolean isHere(Member member, Observation observation) {
        Node self = observation.self();
        Optional<Instance> instance = observation.group().find(self.id()).filter(held -> held.isAt(self.address()));
        return member.isAt(self.address())
                || member.peerUrls().stream()
                        .anyMatch(url ->
                                instance.filter(held -> held.isAt(url.host())).isPresent());
    }

    /** This node's entry in a member list. */
    static Optional<Member> in(List<Member> members, Observation observation) {
        return members.stream().filter(member -> is(member, observation)).findFirst();
    }
}
