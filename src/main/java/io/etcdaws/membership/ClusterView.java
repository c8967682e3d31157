package io.etcdaws.membership;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A cluster that serves with quorum: its member list as told by a trustworthy member, and what was seen of each member.
 *
 * @param id the cluster
 * @param members its members, sorted by id
 * @param leader the leader
 * @param states what was seen of each member; every member has an entry
 */
public record ClusterView(
        ClusterId id, List<Member> members, Optional<MemberId> leader, Map<MemberId, PeerState> states) {
    public ClusterView {
        members = members.stream().sorted(Comparator.comparing(Member::id)).toList();
        states = Map.copyOf(states);
    }

    /** How many voters of a number of voters are a quorum. */
    public static int quorumOf(int voters) {
        return voters / 2 + 1;
    }

    /** The members that have a vote. */
    public List<Member> voters() {
        return members.stream().filter(Member::voter).toList();
    }

    /** What was seen of a member of this cluster. */
    public PeerState stateOf(Member member) {
        return Objects.requireNonNull(states.get(member.id()), "a member without a state");
    }

    /** Whether a fresh probe saw the member serve this cluster, with quorum. */
    public boolean healthy(Member member) {
        return stateOf(member) instanceof PeerState.Serving serving && serving.healthy();
    }

    /** How many voters were seen healthy. */
    public int healthyVoters() {
        return (int) voters().stream().filter(this::healthy).count();
    }

    /** Whether the member leads the cluster. */
    public boolean leads(Member member) {
        return leader.filter(member.id()::equals).isPresent();
    }

    /** Whether the voters that would be left without the member include a healthy quorum. */
    public boolean keepsQuorumWithout(Member member) {
        List<Member> left =
                voters().stream().filter(voter -> !voter.equals(member)).toList();
        return left.stream().filter(this::healthy).count() >= quorumOf(left.size());
    }

    /** Whether the healthy voters are a quorum when a learner that is healthy gets its vote. */
    public boolean keepsQuorumWithHealthyLearner() {
        return healthyVoters() + 1 >= quorumOf(voters().size() + 1);
    }

    /** Whether the healthy voters other than that one are a quorum of all voters, that one included. */
    public boolean keepsQuorumWhileAway(Member voter) {
        List<Member> voters = voters();
        long others = voters.stream()
                .filter(other -> !other.equals(voter) && healthy(other))
                .count();
        return others >= quorumOf(voters.size());
    }

    /** Whether the healthy voters are still a quorum when a voter is added that has not started yet. */
    public boolean keepsQuorumWithOneMoreVoter() {
        return healthyVoters() >= quorumOf(voters().size() + 1);
    }
}
