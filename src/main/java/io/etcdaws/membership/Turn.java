package io.etcdaws.membership;

import io.etcdaws.membership.Continuity.Overdue;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Policy.Staying;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Whose turn it is to change the membership: the node that hosts the leader, at once. It may run no copy of this program that
 * works, so the nodes of the other healthy members take over, each only after the same change has been due for its rank times
 * {@code take-over-after}: voters in the order of their ids, then learners. The lock in etcd keeps two from acting at once.
 *
 * <p>The group's mark is recorded in the same order, where it has none: counted from when nothing else was left to do.
 *
 * <p>A node whose instance the group does not expect never has a turn, and nobody waits for it.
 */
final class Turn {
    private final Member own;
    private final ClusterView view;
    private final Observation observation;
    private final Staying staying;

    Turn(Member own, ClusterView view, Observation observation, Staying staying) {
        this.own = own;
        this.view = view;
        this.observation = observation;
        this.staying = staying;
    }

    /** Makes the change if it is this node's turn, and leaves it to another node if not. */
    Decision take(MembershipChange change, Reason reason) {
        if (isOwn(change)) {
            return new ChangeMembership(change, view, reason);
        }
        return order().stream()
                .filter(member -> !member.equals(own))
                .findFirst()
                .<Decision>map(other -> new LeaveToOther(change, other, reason))
                .orElseGet(() -> Wait.forOthers("a node that the group expects, to " + change, reason));
    }

    /** Whether this node hosts the leader, and the group expects it. */
    boolean leads() {
        return view.leads(own) && expected();
    }

    /** Whether this node may do now what has been due since then. */
    boolean comesAfter(Optional<Instant> dueSince) {
        return leads() || (expected() && takesOver(dueSince));
    }

    private boolean isOwn(MembershipChange change) {
        return comesAfter(observation
                .continuity()
                .overdue()
                .filter(overdue -> overdue.change().equals(change))
                .map(Overdue::since));
    }

    private boolean takesOver(Optional<Instant> dueSince) {
        Duration patience = staying.takeOverAfter().multipliedBy(order().indexOf(own));
        return patience.isZero()
                || dueSince.filter(since ->
                                Duration.between(since, observation.now()).compareTo(patience) >= 0)
                        .isPresent();
    }

    /** Whose nodes may make the change, and after whom: the leader first. */
    private List<Member> order() {
        return view.members().stream()
                .filter(member -> view.leads(member) || view.healthy(member))
                .filter(member -> member.equals(own) || expected(member))
                .sorted(Comparator.<Member, Boolean>comparing(member -> !view.leads(member))
                        .thenComparing(Member::learner)
                        .thenComparing(Member::id))
                .toList();
    }

    /** The program on an instance that the group does not hold makes no change, and is not waited for. */
    private boolean expected(Member member) {
        return Optional.ofNullable(observation.sightings().get(member.id()))
                .flatMap(Sighting::instance)
                .flatMap(observation.group()::find)
                .filter(Instance::expected)
                .isPresent();
    }

    private boolean expected() {
        return observation
                .group()
                .find(observation.self().id())
                .filter(Instance::expected)
                .isPresent();
    }
}
