package io.etcdaws.it;

import io.etcdaws.it.Firewall.Cut;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * One random fault after another on a group that is written to all the time. After each, the members must be the group again;
 * what must never be is looked for throughout.
 */
final class Soak {
    /** What can happen. */
    private enum Fault {
        INSTANCE_TERMINATED,
        SEVERAL_TERMINATED,
        MACHINE_REBOOTED,
        DISK_LOST,
        MACHINE_HUNG,
        CUT_INBOUND,
        CUT_OUTBOUND,
        CUT_OFF,
        CUT_OFF_AND_TERMINATED,
        ETCD_KILLED,
        PROGRAM_KILLED,
        PROGRAMS_KILLED_WHILE_ONE_IS_REPLACED,
        LEADER_KILLED,
        AWS_THROTTLED,
        AWS_SILENT,
        GROUP_EMPTY,
        TWO_HIDDEN,
        METADATA_GONE,
        SCALED_OUT,
        SCALED_IN,
        QUORUM_LOST_AND_BACK
    }

    private static final int SHORTEST_FAULT_MILLIS = 1500;
    private static final int LONGEST_FAULT_MILLIS = 8000;
    private static final int LONGEST_PAUSE_MILLIS = 2000;

    /** After so many addresses of a /24, those of the dead are given out again, always. */
    private static final int NEW_ADDRESSES = 150;

    /** For how long the group may be other than its members after a fault is over. */
    static final Duration CONVERGENCE = Duration.ofSeconds(90);

    private final LiveGroup live;
    private final Random random;
    private final int fewest;
    private final int most;
    private final Map<Fault, Integer> survived = new EnumMap<>(Fault.class);
    private Duration longest = Duration.ZERO;
    private String longestAfter = "";
    private int launched;

    /**
     * Strikes a group that is formed.
     *
     * @param fewest as few nodes as the group shrinks to
     * @param most as many nodes as it grows to
     */
    Soak(LiveGroup live, Random random, int fewest, int most) {
        this.live = live;
        this.random = random;
        this.fewest = fewest;
        this.most = most;
    }

    void run(Duration time) {
        live.holdsUpInstances();
        long started = System.nanoTime();
        while (System.nanoTime() - started < time.toNanos()) {
            List<Fault> possible =
                    Arrays.stream(Fault.values()).filter(this::isPossible).toList();
            Fault fault = possible.get(random.nextInt(possible.size()));
            String what = strike(fault);
            Duration took = live.awaitConverged(CONVERGENCE);
            if (took.compareTo(longest) > 0) {
                longest = took;
                longestAfter = what;
            }
            survived.merge(fault, 1, Integer::sum);
            System.out.printf(
                    "%6.1f s: %s; %d members again after %.1f s%n",
                    (System.nanoTime() - started) / 1e9, what, live.running().size(), took.toMillis() / 1e3);
            List<String> violations = live.violationsSeen();
            if (!violations.isEmpty()) {
                throw new AssertionError(what + ": " + violations);
            }
            Pauses.sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
        }
    }

    private boolean isPossible(Fault fault) {
        int nodes = live.running().size();
        return switch (fault) {
            case SEVERAL_TERMINATED, CUT_OFF_AND_TERMINATED -> bearable() > 1;
            case SCALED_OUT -> nodes < most;
            case SCALED_IN -> nodes > fewest;
            default -> true;
        };
    }

    /** How many nodes may fail at once with quorum left. */
    private int bearable() {
        return (live.running().size() - 1) / 2;
    }

    private String strike(Fault fault) {
        String what = fault.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        live.recorder().remark("fault: " + what);
        return what + strike(fault, some(1 + random.nextInt(bearable())));
    }

    private String strike(Fault fault, List<LabNode> victims) {
        LabNode victim = victims.get(0);
        return switch (fault) {
            case INSTANCE_TERMINATED -> replace(List.of(victim));
            case SEVERAL_TERMINATED -> replace(some(bearable()));
            case MACHINE_REBOOTED -> each(victims, node -> node.machine().reboot());
            case DISK_LOST -> loseDisks(victims);
            case MACHINE_HUNG -> hang(victims);
            case CUT_INBOUND -> cut(victims, Cut.INBOUND);
            case CUT_OUTBOUND -> cut(victims, Cut.OUTBOUND);
            case CUT_OFF -> cut(victims, Cut.BOTH);
            case CUT_OFF_AND_TERMINATED -> cutOffBesideTermination(some(2));
            case ETCD_KILLED -> each(victims, node -> node.machine().etcd().kill());
            case PROGRAM_KILLED -> each(victims, node -> node.machine().daemon().kill());
            case PROGRAMS_KILLED_WHILE_ONE_IS_REPLACED -> killPrograms(victim);
            case LEADER_KILLED -> replace(List.of(live.leader()));
            case AWS_THROTTLED -> fail(Map.of("action", "*", "code", "Throttling", "status", 400));
            case AWS_SILENT -> fail(Map.of("action", "*", "hang", true));
            case GROUP_EMPTY -> fail(Map.of("action", "DescribeAutoScalingGroups", "empty", true));
            case TWO_HIDDEN -> hide(some(2));
            case METADATA_GONE -> metadataGone();
            case SCALED_OUT -> grow();
            case SCALED_IN -> shrink(victim);
            case QUORUM_LOST_AND_BACK -> hang(some(live.running().size() / 2 + 1));
        };
    }

