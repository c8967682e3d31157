package io.etcdaws.aws;

import io.etcdaws.aws.Ec2Instances.Described;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.TagDescription;

/**
 * The group and its instances from the Auto Scaling and EC2 APIs. Asks for the one group and for its instances, never
 * for all of the account. Credentials, endpoints and profiles are found as any AWS SDK finds them.
 */
public final class AwsGroupSource implements GroupSource {
    private static final String BY_ID = "instance-id";
    /** Covers the secondary addresses of every interface, where {@code private-ip-address} covers but one address. */
    private static final String BY_IPV4 = "network-interface.addresses.private-ip-address";

    private static final String BY_IPV6 = "network-interface.ipv6-addresses.ipv6-address";
    private static final String BY_DNS_NAME = "private-dns-name";

    private final ActorSystem<?> system;
    private final AwsSettings settings;

    /** By region, which is but one. */
    private final Map<String, CompletionStage<SdkCalls>> calls = new ConcurrentHashMap<>();

    private AwsGroupSource(ActorSystem<?> system, AwsSettings settings) {
        this.system = system;
        this.settings = settings;
    }

    /** A source that asks AWS in the node's region. The SDK's clients are made at the first question. */
    public static AwsGroupSource create(ActorSystem<?> system, AwsSettings settings) {
        return new AwsGroupSource(system, settings);
    }

    @Override
    public CompletionStage<Group> scan(Node node) {
        return ask(
                node,
                SdkCalls.DESCRIBE_GROUPS,
                aws -> new GroupSearch(settings, aws, node).find().thenCompose(found -> describe(aws, found)));
    }

    @Override
    public CompletionStage<Found> lookUp(Node node, Set<InstanceId> ids, Set<Address> addresses) {
        return ask(node, SdkCalls.DESCRIBE_INSTANCES, aws -> lookUp(aws, node, ids, addresses));
    }

    /** Runs a question; what goes wrong outside of its calls is put down to the action. */
    private <T> CompletionStage<T> ask(Node node, String action, Function<SdkCalls, CompletionStage<T>> question) {
        CompletionStage<SdkCalls> connected =
                calls.computeIfAbsent(node.region(), region -> SdkCalls.in(system, settings, region));
        return connected
                .whenComplete((aws, failure) -> {
                    if (failure != null) {
                        // Such as a profile file that cannot be read: it may have been mended by the next question.
                        calls.remove(node.region(), connected);
                    }
                })
                .thenCompose(question)
                .exceptionally(failure -> {
                    throw AwsFailure.from(action, failure);
                });
    }

    /** An instance as Auto Scaling lists it. */
    private record Listed(InstanceId id, LifecycleState lifecycle, String zone) {}

    /** Adds what EC2 says of the group's instances. */
    private CompletionStage<Group> describe(SdkCalls aws, GroupSearch.Found found) {
        AutoScalingGroup group = found.group();
        List<Listed> listed = listed(found);
        Set<InstanceId> ids = new HashSet<>();
        listed.forEach(instance -> ids.add(instance.id()));
        return byId(aws, ids)
                .thenApply(known -> new Group(
                        group.autoScalingGroupName(),
                        group.desiredCapacity(),
                        listed.stream()
                                .map(one ->
                                        Ec2Instances.inGroup(instance(known, one.id()), one.lifecycle(), one.zone()))
                                .toList(),
                        clusterMark(group)));
    }

    /**
     * The group's instances. This one is added while it is in the warm pool, which the group's answer leaves out; in any
     * other state its absence is for others to judge.
     */
    private static List<Listed> listed(GroupSearch.Found found) {
        List<Listed> listed = new ArrayList<>();
        found.group()
                .instances()
                .forEach(instance -> listed.add(new Listed(
                        new InstanceId(instance.instanceId()),
                        new LifecycleState(instance.lifecycleStateAsString()),
                        instance.availabilityZone())));
        found.self()
                .map(self -> new Listed(
                        new InstanceId(self.instanceId()),
                        new LifecycleState(self.lifecycleState()),
                        self.availabilityZone()))
                .filter(self -> self.lifecycle().standing() == LifecycleState.Standing.NOT_YET)
                .filter(self -> listed.stream().noneMatch(other -> other.id().equals(self.id())))
                .ifPresent(listed::add);
        return listed;
    }

