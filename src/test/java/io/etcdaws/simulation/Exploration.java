package io.etcdaws.simulation;

import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The small core without chance: three nodes, every pair of crashes at one of the program's next calls on any two machines, while
 * the cluster is formed, and while a member is replaced.
 */
final class Exploration {
    /** While it is formed: all machines run, and none has its file yet. */
    private static final long FORMING = 6_000;

    private static final long ENDS = 20_000;
    private static final long REPLACING = 25_000;
    private static final int NODES = 3;

    private final Stage stage = Stage.create();
    private final Set<Long> states = new HashSet<>();
    private int schedules;

    /** Explores crashes at the next calls, up to that many; the first plan that fails. */
    Optional<String> explore(int calls) {
        try {
            Optional<String> failed = pairs(List.of(), FORMING, calls);
            Step end = new Step(ENDS, Step.Kind.TERMINATE, 1, 1);
            return failed.isPresent() ? failed : pairs(List.of(end), REPLACING, calls);
        } finally {
            stage.close();
        }
    }

    private Optional<String> pairs(List<Step> before, long at, int calls) {
        for (int one = 0; one < NODES * calls; one++) {
            for (int other = one; other < NODES * calls; other++) {
                List<Step> steps = new ArrayList<>(before);
                steps.add(crash(at, one));
                steps.add(crash(at + 1, other));
                Plan plan = plan(steps);
                schedules++;
                Optional<Violation> violation = Simulation.explore(plan, stage, states);
                if (violation.isPresent()) {
                    return Optional.of(steps + ": " + violation.get().getMessage());
                }
            }
        }
        return Optional.empty();
    }

    private static Step crash(long at, int choice) {
        return new Step(at, Step.Kind.CRASH_AT_CALL, choice % NODES, choice / NODES);
    }

    private static Plan plan(List<Step> steps) {
        return new Plan(
                1,
                NODES,
                EtcdModel.Version.V3_5,
                Mode.PERIODIC,
                JoinAs.AUTO,
                false,
                false,
                false,
                true,
                steps,
                REPLACING + 10_000);
    }

    int schedules() {
        return schedules;
    }

    /** How many states of the group there were that differ in what is on disks, in etcd, in AWS and in decisions. */
    int states() {
        return states.size();
    }
}
