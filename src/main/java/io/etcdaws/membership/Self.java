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
    static boolean is(Member member, Node self) {
        return InstanceId.fromName(member.name()).map(self.id()::equals).orElseGet(() -> member.isAt(self.address()));
    }

    /** This node's entry in a member list. */
    static Optional<Member> in(List<Member> members, Node self) {
        return members.stream().filter(member -> is(member, self)).findFirst();
    }
}
