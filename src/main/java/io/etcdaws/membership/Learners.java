package io.etcdaws.membership;

import io.etcdaws.membership.PeerState.Serving;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What rules 7c and 7d ask of a cluster's learners. */
final class Learners {
    /**
     * How many entries of the log a learner in step may be behind the leader. The two are asked one after the other, and a busy
     * etcd writes up to ten thousand entries a second, so that a learner which follows at once may look a tenth of a second
     * behind. Fewer than the 5000 that etcd keeps for slow followers, so that no snapshot is under way. etcd's own check is
     * wider: nine tenths of the leader's index.
     */
    static final long MOST_ENTRIES_BEHIND = 1_000;

    private final ClusterView view;
    private final Observation observation;
    private final Duration timeout;

    Learners(ClusterView view, Observation observation, Duration timeout) {
        this.view = view;
        this.observation = observation;
        this.timeout = timeout;
    }

    /** The learners that are in step, and whose instance the group expects. */
    List<Member> ready() {
        return ours().stream()
                .filter(this::inStep)
                .filter(learner -> observation
                        .group()
                        .behind(learner)
                        .filter(Instance::expected)
                        .isPresent())
                .toList();
    }

    /** The learners that are not in step, and that have made no progress for too long. */
    List<Member> stuck() {
        return ours().stream()
                .filter(learner -> !inStep(learner))
                .filter(learner -> Optional.ofNullable(
                                observation.continuity().learnersIdleSince().get(learner.id()))
                        .filter(since ->
                                Duration.between(since, observation.now()).compareTo(timeout) >= 0)
                        .isPresent())
                .toList();
    }

    /**
     * The learners whose instance has been outside the group for that long, by direct look-ups. Only while an instance of the
     * group has no member yet: then they hold it up, since etcd takes one learner at a time.
     */
    List<Member> outside(Duration removeAfter) {
        List<Member> outside = ours().stream()
                .filter(learner -> Optional.ofNullable(observation.sightings().get(learner.id()))
                        .filter(sighting ->
                                sighting.instance().isPresent() && !sighting.inGroup() && sighting.reads() >= 2)
                        .filter(sighting -> sighting.lasting().compareTo(removeAfter) >= 0)
                        .isPresent())
                .toList();
        boolean inTheWay = !outside.isEmpty()
                && !observation.group().without(view.members()).isEmpty();
        return inTheWay ? outside : List.of();
    }

    /** The learners that are not somebody else's. An unnamed one is nobody else's as far as can be seen. */
    List<Member> ours() {
        return view.members().stream()
                .filter(Member::learner)
                .filter(learner -> !Removal.foreign(learner, observation))
                .toList();
    }

    private boolean inStep(Member learner) {
        Optional<Long> leader = view.members().stream()
                .filter(view::leads)
                .flatMap(member -> index(member).stream())
                .findFirst();
        Optional<Long> applied = index(learner);
        return learner.started()
                && leader.isPresent()
                && applied.isPresent()
                && leader.get() - applied.get() <= MOST_ENTRIES_BEHIND;
    }

    /** How far a member has applied the log; empty if it is not healthy or does not tell. */
    private Optional<Long> index(Member member) {
        return view.stateOf(member) instanceof Serving serving && serving.healthy() && serving.index() > 0
                ? Optional.of(serving.index())
                : Optional.empty();
    }
}
