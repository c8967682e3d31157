package io.etcdaws.membership;

import io.etcdaws.membership.PeerState.NotServing;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Rule 6: whether a member may be removed. All guards must hold: its instance is over, its etcd does not serve, and the
 * healthy voters that are left are a quorum of the voters that are left.
 *
 * <p>An instance is over if
 *
 * <ul>
 *   <li>it is terminated or shutting down: one look-up is enough, since no instance comes back from there;
 *   <li>EC2 does not know it, for {@code confirm-after}, since EC2's answers may lag behind;
 *   <li>it is stopped, or outside the group, for {@code remove-after}, since it may come back;
 *   <li>the member was added and has not started, and EC2 knows of no instance at its address, for {@code remove-after}: it may
 *       be a node that died before its start, or a machine that an operator is adding by hand.
 * </ul>
 *
 * <p>All but the first take two look-ups or more, and count from the first to the last.
 */
final class Removal {
    private Removal() {}

    /** Whether a member is to be removed. */
    sealed interface Verdict {}

    /** It belongs to the cluster, or it is not known to be dead. */
    record Stays() implements Verdict {}

    /**
     * It is dead, as far as can be seen, but may not be removed yet.
     *
     * @param until what must happen first
     * @param timePasses whether that takes only time
     */
    record NotYet(String until, boolean timePasses) implements Verdict {}

    /**
     * It may be removed now.
     *
     * @param evidence why, one observation a line
     */
    record Removable(List<String> evidence) implements Verdict {}

    /** Judges a member by what is known of its instance and of its etcd. */
    static Verdict judge(Member member, ClusterView view, Observation observation, Policy policy) {
        Sighting sighting = observation.sightings().get(member.id());
        if (sighting == null || foreign(member, sighting) || !dark(member, view)) {
            return new Stays();
        }
        Optional<Duration> proof = timeToProve(sighting, policy);
        if (proof.isEmpty() || mayBeCutOff(member, view, sighting)) {
            return new Stays();
        }
        boolean proven = sighting.lasting().compareTo(proof.get()) >= 0
                && (sighting.state().terminal() || sighting.reads() >= 2);
        if (!proven) {
            return new NotYet(
                    fate(member, sighting) + " must be confirmed for "
                            + Describe.duration(proof.get().minus(sighting.lasting())) + " more",
                    true);
        }
        return guardQuorum(member, view)
                .<Verdict>map(forbidden -> new NotYet(forbidden, false))
                .orElseGet(() -> new Removable(evidence(member, view, sighting)));
    }

    /** What forbids the removal for the sake of quorum, if anything does. */
    static Optional<String> guardQuorum(Member member, ClusterView view) {
        return view.keepsQuorumWithout(member)
                ? Optional.empty()
                : Optional.of("without " + member + " the cluster would need "
                        + ClusterView.quorumOf(votersLeft(member, view).size()) + " healthy voters and has "
                        + votersLeft(member, view).stream()
                                .filter(view::healthy)
                                .count());
    }

    /** Whether a fresh probe of both its ports found no etcd that could be this member. */
    static boolean dark(Member member, ClusterView view) {
        return ClusterFinder.dark(view.stateOf(member));
    }

    /**
     * Whether the member is only silent while its machine runs: then it may serve all others, with a filter between it and
     * us, and only a refusal would prove that it does not.
     */
    private static boolean mayBeCutOff(Member member, ClusterView view, Sighting sighting) {
        boolean running = switch (sighting.state()) {
            case PENDING, RUNNING, STOPPING -> true;
            case STOPPED, SHUTTING_DOWN, TERMINATED, NOT_FOUND -> false;
        };
        return running && !(view.stateOf(member) instanceof NotServing);
    }

    /** Whether neither name nor addresses lead to an instance of this account: somebody else's, never to be removed. */
    static boolean foreign(Member member, Sighting sighting) {
        return !member.name().isEmpty()
                && InstanceId.fromName(member.name()).isEmpty()
                && sighting.instance().isEmpty();
    }

    /** Whether the member is somebody else's, as far as is known: one whose instance nobody looked up may be. */
    static boolean foreign(Member member, Observation observation) {
        return Optional.ofNullable(observation.sightings().get(member.id()))
                .map(sighting -> foreign(member, sighting))
                .orElseGet(() -> !member.name().isEmpty()
                        && InstanceId.fromName(member.name()).isEmpty());
    }

    /** For how long the sighting must have lasted to prove that the instance is over; empty if it does not say so. */
    private static Optional<Duration> timeToProve(Sighting sighting, Policy policy) {
        return switch (sighting.state()) {
            case SHUTTING_DOWN, TERMINATED -> Optional.of(Duration.ZERO);
            case NOT_FOUND -> timeToProveUnknown(sighting, policy);
            case STOPPING, STOPPED -> Optional.of(policy.removeAfter());
            case PENDING, RUNNING -> sighting.inGroup() ? Optional.empty() : Optional.of(policy.removeAfter());
        };
    }

    private static Optional<Duration> timeToProveUnknown(Sighting sighting, Policy policy) {
        if (sighting.inGroup()) {
            // The group still holds what EC2 does not know: one of the two answers is behind.
            return Optional.empty();
        }
        // Without an id nothing says that there ever was an instance: somebody may be adding a machine of their own.
        return Optional.of(sighting.instance().isPresent() ? policy.confirmAfter() : policy.removeAfter());
    }

    private static String fate(Member member, Sighting sighting) {
        String instance = sighting.instance().map(InstanceId::toString).orElse("the instance at " + member.peerUrls());
        return switch (sighting.state()) {
            case SHUTTING_DOWN, TERMINATED -> instance + " is terminated";
            case NOT_FOUND -> "EC2 does not know " + instance + ", which";
            case STOPPING, STOPPED -> instance + " is stopped, which";
            case PENDING, RUNNING -> instance + " is outside the group, which";
        };
    }

    private static List<String> evidence(Member member, ClusterView view, Sighting sighting) {
        return List.of(
                member + ": " + Describe.state(view.stateOf(member)),
                "its instance: " + Describe.sighting(sighting),
                quorumWithout(member, view));
    }

    /** What the healthy voters would be to the voters without the member. */
    static String quorumWithout(Member member, ClusterView view) {
        List<Member> left = votersLeft(member, view);
        return "quorum without it: " + ClusterView.quorumOf(left.size()) + " of " + left.size() + " voters, "
                + left.stream().filter(view::healthy).count() + " healthy";
    }

    private static List<Member> votersLeft(Member removed, ClusterView view) {
        return view.voters().stream().filter(voter -> !voter.equals(removed)).toList();
    }
}
