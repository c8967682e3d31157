package io.etcdaws.simulation;

import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One schedule before it runs.
 *
 * @param seed of all that is random while it runs
 * @param nodes how many instances the group wants at first
 * @param version of etcd
 * @param mode of the program
 * @param joinAs how nodes are added
 * @param hooks whether the group has lifecycle hooks
 * @param addressesReused whether a new instance may get the address of one that has ended
 * @param forgetful whether EC2 forgets instances as soon as they have ended
 * @param dataSeen whether the program may see etcd's data directory
 * @param steps what is done to the group, by time
 * @param quietAt when all faults stop, in milliseconds
 */
record Plan(
        long seed,
        int nodes,
        EtcdModel.Version version,
        Mode mode,
        JoinAs joinAs,
        boolean hooks,
        boolean addressesReused,
        boolean forgetful,
        boolean dataSeen,
        List<Step> steps,
        long quietAt) {
    private static final List<Step.Kind> KINDS = List.of(Step.Kind.values());
    private static final int MOST_STEPS = 5;
    private static final long EARLY = 15_000;
    private static final long SPREAD = 45_000;
    private static final long AFTER = 5_000;

    Plan {
        steps = steps.stream().sorted(Comparator.comparingLong(Step::at)).toList();
    }

    /** The plan that a seed stands for. */
    static Plan of(long seed, int fewest, int most) {
        SplittableRandom random = new SplittableRandom(seed);
        long spread = random.nextInt(3) == 0 ? EARLY : EARLY + SPREAD;
        int count = random.nextInt(MOST_STEPS + 1);
        // Small groups come first: they find as much, and take a fraction of the time.
        int nodes = fewest + Math.min(random.nextInt(most - fewest + 1), random.nextInt(most - fewest + 1));
        List<Step> steps = steps(random, count, 0, spread, nodes, KINDS);
        return of(random, nodes, steps, count == 0 ? EARLY : spread + AFTER);
    }

    private static List<Step> steps(
            SplittableRandom random, int count, long begin, long end, int nodes, List<Step.Kind> kinds) {
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Step.Kind kind = kinds.get(random.nextInt(kinds.size()));
            steps.add(new Step(random.nextLong(begin, end), kind, random.nextInt(nodes), 1 + random.nextInt(40)));
        }
        return steps;
    }

    private static Plan of(SplittableRandom random, int nodes, List<Step> steps, long quietAt) {
        EtcdModel.Version[] versions = EtcdModel.Version.values();
        return new Plan(
                random.nextLong(),
                nodes,
                versions[random.nextInt(versions.length)],
                random.nextInt(10) == 0 ? Mode.ONCE : Mode.PERIODIC,
                random.nextInt(4) == 0 ? JoinAs.VOTER : JoinAs.AUTO,
                random.nextInt(3) == 0,
                random.nextInt(3) == 0,
                random.nextInt(4) == 0,
                random.nextInt(6) != 0,
                steps,
                quietAt);
    }

    Plan with(List<Step> fewer) {
        return new Plan(
                seed, nodes, version, mode, joinAs, hooks, addressesReused, forgetful, dataSeen, fewer, quietAt);
    }

    Plan withNodes(int fewer) {
        return new Plan(
                seed, fewer, version, mode, joinAs, hooks, addressesReused, forgetful, dataSeen, steps, quietAt);
    }

    /** In one line. */
    String describe() {
        return nodes + " nodes, etcd " + version.text + ", " + mode + ", join-as " + joinAs + (hooks ? ", hooks" : "")
                + (addressesReused ? ", addresses reused" : "") + (forgetful ? ", EC2 forgets at once" : "")
                + (dataSeen ? "" : ", data directory unknown");
    }
}
