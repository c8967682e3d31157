package io.etcdaws.simulation;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.AwsFailures;
import io.etcdaws.aws.GroupActions;
import io.etcdaws.aws.GroupSource;
import io.etcdaws.aws.InstanceMetadata;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Transition;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** How one copy of the program reaches AWS, whose answers may be late, old, partial, or missing. */
final class AwsPort implements GroupSource, GroupActions, InstanceMetadata {
    private final Simulation world;
    private final Daemon daemon;

    AwsPort(Simulation world, Daemon daemon) {
        this.world = world;
        this.daemon = daemon;
    }

    @Override
    public CompletionStage<Node> node() {
        return call("metadata", () -> daemon.machine.node(), false);
    }

    @Override
    public CompletionStage<Optional<Notice>> notice() {
        return call("metadata", () -> daemon.machine.notice, false);
    }

    @Override
    public CompletionStage<Group> scan(Node node) {
        return call("autoscaling:DescribeAutoScalingGroups", () -> see(node), true);
    }

    private Group see(Node node) {
        Group told = world.weather().tell(world.aws().group(world.weather().awsAge()));
        if (told.find(node.id()).isEmpty()) {
            throw AwsFailures.of(Kind.NOT_IN_GROUP, node.id() + " is in no auto scaling group");
        }
        return told;
    }

    @Override
    public CompletionStage<Optional<Group>> rescan(Node node, Group known) {
        return call(
                "autoscaling:DescribeAutoScalingGroups",
                () -> {
                    Group told = world.weather()
                            .tell(world.aws().group(world.weather().awsAge()));
                    boolean same = ids(told).equals(ids(known))
                            && told.find(node.id()).isPresent()
                            && known.instances().stream()
                                    .allMatch(instance -> instance.state() == InstanceState.RUNNING);
                    return same ? Optional.of(told) : Optional.empty();
                },
                true);
    }

    private static Set<InstanceId> ids(Group group) {
        return group.instances().stream().map(Instance::id).collect(Collectors.toSet());
    }

    @Override
    public CompletionStage<Found> lookUp(Node node, Set<InstanceId> ids, Set<Address> addresses) {
        return call("ec2:DescribeInstances", () -> find(ids, addresses), true);
    }

    private Found find(Set<InstanceId> ids, Set<Address> addresses) {
        Map<InstanceId, Instance> byId = new HashMap<>();
        for (InstanceId id : new TreeSet<>(ids)) {
            byId.put(id, world.aws().machine(id).map(this::describe).orElseGet(() -> unknown(id)));
        }
        Map<Address, Instance> byAddress = new HashMap<>();
        for (Address address : new TreeSet<>(addresses)) {
            world.aws().machineAt(address).map(this::describe).ifPresent(found -> byAddress.put(address, found));
        }
        return new Found(byId, byAddress);
    }

    /** EC2 forgets instances after they have ended, and in bad weather does not know new ones yet. */
    private Instance describe(Machine machine) {
        boolean forgotten =
                machine.state == InstanceState.TERMINATED && world.plan().forgetful();
        boolean missed = world.weather().awsLag > 0 && world.random().nextInt(100) < 5;
        return forgotten || missed ? unknown(machine.id) : AwsModel.instance(machine, Optional.empty());
    }

    private static Instance unknown(InstanceId id) {
        return new Instance(id, Optional.empty(), InstanceState.NOT_FOUND, Optional.empty(), Set.of(), "");
    }

    @Override
    public CompletionStage<Result> record(Node node, String group, String mark) {
        return act(() -> {
            world.aws().mark(mark);
            return new Done("the mark is " + mark);
        });
    }

    @Override
    public CompletionStage<Result> complete(Node node, String group, Transition transition) {
        return act(() -> world.aws().complete(daemon.machine, transition)
                ? new Done("the group goes on")
                : new NothingToDo("it waits for nothing"));
    }

    @Override
    public CompletionStage<Result> hold(Node node, String group, Transition transition) {
        return act(() -> world.aws().hold(daemon.machine, transition)
                ? new Done("the group waits longer")
                : new NothingToDo("it waits for nothing"));
    }

    private CompletionStage<Result> act(Supplier<Result> action) {
        return call("autoscaling:CompleteLifecycleAction", action, true);
    }

    private <T> CompletionStage<T> call(String action, Supplier<T> question, boolean overNetwork) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (!daemon.calls()) {
            return answer;
        }
        long there = overNetwork ? world.weather().awsWay() : 2;
        long back = overNetwork ? world.weather().awsWay() : 2;
        boolean fails = overNetwork && world.weather().awsFails();
        world.time().after(there, () -> {
            try {
                T value = question.get();
                world.time().after(back, () -> finish(answer, value, fails ? AwsFailures.passing(action) : null));
            } catch (AwsFailure failure) {
                world.time().after(back, () -> fail(answer, failure));
            }
        });
        daemon.calls();
        return answer;
    }

    private <T> void finish(CompletableFuture<T> answer, T value, @org.jspecify.annotations.Nullable AwsFailure lost) {
        if (lost != null) {
            fail(answer, lost);
        } else {
            daemon.hears(() -> answer.complete(value));
        }
    }

    private void fail(CompletableFuture<?> answer, AwsFailure failure) {
        daemon.hears(() -> answer.completeExceptionally(failure));
    }
}
