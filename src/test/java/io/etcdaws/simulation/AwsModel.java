package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Transition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * An auto scaling group and its instances in EC2. The group replaces what has ended, launches and terminates to reach its
 * desired capacity, and waits at lifecycle hooks. What it is like is kept for a while, since answers may be that old.
 */
final class AwsModel {
    /** Is told of machines that begin and end. */
    interface Watcher {
        void started(Machine machine);

        void ended(Machine machine);

        /** The group is not what it was. */
        void changed();
    }

    static final String GROUP = "etcd";
    static final long REMEMBERED = 30_000;
    private static final long HOOK_TIMEOUT = 60_000;
    private static final long LOOK_EVERY = 4_000;

    private record Moment(long at, Group group) {}

    private static final class Held {
        private final Machine machine;
        private String lifecycle;
        private VirtualTime.Event timeout;

        private Held(Machine machine, String lifecycle, VirtualTime.Event none) {
            this.machine = machine;
            this.lifecycle = lifecycle;
            this.timeout = none;
        }
    }

    private final VirtualTime time;
    private final RandomGenerator random;
    private final boolean hooks;
    private final boolean addressesReused;
    private final Watcher watcher;
    private final Map<InstanceId, Held> held = new LinkedHashMap<>();
    private final Map<InstanceId, Machine> machines = new LinkedHashMap<>();
    private final Deque<Address> freed = new ArrayDeque<>();
    private final Deque<Moment> history = new ArrayDeque<>();
    private int launched;
    private int desired;
    private boolean suspended;
    private Optional<String> mark = Optional.empty();

    AwsModel(VirtualTime time, RandomGenerator random, boolean hooks, boolean addressesReused, Watcher watcher) {
        this.time = time;
        this.random = random;
        this.hooks = hooks;
        this.addressesReused = addressesReused;
        this.watcher = watcher;
    }

    /** Begins: the group wants that many, and looks after them from now on. */
    void begin(int wanted) {
        desired = wanted;
        changed();
        lookAfter();
    }

    // What there is.

    List<Machine> machines() {
        return List.copyOf(machines.values());
    }

    Group group() {
        return history.getLast().group();
    }

    /** The group as it was some time ago. */
    Group group(long millisAgo) {
        Group found = history.getFirst().group();
        for (Moment moment : history) {
            if (moment.at() > time.now() - millisAgo) {
                break;
            }
            found = moment.group();
        }
        return found;
    }

    /** Whether something has been so of the group all the time, for so many milliseconds; there are none before the first. */
    boolean everySince(long millis, Predicate<Group> so) {
        long since = time.now() - millis;
        Iterator<Moment> latestFirst = history.descendingIterator();
        while (latestFirst.hasNext()) {
            Moment moment = latestFirst.next();
            if (!so.test(moment.group())) {
                return false;
            }
            if (moment.at() <= since) {
                return true;
            }
        }
        return false;
    }

    Optional<Machine> machine(InstanceId id) {
        return Optional.ofNullable(machines.get(id));
    }

    Optional<Machine> machineAt(Address address) {
        for (Machine machine : machines.values()) {
            if (machine.address.equals(address) && !machine.state.terminal()) {
                return Optional.of(machine);
            }
        }
        return Optional.empty();
    }

    boolean holds(Machine machine) {
        return held.containsKey(machine.id);
    }

    int desired() {
        return desired;
    }

    Optional<String> mark() {
        return mark;
    }

    // What operators and AWS do.

    void want(int capacity) {
        desired = capacity;
        changed();
    }

    /** The group neither launches nor terminates meanwhile. */
    void suspend(boolean whether) {
        suspended = whether;
    }

    void mark(String cluster) {
        mark = Optional.of(cluster);
        changed();
    }

    /** EC2 ends a machine at once. */
    void terminate(Machine machine) {
        if (machine.state.terminal()) {
            return;
        }
        machine.state = InstanceState.SHUTTING_DOWN;
        freed.add(machine.address);
        watcher.ended(machine);
        changed();
        time.after(3_000, () -> {
            machine.state = InstanceState.TERMINATED;
            changed();
        });
    }

    void stop(Machine machine) {
        if (machine.runs()) {
            machine.state = InstanceState.STOPPED;
            watcher.ended(machine);
            changed();
        }
    }

    void start(Machine machine) {
        if (machine.state == InstanceState.STOPPED) {
            machine.state = InstanceState.RUNNING;
            changed();
            watcher.started(machine);
        }
    }

    void standby(Machine machine, boolean whether) {
        Held one = held.get(machine.id);
        if (one != null && one.lifecycle.equals(whether ? "InService" : "Standby")) {
            move(one, whether ? "Standby" : "InService");
        }
    }

    void detach(Machine machine) {
        if (held.remove(machine.id) != null) {
            changed();
        }
    }

