package io.etcdaws.membership;

import io.etcdaws.membership.ClusterFinder.Found;
import io.etcdaws.membership.ClusterFinder.Nothing;
import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.ClusterFinder.Several;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Notice.Kind;
import io.etcdaws.membership.PeerState.NotServing;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Rule 7a: this node's own metadata say that it ends, or may end. Nobody else's word makes a member leave that serves.
 *
 * <p>A node that ends never joins, forms or writes its file. In this order:
 *
 * <ol>
 *   <li>the group wants no instance at all: everything stays as it is, and the instance goes;
 *   <li>the cluster does not list this node (any more): the instance goes;
 *   <li>the healthy voters left are a quorum of the voters left: this node's member is removed;
 *   <li>if not, and it leads: another healthy voter leads from now on, since the end of a leader costs an election;
 *   <li>if not, the instance is held as long as a lifecycle hook can.
 * </ol>
 *
 * <p>A node that only may end hands over its leadership, once, and leaves where that costs the group nothing: as many healthy voters
 * as the group wants instances are there without it.
 */
final class Leaving {
    private static final String WAY_OUT =
            "bring back enough of the cluster's members, or let new ones join; to take the whole"
                    + " cluster down, set the group's desired capacity to 0";

    private final Notice notice;
    private final Observation observation;

    private Leaving(Notice notice, Observation observation) {
        this.notice = notice;
        this.observation = observation;
    }

    /** What a node does that ends; empty if it does not. */
    static Optional<Decision> ending(Found found, Observation observation, Policy policy) {
        return noticed(observation, policy)
                .filter(leaving -> leaving.notice.kind() != Kind.AT_RISK)
                .map(leaving -> leaving.end(found));
    }

    /** What a node does because it may end; empty if it may not, or if there is nothing to do about it. */
    static Optional<Decision> atRisk(ClusterView view, Observation observation, Policy policy) {
        return noticed(observation, policy)
                .filter(leaving -> leaving.notice.kind() == Kind.AT_RISK)
                .flatMap(leaving -> leaving.giveWay(view));
    }

    private static Optional<Leaving> noticed(Observation observation, Policy policy) {
        return observation
                .continuity()
                .notice()
                .filter(notice -> policy.staying().isPresent())
                .map(notice -> new Leaving(notice, observation));
    }

    private Decision end(Found found) {
        if (observation.group().desiredCapacity() == 0) {
            return gone(
                    "the group's desired capacity is 0, so the whole group is taken down on purpose: the members and their"
                            + " data stay as they are");
        }
        if (found instanceof Quorate quorate) {
            return Self.in(quorate.view().members(), observation)
                    .map(own -> leave(own, quorate.view()))
                    .orElseGet(() -> gone("the cluster does not list this node"));
        }
        if (found instanceof Nothing && !mayHoldData() && noEtcdHere()) {
            return gone("no cluster is there, and nothing says that this node has data");
        }
        return hold(
                "a cluster with quorum that this node can leave",
                reason(
                        found instanceof Several several
                                ? "members of more than one cluster were found: " + several.ids()
                                        + "; the data of this node may be the ones that count"
                                : "no cluster with quorum is seen whose member list can be trusted, and without one no"
                                        + " member leaves; the data of this node may be needed"));
    }

    private boolean mayHoldData() {
        return switch (observation.dataDirectory()) {
            case HOLDS_DATA -> true;
            case UNKNOWN -> observation.peersFilePresent();
            case EMPTY -> false;
        };
    }

    /** Nothing filters a node's own address: whatever else is there than a refusal is an etcd, perhaps one that rejects us. */
    private boolean noEtcdHere() {
        return observation.peers().get(observation.self().address()) instanceof NotServing;
    }

    private Decision leave(Member own, ClusterView view) {
        Optional<String> guard = Removal.guardQuorum(own, view);
        if (guard.isEmpty()) {
            return removal(own, view, "this instance ends, so its member leaves");
        }
        // Whom the group shows as leaving would only hand it back.
        return heir(
                        own,
                        view,
                        voter -> observation
                                .group()
                                .behind(voter)
                                .map(Instance::expected)
                                .orElse(true))
                .<Decision>map(heir -> new MoveLeadership(
                        heir,
                        view,
                        reason("this instance ends and its member leads, but may not leave: " + guard.get())))
                .orElseGet(() -> hold(
                        "enough healthy voters to leave",
                        reason("this instance ends, but its member may not leave: " + guard.get())));
    }

    private Optional<Decision> giveWay(ClusterView view) {
        Optional<Member> own = Self.in(view.members(), observation);
        boolean spare = spare(own, view);
        if (own.isEmpty()) {
            return spare
                    ? Optional.of(gone("this instance may end soon, and the group has its voters"))
                    : Optional.empty();
        }
        if (spare && Removal.guardQuorum(own.get(), view).isEmpty()) {
            return Optional.of(removal(
                    own.get(),
                    view,
                    "this instance may end soon, and the group has its voters without this node's member"));
        }
        // Once only: where all nodes are at risk, and may be so for days, leadership would go round for ever.
        return heir(own.get(), view, this::expected)
                .filter(heir -> !observation.continuity().handedOver())
                .map(heir -> new MoveLeadership(heir, view, reason("this instance may end soon and its member leads")));
    }

    /** Whether the group has as many healthy voters as it wants instances, without this node. */
    private boolean spare(Optional<Member> own, ClusterView view) {
        int desired = observation.group().desiredCapacity();
        long others = view.voters().stream()
                .filter(voter -> own.filter(voter::equals).isEmpty())
                .filter(view::healthy)
                .filter(this::expected)
                .count();
        return desired > 0 && others >= desired;
    }

    private boolean expected(Member member) {
        return observation.group().behind(member).filter(Instance::expected).isPresent();
    }

    /**
     * Who leads after this node's member, if that leads. The next by id, round and round: where several nodes are at risk and
     * know it only of themselves, the leadership comes to one that is not, instead of to and fro between two that are.
     */
    private static Optional<Member> heir(Member own, ClusterView view, Predicate<Member> eligible) {
        List<Member> others = view.voters().stream()
                .filter(voter -> view.leads(own) && !voter.equals(own))
                .filter(view::healthy)
                .filter(eligible)
                .toList();
        return others.stream()
                .filter(voter -> voter.id().compareTo(own.id()) > 0)
                .findFirst()
                .or(() -> others.stream().findFirst());
    }

    private ChangeMembership removal(Member own, ClusterView view, String why) {
        return new ChangeMembership(
                new Remove(own), view, new Reason(Rule.LEAVE, why, List.of(said(), Removal.quorumWithout(own, view))));
    }

    private Decision gone(String why) {
        return held() && !observation.continuity().lifecycleHandled()
                ? new CompleteLifecycle(Transition.TERMINATING, reason(why))
                : Wait.forOthers("EC2 to end this instance", reason(why));
    }

    private Decision hold(String waitingFor, Reason reason) {
        return held()
                ? new HoldLifecycle(Transition.TERMINATING, waitingFor, WAY_OUT, reason)
                : Wait.untilSafe(waitingFor, WAY_OUT, reason);
    }

    /** Whether a lifecycle hook holds this instance up. */
    private boolean held() {
        return observation
                .group()
                .find(observation.self().id())
                .flatMap(Instance::lifecycle)
                .filter(state -> state.waitsAt(Transition.TERMINATING))
                .isPresent();
    }

    private Reason reason(String why) {
        return new Reason(Rule.LEAVE, why, List.of(said()));
    }

    private String said() {
        return "this instance's metadata: " + notice.detail();
    }
}
