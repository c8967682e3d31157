package io.etcdaws.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes a plan that fails as short as it can be: without the steps that it fails without, and as small as it may be. */
final class Shrinker {
    private final Stage stage;
    private final String invariant;

    private Shrinker(Stage stage, String invariant) {
        this.stage = stage;
        this.invariant = invariant;
    }

    /** A plan that breaks the same invariant, with as few steps as possible. */
    static Plan shrink(Plan plan, Violation violation, Stage stage) {
        return new Shrinker(stage, violation.invariant()).withoutWhatIsNotNeeded(plan);
    }

    private Plan withoutWhatIsNotNeeded(Plan plan) {
        Plan shortest = plan;
        for (int i = 0; i < shortest.steps().size(); i++) {
            List<Step> fewer = new ArrayList<>(shortest.steps());
            fewer.remove(i);
            Plan candidate = shortest.with(fewer);
            if (fails(candidate)) {
                shortest = candidate;
                i = -1;
            }
        }
        for (int nodes = 3; nodes < shortest.nodes(); nodes++) {
            Plan smaller = shortest.withNodes(nodes);
            if (fails(smaller)) {
                return smaller;
            }
        }
        return shortest;
    }

    private boolean fails(Plan plan) {
        Optional<Violation> found = Simulation.run(plan, stage, new Coverage());
        return found.filter(violation -> violation.invariant().equals(invariant))
                .isPresent();
    }
}
