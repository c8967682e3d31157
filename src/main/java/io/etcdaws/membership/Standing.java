package io.etcdaws.membership;

import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import java.util.List;
import java.util.Optional;

/** What this node's own place in its group forbids. */
final class Standing {
    private Standing() {}

    /** What stands against this node becoming a member; empty if its group expects it. */
    static Optional<Decision> ofSelf(Observation observation, Rule rule) {
        InstanceId id = observation.self().id();
        Optional<Instance> self = observation.group().find(id);
        String group = observation.group().name();
        if (self.isEmpty()) {
            return Optional.of(Wait.forOthers(
                    "group " + group + " to hold this instance",
                    new Reason(Rule.IDENTITY, id + " is not in the group's answer", List.of())));
        }
        if (self.get().expected()) {
            return Optional.empty();
        }
        List<String> evidence = List.of(Describe.instance(self.get()));
        boolean warm = self.get()
                .lifecycle()
                .filter(state -> state.standing() == LifecycleState.Standing.NOT_YET)
                .isPresent();
        return Optional.of(
                warm
                        ? Wait.forOthers(
                                "this instance to leave the warm pool",
                                new Reason(rule, "it is no part of group " + group + " yet", evidence))
                        : new Refuse(
                                "nothing: its replacement will join",
                                new Reason(rule, "this instance is leaving group " + group, evidence)));
    }
}
