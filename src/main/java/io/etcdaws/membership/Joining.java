package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Removal.NotYet;
import io.etcdaws.membership.Removal.Removable;
import io.etcdaws.membership.Removal.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rule 4: a cluster serves with quorum, and this node is not in it. In this order:
 *
 * <ol>
 *   <li>data of a member that the cluster does not list are never joined over;
 *   <li>an instance that its group does not expect does not join, nor one whose etcd runs as something else, nor any while
 *       members of another cluster are in the group;
 *   <li>the dead are removed, one a round, since etcd refuses additions while a voter is down;
 *   <li>while another member is added but has not started, this node waits: etcd compares the list at each first start;
 *   <li>this node is added: as a voter if the healthy voters are a quorum with it, else as a learner. In the periodic mode as
 *       a learner wherever etcd knows learners, since somebody stays who gives it its vote.
 * </ol>
 */
final class Joining {
    private final ClusterView view;
    private final Observation observation;
    private final Policy policy;

    private Joining(ClusterView view, Observation observation, Policy policy) {
        this.view = view;
        this.observation = observation;
        this.policy = policy;
    }

    static Decision decide(ClusterView view, Observation observation, Policy policy) {
        Joining joining = new Joining(view, observation, policy);
        return joining.admission().or(joining::dead).or(joining::othersJoining).orElseGet(joining::add);
    }

    private Optional<Decision> admission() {
        if (observation.dataDirectory() == DataDirectory.HOLDS_DATA) {
            return Optional.of(new Refuse(
                    "move the member/ directory in etcd's data directory away (keep it until you are sure), then run again",
                    reason(
                            "this node holds data of a member that the cluster does not list; a removed member's data must"
                                    + " not be used again")));
        }
        return Standing.ofSelf(observation, Rule.JOIN).or(this::ownEtcd).or(this::otherCluster);
    }

    private Optional<Decision> ownEtcd() {
        PeerState here = observation.peers().getOrDefault(observation.self().address(), Silent.NOT_ASKED);
        return here instanceof NotServing || here.equals(Silent.NOT_ASKED)
                ? Optional.empty()
                : Optional.of(Wait.untilSafe(
                        "the etcd at this node's own address to stop",
                        "stop etcd on this node and move its data directory away, then run again",
                        new Reason(
                                Rule.JOIN,
                                "the cluster does not list this node, but an etcd runs here, or hangs, that cannot become its member",
                                List.of(Describe.state(here)))));
    }

    /** The one that has quorum may be an etcd that was started by mistake, and the other the one whose data count. */
    private Optional<Decision> otherCluster() {
        Set<ClusterId> clusters = ClusterFinder.clustersOfTheGroup(observation);
        return clusters.stream().allMatch(view.id()::equals)
                ? Optional.empty()
                : Optional.of(Wait.untilSafe(
                        "one cluster in the group",
                        "find out which one holds the data that count, and stop the others' etcd",
                        new Reason(
                                Rule.SEVERAL,
                                "cluster " + view.id() + " serves, and members of another are in the group",
                                Describe.peers(observation))));
    }

    private Optional<Decision> dead() {
        List<NotYet> pending = new ArrayList<>();
        for (Member member : view.members()) {
            Verdict verdict = Removal.judge(member, view, observation, policy);
            if (verdict instanceof Removable removable) {
                return Optional.of(new ChangeMembership(
                        new Remove(member),
                        view,
                        new Reason(
                                Rule.REMOVE,
                                member + " is dead and in the way of this node's joining",
                                removable.evidence())));
            }
            if (verdict instanceof NotYet notYet) {
                pending.add(notYet);
            }
        }
        if (pending.isEmpty()) {
            return Optional.empty();
        }
        List<String> until = pending.stream().map(NotYet::until).toList();
        String waitingFor = "the removal of a dead member: " + String.join("; ", until);
        Reason reason = new Reason(Rule.REMOVE, "the dead leave before this node joins", until);
        return Optional.of(
                pending.stream().allMatch(NotYet::timePasses)
                        ? Wait.forTime(waitingFor, reason)
                        : Wait.forOthers(waitingFor, reason));
    }

