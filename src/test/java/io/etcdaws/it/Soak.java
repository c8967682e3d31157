package io.etcdaws.it;

import io.etcdaws.it.Firewall.Cut;
import io.etcdaws.it.Recorder.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Breaks a live group at random, one thing after another, never more at once than its quorum bears; but for {@link
 * Fault#QUORUM_LOST}, which comes back.
 */
final class Soak {
    /** What is done to a group. */
    enum Fault {
        TERMINATED,
        RETIRED,
        GROWN,
        SHRUNK,
        DISK_WIPED,
        REBOOTED,
        HUNG,
        CUT_OFF,
        ETCD_KILLED,
        PROGRAM_KILLED,
        PROGRAM_HUNG,
        AWS_FAILS,
        METADATA_GONE,
        QUORUM_LOST
    }

    private static final int SMALLEST = 3;
    private static final int LARGEST = 5;

    /** Something that is over some time later. */
    private record Passing(long untilNanos, Optional<LabNode> node, Runnable heal) {}

    private final LiveGroup live;
    private final Random random;
    private final Map<Fault, Integer> made = new EnumMap<>(Fault.class);
    private final List<Passing> passing = new ArrayList<>();
    private final Set<LabNode> leaving = new HashSet<>();
    private final Set<LabNode> wiped = new HashSet<>();
    private final List<String> freeAddresses = new ArrayList<>();
    private int desired;

    /** Of a group that has formed, and whose hooks hold up instances. */
    Soak(LiveGroup live, Random random) {
        this.live = live;
        this.random = random;
        this.desired = live.running().size();
    }

    /** Makes one more fault, if there is one of the drawn kind that the quorum bears now; tells which. */
    Optional<Fault> next() {
        settle();
        Fault fault = Fault.values()[random.nextInt(Fault.values().length)];
        boolean done = make(fault);
        if (done) {
            made.merge(fault, 1, Integer::sum);
        }
        return done ? Optional.of(fault) : Optional.empty();
    }

    private boolean make(Fault fault) {
        return switch (fault) {
            case TERMINATED -> bearable().map(this::terminate).orElse(false);
            case RETIRED -> steady().map(this::retire).orElse(false);
            case GROWN -> grow();
            case SHRUNK -> shrink();
            case DISK_WIPED -> steady().map(this::wipe).orElse(false);
            case REBOOTED -> bearable().map(this::reboot).orElse(false);
            case HUNG -> bearable().map(this::hang).orElse(false);
            case CUT_OFF -> bearable().map(this::cutOff).orElse(false);
            case ETCD_KILLED -> bearable().map(Soak::killEtcd).orElse(false);
            case PROGRAM_KILLED -> killProgram(any());
            case PROGRAM_HUNG -> hangProgram(any());
            case AWS_FAILS -> failAws();
            case METADATA_GONE -> loseMetadata();
            case QUORUM_LOST -> loseQuorum();
        };
    }

    // Which node.

    private <T> T draw(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private LabNode any() {
        return draw(live.running());
    }

    /** A node without which the healthy voters are still a quorum. */
    private Optional<LabNode> bearable() {
        List<Entry> voters = live.recorder().members().stream()
                .filter(member -> !member.learner())
                .toList();
        Set<String> healthy = live.recorder().healthyNodes();
        long left = voters.stream()
                .filter(voter -> healthy.contains(voter.name()) && !isTouched(voter.name()))
                .count();
        if (left - 1 < voters.size() / 2 + 1) {
            return Optional.empty();
        }
        List<LabNode> candidates = live.running().stream()
                .filter(node -> !isTouched(node.id()) && !leaving.contains(node))
                .toList();
        return candidates.isEmpty() ? Optional.empty() : Optional.of(draw(candidates));
    }

    private boolean isTouched(String id) {
        return passing.stream()
                .anyMatch(one -> one.node().filter(node -> node.id().equals(id)).isPresent());
    }

    /** A node of a group that has nothing left to be mended. */
    private Optional<LabNode> steady() {
        return passing.isEmpty() && leaving.isEmpty() && live.isConverged() ? Optional.of(any()) : Optional.empty();
    }

    // What is done to it.

    private boolean terminate(LabNode node) {
        freeAddresses.add(node.address());
        live.terminate(node);
        launch();
        return true;
    }

    /** Addresses are given out again, to whoever comes next or later. */
    private void launch() {
        if (freeAddresses.isEmpty() || random.nextBoolean()) {
            live.join();
        } else {
            live.joinAt(freeAddresses.remove(random.nextInt(freeAddresses.size())));
        }
    }

    private boolean retire(LabNode node) {
        leave(node);
        launch();
        return true;
    }

    private void leave(LabNode node) {
        leaving.add(node);
        live.retire(node);
    }

    private boolean grow() {
        if (desired == LARGEST) {
            return false;
        }
        desired++;
        live.group().desire(desired);
        launch();
        return true;
    }

    private boolean shrink() {
        Optional<LabNode> node = desired == SMALLEST ? Optional.empty() : steady();
        node.ifPresent(one -> {
            desired--;
            live.group().desire(desired);
            leave(one);
        });
        return node.isPresent();
    }

    private boolean wipe(LabNode node) {
        live.mayLeave(node);
        wiped.add(node);
        node.machine().loseDisk();
        return true;
    }

    private boolean reboot(LabNode node) {
        node.machine().reboot();
        pass(node, () -> {});
        return true;
    }

    private boolean hang(LabNode node) {
        node.machine().freeze();
        pass(node, node.machine()::thaw);
        return true;
    }

    private boolean cutOff(LabNode node) {
        Cut cut = draw(List.of(Cut.values()));
        live.recorder().remark("cut " + cut + " " + node.id());
        Firewall.cut(node, cut);
        pass(node, () -> Firewall.heal(node));
        return true;
    }

    private static boolean killEtcd(LabNode node) {
        node.machine().etcd().kill();
        return true;
    }

    private static boolean killProgram(LabNode node) {
        node.machine().daemon().kill();
        return true;
    }

    private boolean hangProgram(LabNode node) {
        if (isTouched(node.id())) {
            return false;
        }
        node.machine().daemon().signal("STOP");
        pass(node, () -> node.machine().daemon().signal("CONT"));
        return true;
    }

    private boolean failAws() {
        Map<String, Object> fault = switch (random.nextInt(5)) {
            case 0 -> Map.of("action", "*", "code", "Throttling", "status", 400);
            case 1 -> Map.of("action", "*", "code", "InternalFailure", "status", 500);
            case 2 -> Map.of("action", "*", "empty", true);
            case 3 -> Map.of("action", "*", "garbage", true);
            default -> Map.of("action", "*", "hang", true);
        };
        live.recorder().remark("AWS: " + fault);
        live.aws().post("/lab/faults", fault);
        pass(() -> live.aws().delete("/lab/faults"));
        return true;
    }

    private boolean loseMetadata() {
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "down"));
        pass(() -> live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok")));
        return true;
    }

    private boolean loseQuorum() {
        if (steady().isEmpty()) {
            return false;
        }
        List<LabNode> nodes = live.running();
        List<LabNode> lost = nodes.subList(0, nodes.size() / 2 + 1);
        lost.forEach(node -> node.machine().powerOff());
        Pauses.sleep(aWhile());
        lost.forEach(node -> node.machine().boot());
        return true;
    }

    // What passes.

    private Duration aWhile() {
        return Duration.ofMillis(2000 + random.nextInt(6000));
    }

    private void pass(LabNode node, Runnable heal) {
        live.recorder().remark("touched: " + node.id());
        passing.add(new Passing(System.nanoTime() + aWhile().toNanos(), Optional.of(node), heal));
    }

    private void pass(Runnable heal) {
        passing.add(new Passing(System.nanoTime() + aWhile().toNanos(), Optional.empty(), heal));
    }

    /** Ends what is to end by now. */
    private void settle() {
        long now = System.nanoTime();
        List<Passing> over =
                passing.stream().filter(one -> one.untilNanos() <= now).toList();
        heal(over);
        leaving.removeIf(node -> {
            boolean gone = live.lifecycle(node).isEmpty();
            if (gone) {
                freeAddresses.add(node.address());
                live.lose(node);
            }
            return gone;
        });
    }

    private void heal(List<Passing> over) {
        passing.removeAll(over);
        over.forEach(one -> one.heal().run());
    }

    /** Ends all that is to end, and waits until the members are the group; gives how long that took. */
    Duration converge(Duration limit) {
        heal(List.copyOf(passing));
        long started = System.nanoTime();
        live.recorder().remark("all healed");
        while (!leaving.isEmpty() || !live.isConverged()) {
            if (System.nanoTime() - started > limit.toNanos()) {
                live.awaitConverged(Duration.ofSeconds(1));
                throw new AssertionError("not let go: " + leaving);
            }
            settle();
            Pauses.sleep(Duration.ofMillis(100));
        }
        wiped.forEach(live::mustStay);
        wiped.clear();
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** How often each fault was made. */
    Map<Fault, Integer> made() {
        return made;
    }
}
