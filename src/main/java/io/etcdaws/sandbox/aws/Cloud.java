package io.etcdaws.sandbox.aws;

import static io.etcdaws.sandbox.aws.CloudInstance.IN_SERVICE;
import static io.etcdaws.sandbox.aws.CloudInstance.PENDING;
import static io.etcdaws.sandbox.aws.CloudInstance.PENDING_WAIT;
import static io.etcdaws.sandbox.aws.CloudInstance.RUNNING;
import static io.etcdaws.sandbox.aws.CloudInstance.SHUTTING_DOWN;
import static io.etcdaws.sandbox.aws.CloudInstance.TERMINATED;
import static io.etcdaws.sandbox.aws.CloudInstance.TERMINATING_PROCEED;
import static io.etcdaws.sandbox.aws.CloudInstance.TERMINATING_WAIT;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * One auto scaling group and all instances it ever had. It launches what is missing of its desired capacity, ends what is
 * too much of it, and holds instances in two lifecycle hooks, {@value #LAUNCH_HOOK} and {@value #TERMINATE_HOOK}, until
 * they are completed. Time passes only by {@link #advance}. Several threads may use it.
 */
public final class Cloud {
    static final String REGION = "us-east-1";
    static final String LAUNCH_HOOK = "etcd-aws-launch";
    static final String TERMINATE_HOOK = "etcd-aws-terminate";
    static final int MAX_SIZE = 9;

    /** Until an instance runs, a leaving one is off, and the group notices that one was lost. AWS takes minutes. */
    static final Duration TRANSITION = Duration.ofSeconds(2);

    /** How long a hook holds an instance without a heartbeat. */
    static final Duration HOOK_TIMEOUT = Duration.ofMinutes(10);

    /** Instances have the last numbers of an IPv4 network of 256. */
    private static final int MOST_INSTANCES = 254;

    private static final List<String> ZONES = List.of(REGION + "a", REGION + "b", REGION + "c");

    private final String group;
    private final String network;
    private final InstantSource clock;
    private final Instant createdAt;
    private final Map<Integer, CloudInstance> instances = new TreeMap<>();
    private final Map<String, String> tags = new TreeMap<>();
    private final Deque<Integer> toReplace = new ArrayDeque<>();
    private boolean refreshing;
    private int desired;

    /**
     * A group that has launched nothing yet.
     *
     * @param network the first three numbers of the instances' addresses, such as {@code 127.77.0}
     */
    public Cloud(String group, String network, int desired, InstantSource clock) {
        this.group = group;
        this.network = network;
        this.desired = desired;
        this.clock = clock;
        this.createdAt = clock.instant();
    }

    /** The group's name. */
    public String group() {
        return group;
    }

    Instant createdAt() {
        return createdAt;
    }

    /** How many instances the group is to have. */
    public synchronized int desired() {
        return desired;
    }

    /** The group's tags. */
    synchronized Map<String, String> tags() {
        return Map.copyOf(tags);
    }

    /** Every instance there ever was, by number. */
    public synchronized List<CloudInstance> instances() {
        return List.copyOf(instances.values());
    }

    /** Whether an instance refresh is under way. */
    public synchronized boolean refreshing() {
        return refreshing;
    }

    synchronized void tag(String key, String value) {
        tags.put(key, value);
    }

    /** Sets how many instances the group is to have. */
    public synchronized void setDesired(int capacity) {
        if (capacity < 0 || capacity > MAX_SIZE) {
            throw Refusal.validation("New SetDesiredCapacity value " + capacity + " is not between min value 0 and max"
                    + " value " + MAX_SIZE + ".");
        }
        desired = capacity;
    }

    /** Ends an instance as its group does it: first its hook is waited for. */
    public synchronized void retire(String id) {
        CloudInstance instance = known(id);
        if (!instance.counts()) {
            throw Refusal.validation("The instance " + id + " is not in InService or Pending.");
        }
        move(instance, TERMINATING_WAIT, instance.state());
    }

    /** Ends an instance at once, as EC2 does it, or as a machine that breaks: no hook is waited for. */
    public synchronized void lose(String id) {
        CloudInstance instance = known(id);
        if (!instance.state().equals(TERMINATED)) {
            move(instance, instance.lifecycle(), TERMINATED);
        }
    }

    /** Has the group replace its present instances, one after the other. */
    public synchronized void refresh() {
        if (refreshing) {
            throw new Refusal("InstanceRefreshInProgress", "An instance refresh is already in progress.");
        }
        refreshing = true;
        toReplace.addAll(numbers(CloudInstance::counts));
    }

    /** Lets a hook go on. */
    synchronized void complete(String hook, String id, boolean proceed) {
        CloudInstance instance = held(hook, id);
        if (instance.lifecycle().equals(PENDING_WAIT) && proceed) {
            move(instance, IN_SERVICE, RUNNING);
        } else {
            move(instance, TERMINATING_PROCEED, SHUTTING_DOWN);
        }
    }

    /** Has a hook wait for longer. */
    synchronized void heartbeat(String hook, String id) {
        CloudInstance instance = held(hook, id);
        instances.put(instance.number(), instance.refreshed(clock.instant()));
    }

    private CloudInstance held(String hook, String id) {
        CloudInstance instance = known(id);
        String lifecycle =
                hook.equals(LAUNCH_HOOK) ? PENDING_WAIT : hook.equals(TERMINATE_HOOK) ? TERMINATING_WAIT : "";
        if (!instance.lifecycle().equals(lifecycle)) {
            throw Refusal.validation("No active Lifecycle Action found with instance ID " + id);
        }
        return instance;
    }

    /** The instance with that id. */
    Optional<CloudInstance> find(String id) {
        return instances().stream().filter(instance -> instance.id().equals(id)).findFirst();
    }

    private CloudInstance known(String id) {
        return find(id).filter(CloudInstance::inGroup)
                .orElseThrow(() ->
                        Refusal.validation("Instance Id not found - No managed instance found for instance ID " + id));
    }

    /** Does all that is due: transitions that have taken their time, then what the group wants. */
    public synchronized void advance() {
        instances().forEach(this::advance);
        scale();
        replace();
    }

    private void advance(CloudInstance instance) {
        Duration age = Duration.between(instance.since(), clock.instant());
        if (instance.state().equals(TERMINATED) && instance.inGroup() && age.compareTo(TRANSITION) >= 0) {
            move(instance, "", TERMINATED);
        } else if (instance.state().equals(SHUTTING_DOWN) && age.compareTo(TRANSITION) >= 0) {
            move(instance, "", TERMINATED);
        } else if (instance.lifecycle().equals(PENDING) && age.compareTo(TRANSITION) >= 0) {
            move(instance, PENDING_WAIT, RUNNING);
        } else if (instance.runs() && instance.lifecycle().endsWith(":Wait") && age.compareTo(HOOK_TIMEOUT) >= 0) {
            move(instance, TERMINATING_PROCEED, SHUTTING_DOWN);
        }
    }

    private void scale() {
        List<Integer> counted = numbers(CloudInstance::counts);
        for (int missing = counted.size(); missing < desired; missing++) {
            launch();
        }
        counted.stream().limit(Math.max(0, counted.size() - desired)).forEach(number -> {
            CloudInstance oldest = instance(number);
            move(oldest, TERMINATING_WAIT, oldest.state());
        });
    }

    /** The next step of an instance refresh: only when the group is whole again after the one before. */
    private void replace() {
        boolean whole = numbers(CloudInstance::inService).size() == desired
                && numbers(CloudInstance::inGroup).size() == desired;
        if (!refreshing || !whole) {
            return;
        }
        toReplace.removeIf(number -> !instance(number).counts());
        Optional.ofNullable(toReplace.poll())
                .ifPresentOrElse(number -> move(instance(number), TERMINATING_WAIT, RUNNING), () -> refreshing = false);
    }

    private void launch() {
        int number = instances.size() + 1;
        if (number > MOST_INSTANCES) {
            return;
        }
        Instant now = clock.instant();
        instances.put(
                number,
                new CloudInstance(number, network + "." + number, emptiestZone(), now, PENDING, "pending", now));
    }

    private String emptiestZone() {
        return ZONES.stream()
                .min(Comparator.comparing(zone ->
                        numbers(it -> it.counts() && it.zone().equals(zone)).size()))
                .orElseThrow();
    }

    private CloudInstance instance(int number) {
        return Optional.ofNullable(instances.get(number)).orElseThrow();
    }

    private List<Integer> numbers(Predicate<CloudInstance> which) {
        return instances.values().stream()
                .filter(which)
                .map(CloudInstance::number)
                .toList();
    }

    private void move(CloudInstance instance, String lifecycle, String state) {
        instances.put(instance.number(), instance.moved(lifecycle, state, clock.instant()));
    }
}