    /** Takes a machine out of service, as scaling in, rebalancing and instance refresh do. */
    void retire(Machine machine) {
        Held one = held.get(machine.id);
        if (one == null || leaving(one)) {
            return;
        }
        if (hooks && machine.runs()) {
            machine.notice = Optional.of(new Notice(Notice.Kind.TERMINATING, "target lifecycle state is Terminated"));
            wait(one, "Terminating:Wait", () -> proceed(one));
        } else {
            proceed(one);
        }
    }

    private void proceed(Held one) {
        move(one, "Terminating:Proceed");
        terminate(one.machine);
        time.after(4_000, () -> {
            held.remove(one.machine.id);
            changed();
        });
    }

    /** Ends a wait of a lifecycle hook; whether there was one. */
    boolean complete(Machine machine, Transition transition) {
        Held one = held.get(machine.id);
        if (one == null || !new LifecycleState(one.lifecycle).waitsAt(transition)) {
            return false;
        }
        one.timeout.cancel();
        if (transition == Transition.LAUNCHING) {
            move(one, "InService");
        } else {
            proceed(one);
        }
        return true;
    }

    boolean hold(Machine machine, Transition transition) {
        Held one = held.get(machine.id);
        if (one == null || !new LifecycleState(one.lifecycle).waitsAt(transition)) {
            return false;
        }
        return true;
    }

    private void wait(Held one, String lifecycle, Runnable then) {
        move(one, lifecycle);
        one.timeout = time.after(HOOK_TIMEOUT, () -> {
            if (one.lifecycle.equals(lifecycle)) {
                then.run();
            }
        });
    }

    private void move(Held one, String lifecycle) {
        one.lifecycle = lifecycle;
        changed();
    }

    // What the group does by itself.

    private void lookAfter() {
        if (!suspended) {
            replaceEnded();
            scale();
        }
        time.after(LOOK_EVERY / 2 + random.nextLong(LOOK_EVERY), this::lookAfter);
    }

    private void replaceEnded() {
        for (Held one : List.copyOf(held.values())) {
            boolean ended = one.machine.state.terminal() || one.machine.state == InstanceState.STOPPED;
            if (ended && !leaving(one) && !one.lifecycle.equals("Standby")) {
                proceed(one);
            }
        }
    }

    private void scale() {
        List<Held> serving = held.values().stream()
                .filter(one -> !leaving(one) && !one.lifecycle.equals("Standby"))
                .toList();
        if (serving.size() < desired) {
            for (int missing = desired - serving.size(); missing > 0; missing--) {
                launch();
            }
        } else if (serving.size() > desired) {
            retire(serving.get(random.nextInt(serving.size())).machine);
        }
    }

    private static boolean leaving(Held one) {
        return one.lifecycle.startsWith("Terminating");
    }

    /** Launches one instance. */
    Machine launch() {
        launched++;
        Address address = addressesReused && !freed.isEmpty()
                ? freed.poll()
                : Address.parse("10.0." + launched / 200 + "." + (launched % 200 + 1));
        InstanceId id = new InstanceId(String.format(Locale.ROOT, "i-%08x", launched));
        Machine machine = new Machine(id, address, "eu-central-1" + "abc".charAt(launched % 3));
        // No two machines agree on the time.
        machine.wallAhead = random.nextLong(7_200_000) - 3_600_000;
        machines.put(id, machine);
        VirtualTime.Event none = time.after(0, () -> {});
        Held one = new Held(machine, "Pending", none);
        held.put(id, one);
        changed();
        time.after(500 + random.nextLong(3_000), () -> boot(one));
        return machine;
    }

    private void boot(Held one) {
        if (one.machine.state != InstanceState.PENDING) {
            return;
        }
        one.machine.state = InstanceState.RUNNING;
        if (hooks) {
            wait(one, "Pending:Wait", () -> move(one, "InService"));
        } else {
            move(one, "InService");
        }
        watcher.started(one.machine);
    }

    /** Gives a machine another address. */
    void readdress(Machine machine) {
        launched++;
        machine.address = Address.parse("10.0." + launched / 200 + "." + (launched % 200 + 1));
        changed();
    }

    private void changed() {
        watcher.changed();
        List<Instance> instances = new ArrayList<>();
        for (Held one : held.values()) {
            instances.add(instance(one.machine, Optional.of(new LifecycleState(one.lifecycle))));
        }
        history.add(new Moment(time.now(), new Group(GROUP, desired, instances, mark)));
        while (history.size() > 1 && history.getFirst().at() < time.now() - 2 * REMEMBERED) {
            history.removeFirst();
        }
    }

    /** An instance as EC2 and Auto Scaling describe it. */
    static Instance instance(Machine machine, Optional<LifecycleState> lifecycle) {
        return new Instance(
                machine.id,
                lifecycle,
                machine.state,
                machine.state.terminal() ? Optional.empty() : Optional.of(machine.address),
                Set.of(),
                machine.zone);
    }
}