    private Optional<String> clusterMark(AutoScalingGroup group) {
        return group.tags().stream()
                .filter(tag -> settings.clusterMarkTag().equals(tag.key()))
                .map(TagDescription::value)
                .filter(value -> value != null && !value.isBlank())
                .findFirst();
    }

    private CompletionStage<Found> lookUp(SdkCalls aws, Node node, Set<InstanceId> ids, Set<Address> addresses) {
        if (addresses.isEmpty()) {
            return byId(aws, ids).thenApply(known -> new Found(pick(known, ids), Map.of()));
        }
        Set<InstanceId> withSelf = new HashSet<>(ids);
        withSelf.add(node.id());
        return byId(aws, withSelf).thenCombine(byAddress(aws, addresses), (known, candidates) -> {
            // Another VPC may use the same private addresses; this node's members are not there.
            Optional<String> vpc = Optional.ofNullable(known.get(node.id())).flatMap(Described::vpc);
            candidates.removeIf(candidate -> vpc.isPresent() && !candidate.vpc().equals(vpc));
            return new Found(pick(known, ids), at(candidates, addresses));
        });
    }

    /** The instances that EC2 knows, of those with these ids. */
    private CompletionStage<Map<InstanceId, Described>> byId(SdkCalls aws, Set<InstanceId> ids) {
        return aws.instances(BY_ID, ids.stream().map(InstanceId::value).sorted().toList())
                .thenApply(found -> {
                    Map<InstanceId, Described> known = new HashMap<>();
                    found.stream()
                            .map(one -> Ec2Instances.describe(one, settings.ipFamily()))
                            .forEach(one -> known.put(one.instance().id(), one));
                    return known;
                });
    }

    /** The instances that have one of the addresses, in whatever VPC. */
    private CompletionStage<List<Described>> byAddress(SdkCalls aws, Set<Address> addresses) {
        Map<String, List<String>> values = new HashMap<>();
        for (Address address : addresses) {
            String filter = address.isIpv6() ? BY_IPV6 : AddressForms.isIpv4(address) ? BY_IPV4 : BY_DNS_NAME;
            String value = address.isIpv6() ? AddressForms.compressed(address) : address.host();
            values.computeIfAbsent(filter, f -> new ArrayList<>()).add(value);
        }
        return values.entrySet().stream()
                .map(entry -> aws.instances(entry.getKey(), entry.getValue()))
                .reduce(SdkCalls::both)
                .orElseThrow()
                .thenApply(found -> {
                    List<Described> candidates = new ArrayList<>();
                    found.forEach(one -> candidates.add(Ec2Instances.describe(one, settings.ipFamily())));
                    return candidates;
                });
    }

    private static Map<InstanceId, Instance> pick(Map<InstanceId, Described> known, Set<InstanceId> ids) {
        Map<InstanceId, Instance> picked = new HashMap<>();
        ids.forEach(id -> picked.put(id, instance(known, id)));
        return picked;
    }

    private static Map<Address, Instance> at(List<Described> candidates, Set<Address> addresses) {
        Map<Address, Instance> there = new HashMap<>();
        for (Described candidate : candidates) {
            addresses.stream()
                    .filter(candidate.instance()::isAt)
                    .forEach(address -> there.put(address, candidate.instance()));
        }
        return there;
    }

    private static Instance instance(Map<InstanceId, Described> known, InstanceId id) {
        return Optional.ofNullable(known.get(id)).map(Described::instance).orElseGet(() -> Ec2Instances.notFound(id));
    }
}