    private Optional<Decision> othersJoining() {
        Optional<Member> atOwnAddress = view.members().stream()
                .filter(member -> Self.isHere(member, observation))
                .findFirst();
        if (atOwnAddress.isPresent()) {
            return Optional.of(Wait.untilSafe(
                    "the member at this node's own address to leave",
                    "remove it with etcdctl if its instance is gone for good",
                    reason(atOwnAddress.get()
                            + " is listed under this node's address but named for another instance")));
        }
        return view.members().stream()
                .filter(member -> !member.started())
                .findFirst()
                .map(
                        member -> Wait.forOthers(
                                "member " + member + " to start, or its instance to be terminated",
                                reason(
                                        "another member is joining; one at a time, since etcd compares the list when it starts")));
    }

    private Decision add() {
        if (policy.joinAs() == JoinAs.AUTO && staying() && learnersKnown()) {
            return addAsLearner("it gets its vote when it is in step, so that it cannot cost the cluster its quorum");
        }
        if (policy.joinAs() == JoinAs.LEARNER) {
            return learnersKnown() ? addAsLearner("join-as is learner") : noLearners();
        }
        if (view.keepsQuorumWithOneMoreVoter()) {
            return addAs(false, "the healthy voters are a quorum with one more");
        }
        if (view.voters().size() > 1) {
            return Wait.forOthers(
                    "more healthy voters",
                    reason("with one more voter the cluster would need "
                            + ClusterView.quorumOf(view.voters().size() + 1) + " healthy voters and has "
                            + view.healthyVoters()));
        }
        if (learnersKnown()) {
            return addAsLearner("a second voter would stop a cluster of one until it runs");
        }
        return policy.joinAs() == JoinAs.VOTER
                ? addAs(false, "the operator accepts that a cluster of one stops until its second voter runs")
                : noLearners();
    }

    private Decision noLearners() {
        if (!view.voters().stream().map(view::stateOf).allMatch(Serving.class::isInstance)) {
            return Wait.forOthers(
                    "every voter to answer",
                    reason("that this cluster's etcd knows learners is not seen of every voter"));
        }
        return new Refuse(
                "set membership.join-as to voter to join as a voter; a cluster of one then stops until this node's etcd runs",
                reason(
                        "this node would have to join as a learner, and this cluster's etcd knows none (3.4 and newer do, over"
                                + " the v3 API)"));
    }

    /** etcd takes one learner at a time: one that is ready gets its vote first. */
    private Decision addAsLearner(String why) {
        Optional<Member> learner =
                view.members().stream().filter(Member::learner).findFirst();
        if (learner.isEmpty()) {
            return addAs(true, why);
        }
        Sighting sighting = observation.sightings().get(learner.get().id());
        boolean ours = sighting != null && sighting.inGroup();
        // In the periodic mode the promotion is the upkeep's, which knows whether the learner is in step.
        return ours && view.keepsQuorumWithHealthyLearner() && view.healthy(learner.get()) && !staying()
                ? new ChangeMembership(
                        new Promote(learner.get()),
                        view,
                        reason("etcd takes one learner at a time, and this one serves"))
                : Wait.forOthers("learner " + learner.get() + " to become a voter", reason("etcd takes one at a time"));
    }

    private boolean staying() {
        return policy.staying().isPresent();
    }

    private Decision addAs(boolean learner, String why) {
        return new ChangeMembership(
                new Add(policy.peerUrl(observation.self().address()), learner),
                view,
                reason("the cluster serves and does not list this node; " + why));
    }

    /**
     * Whether all voters know learners: as the cluster itself says, which has heard of each, also of one that is silent now;
     * or as each says, while a cluster that has just formed has not told its version yet.
     */
    private boolean learnersKnown() {
        List<Serving> serving = view.voters().stream()
                .map(view::stateOf)
                .filter(Serving.class::isInstance)
                .map(Serving.class::cast)
                .toList();
        boolean ofCluster = serving.stream().anyMatch(voter -> voter.healthy() && hasLearners(voter.clusterVersion()));
        boolean ofEach = serving.size() == view.voters().size()
                && serving.stream().allMatch(voter -> hasLearners(voter.version()));
        return (ofCluster || ofEach) && serving.stream().allMatch(voter -> voter.api() == Api.V3);
    }

    private static boolean hasLearners(String version) {
        return EtcdVersion.parse(version).atLeast(3, 4);
    }

    private Reason reason(String why) {
        return new Reason(
                Rule.JOIN,
                why,
                view.members().stream()
                        .map(member -> member + " " + Describe.state(view.stateOf(member)))
                        .toList());
    }
}
