package io.etcdaws.membership;

import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.Policy.Staying;
import io.etcdaws.membership.Removal.Removable;
import java.util.List;
import java.util.Optional;

/**
 * Rules 6 and 7c to 7h, of a node whose own member is healthy and whose file is in place: what keeps the members as the group
 * wants them. The first that applies, one a round:
 *
 * <ol>
 *   <li>7f: the group is marked as holding this cluster, which serves: until then nothing but its members' data keeps new nodes
 *       from forming another one. Where the mark names a cluster that the operator gave up, only once all voters are healthy;
 *   <li>7g: this node's launch is complete once its member is a healthy voter;
 *   <li>6: a dead member is removed, see {@link Removal};
 *   <li>7c: a learner in step gets its vote, if the healthy voters are a quorum with it;
 *   <li>7d: a learner that has made no progress for {@code learner-timeout} is removed, and one whose instance has been
 *       outside the group for {@code remove-after} while one of the group waits to join. It has no vote, so that this costs no
 *       quorum; the next one can be added only then;
 *   <li>7e: the peer URL of a voter whose instance has another address now is corrected, if the other healthy voters are a
 *       quorum of all. Never of a learner, since etcd would give it a vote by that;
 *   <li>7h: converged, or a wait for whatever is still to come.
 * </ol>
 *
 * <p>Changes are made by one node at a time, see {@link Turn}.
 */
final class Upkeep {
    private final Member own;
    private final ClusterView view;
    private final Observation observation;
    private final Policy policy;
    private final Learners learners;
    private final Turn turn;

    private Upkeep(Member own, ClusterView view, Observation observation, Policy policy, Staying staying) {
        this.own = own;
        this.view = view;
        this.observation = observation;
        this.policy = policy;
        this.learners = new Learners(view, observation, staying.learnerTimeout());
        this.turn = new Turn(own, view, observation, staying);
    }

    /**
     * Decides.
     *
     * @param file what the peers file should hold when nothing is left to do
     */
    static Decision decide(
            Member own,
            ClusterView view,
            InitialCluster file,
            Observation observation,
            Policy policy,
            Staying staying) {
        Upkeep upkeep = new Upkeep(own, view, observation, policy, staying);
        return upkeep.mark()
                .or(upkeep::launched)
                .or(upkeep::dead)
                .or(upkeep::inStep)
                .or(upkeep::stuck)
                .or(upkeep::inTheWay)
                .or(upkeep::moved)
                .or(upkeep::unfinished)
                .orElseGet(() -> new Converged(
                        file,
                        upkeep.reason(
                                Rule.CONVERGED,
                                "every member is a healthy voter, and every instance that the group expects has one")));
    }

    private Optional<Decision> mark() {
        if (observation.continuity().markRefused()) {
            return Optional.empty();
        }
        Optional<String> mark = observation.group().clusterMark();
        return mark.isEmpty() ? firstMark() : overwritten(mark.get());
    }

    /** Recording it twice does no harm. */
    private Optional<Decision> firstMark() {
        return turn.comesAfter(observation.continuity().unmarkedSince())
                ? Optional.of(recorded("the cluster serves with quorum, and nothing says yet that the group has one"))
                : Optional.empty();
    }

    /** Not for nodes that only take over. */
    private Optional<Decision> overwritten(String mark) {
        boolean due = turn.leads()
                && policy.forceNewCluster()
                && !mark.equals(view.id().toString());
        return due && view.healthyVoters() == view.voters().size()
                ? Optional.of(recorded("all voters are healthy, and the operator gave up cluster " + mark))
                : Optional.empty();
    }

    private Decision recorded(String why) {
        return new WriteMark(view.id(), reason(Rule.MARK, why));
    }

    private Optional<Decision> launched() {
        boolean held = observation
                .group()
                .find(observation.self().id())
                .filter(Instance::expected)
                .flatMap(Instance::lifecycle)
                .filter(state -> state.waitsAt(Transition.LAUNCHING))
                .isPresent();
        return held && own.voter() && !observation.continuity().lifecycleHandled()
                ? Optional.of(new CompleteLifecycle(
                        Transition.LAUNCHING,
                        reason(
                                Rule.LAUNCHED,
                                "this node's etcd is a healthy voter: the group may count on this instance")))
                : Optional.empty();
    }

    private Optional<Decision> dead() {
        for (Member member : view.members()) {
            if (Removal.judge(member, view, observation, policy) instanceof Removable removable) {
                return Optional.of(turn.take(
                        new Remove(member), new Reason(Rule.REMOVE, member + " is dead", removable.evidence())));
            }
        }
        return Optional.empty();
    }

    private Optional<Decision> inStep() {
        return learners.ready().stream()
                .filter(learner -> view.keepsQuorumWithHealthyLearner())
                .findFirst()
                .map(learner -> turn.take(
                        new Promote(learner),
                        reason(
                                Rule.PROMOTE,
                                learner + " is in step with the leader, and the healthy voters are a quorum with it")));
    }

    private Optional<Decision> stuck() {
        return expire(
                learners.stuck(),
                " has made no progress for too long, and etcd takes no other learner while it is there");
    }

    private Optional<Decision> inTheWay() {
        return expire(
                learners.outside(policy.removeAfter()),
                " is outside the group, where no learner gets its vote, and an instance of the group waits to join: etcd takes"
                        + " no other learner while it is there");
    }

    private Optional<Decision> expire(List<Member> of, String why) {
        return of.stream()
                .filter(learner -> !learner.equals(own))
                .filter(view::keepsQuorumWithout)
                .findFirst()
                .map(learner -> turn.take(new Remove(learner), reason(Rule.EXPIRE, learner + why)));
    }

    private Optional<Decision> moved() {
        return view.voters().stream()
                .filter(Member::started)
                .flatMap(voter -> addressNow(voter).stream()
                        .filter(address -> view.members().stream().noneMatch(other -> other.isAt(address)))
                        .filter(address -> view.keepsQuorumWhileAway(voter))
                        .map(address -> new Update(voter, policy.peerUrl(address))))
                .findFirst()
                .map(update -> turn.take(
                        update,
                        reason(
                                Rule.PEER_URL,
                                update.member() + " answers at "
                                        + update.peerUrl().host() + ", and no peer URL of it leads to its instance")));
    }

    /** Where a voter's instance is now and its etcd answers, if none of its peer URLs leads there. */
    private Optional<Address> addressNow(Member voter) {
        return InstanceId.fromName(voter.name())
                .flatMap(observation.group()::find)
                .filter(Instance::expected)
                .filter(instance -> voter.peerUrls().stream().noneMatch(url -> instance.isAt(url.host())))
                .flatMap(Instance::address)
                .filter(address -> observation.peers().get(address) instanceof Serving serving
                        && serving.self().equals(voter.id())
                        && serving.cluster().equals(view.id()));
    }

    private Optional<Decision> unfinished() {
        Unfinished unfinished = Unfinished.of(view, observation, policy, learners);
        if (unfinished.isEmpty()) {
            return Optional.empty();
        }
        String waitingFor = String.join("; ", unfinished.all());
        Reason reason = reason(Rule.CONVERGED, "the members are not yet what the group wants");
        return Optional.of(
                unfinished.others().isEmpty() ? Wait.forTime(waitingFor, reason) : Wait.forOthers(waitingFor, reason));
    }

    private Reason reason(Rule rule, String why) {
        return new Reason(
                rule,
                why,
                view.members().stream()
                        .map(member -> member + " " + Describe.state(view.stateOf(member)))
                        .toList());
    }
}