    private List<LabNode> some(int number) {
        List<LabNode> nodes = new ArrayList<>(live.running());
        Collections.shuffle(nodes, random);
        return nodes.subList(0, number);
    }

    private static String names(List<LabNode> nodes) {
        return " of " + nodes.stream().map(LabNode::id).toList();
    }

    private static String each(List<LabNode> victims, Consumer<LabNode> act) {
        victims.parallelStream().forEach(act);
        return names(victims);
    }

    private Duration forAWhile() {
        Duration time =
                Duration.ofMillis(SHORTEST_FAULT_MILLIS + random.nextInt(LONGEST_FAULT_MILLIS - SHORTEST_FAULT_MILLIS));
        Pauses.sleep(time);
        return time;
    }

    private String replace(List<LabNode> victims) {
        victims.forEach(live::terminate);
        Pauses.sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
        victims.forEach(victim -> launch(victim.address()));
        return names(victims);
    }

    /** A new instance, now and then at the address that the dead one had. */
    private void launch(String addressOfTheDead) {
        launched++;
        if (launched > NEW_ADDRESSES || random.nextInt(3) == 0) {
            live.joinAt(addressOfTheDead);
        } else {
            live.join();
        }
    }

    private String loseDisks(List<LabNode> victims) {
        victims.forEach(live::mayLeave);
        each(victims, node -> node.machine().loseDisk());
        live.awaitConverged(CONVERGENCE);
        victims.forEach(live::mustStay);
        return names(victims);
    }

    private String hang(List<LabNode> victims) {
        victims.forEach(node -> node.machine().freeze());
        Duration time = forAWhile();
        victims.forEach(node -> node.machine().thaw());
        return names(victims) + " for " + time.toMillis() + " ms";
    }

    private String cut(List<LabNode> victims, Cut cut) {
        victims.forEach(node -> Firewall.cut(node, cut));
        Duration time = forAWhile();
        victims.forEach(Firewall::heal);
        return names(victims) + " for " + time.toMillis() + " ms";
    }

    private String cutOffBesideTermination(List<LabNode> two) {
        Firewall.cut(two.get(0), Cut.BOTH);
        live.terminate(two.get(1));
        launch(two.get(1).address());
        Duration time = forAWhile();
        Firewall.heal(two.get(0));
        return names(two) + " for " + time.toMillis() + " ms";
    }

    /** Whoever is to remove the dead and take in the new is killed while at it, again and again. */
    private String killPrograms(LabNode victim) {
        live.terminate(victim);
        launch(victim.address());
        for (int i = 0; i < 4; i++) {
            Pauses.sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
            some(1).get(0).machine().daemon().kill();
        }
        return names(List.of(victim));
    }

    private String fail(Map<String, Object> fault) {
        live.aws().post("/lab/faults", fault);
        Duration time = forAWhile();
        live.aws().delete("/lab/faults");
        return " for " + time.toMillis() + " ms";
    }

    private String hide(List<LabNode> two) {
        two.forEach(node -> node.pretend(Map.of("hidden", true)));
        Duration time = forAWhile();
        two.forEach(node -> node.pretend(Map.of("hidden", false)));
        return names(two) + " for " + time.toMillis() + " ms";
    }

    private String metadataGone() {
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "down"));
        Duration time = forAWhile();
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok"));
        return " for " + time.toMillis() + " ms";
    }

    private String grow() {
        live.group().desire(live.running().size() + 1);
        return names(List.of(live.join()));
    }

    private String shrink(LabNode victim) {
        live.group().desire(live.running().size() - 1);
        live.retire(victim);
        live.awaitGone(victim);
        return names(List.of(victim));
    }

    /** What was survived, in figures. */
    String figures() {
        int faults = survived.values().stream().mapToInt(Integer::intValue).sum();
        return String.format(
                "%d faults survived %s, %d changes of the members, longest time to converge %.1f s (after %s), longest"
                        + " time without an acknowledged write %.1f s, %d writes acknowledged",
                faults,
                survived,
                live.recorder().transitions().size(),
                longest.toMillis() / 1e3,
                longestAfter,
                live.writer().longestSilence().toMillis() / 1e3,
                live.writer().acknowledged());
    }
}
