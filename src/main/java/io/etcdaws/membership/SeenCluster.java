package io.etcdaws.membership;

import io.etcdaws.membership.ClusterFinder.Found;
import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.ClusterFinder.WithoutQuorum;
import java.util.Optional;

/**
 * The one cluster that a round saw, for whoever tells of it.
 *
 * @param view its members and what was seen of them; without quorum it may be out of date
 * @param quorate whether it serves with quorum
 */
public record SeenCluster(ClusterView view, boolean quorate) {
    /** The cluster; empty if there is none, or several, or nobody's list can be believed. */
    public static Optional<SeenCluster> in(Observation observation) {
        Found found = ClusterFinder.find(observation);
        if (found instanceof Quorate quorate) {
            return Optional.of(new SeenCluster(quorate.view(), true));
        }
        return found instanceof WithoutQuorum without
                ? Optional.of(new SeenCluster(without.view(), false))
                : Optional.empty();
    }
}
