package io.etcdaws.aws;

import io.etcdaws.aws.Ec2Instances.Described;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
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
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingInstanceDetails;
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

    private final SdkConnections connections;
    private final AwsSettings settings;

    private AwsGroupSource(SdkConnections connections, AwsSettings settings) {
        this.connections = connections;
        this.settings = settings;
    }

    /**
     * A source that asks AWS in the node's region. The SDK's clients are made at the first question.
     *
     * @param listener is told of every call
     */
    public static AwsGroupSource create(ActorSystem<?> system, AwsSettings settings, CallListener listener) {
        return new AwsGroupSource(new SdkConnections(system, settings, listener), settings);
    }

    /** Ends the AWS clients: whoever is done with the group, since each new one has threads of its own. */
    public void close() {
        connections.close();
    }

    /** What can be done to the group, over the same connections. */
    public GroupActions actions() {
        return new AwsGroupActions(connections, settings);
    }

    @Override
    public CompletionStage<Group> scan(Node node) {
        return connections.ask(
                node,
                SdkCalls.DESCRIBE_GROUPS,
                aws -> new GroupSearch(settings, aws, node).find().thenCompose(found -> describe(aws, found)));
    }

    @Override
    public CompletionStage<Optional<Group>> rescan(Node node, Group known) {
        return connections.ask(
                node,
                SdkCalls.DESCRIBE_GROUPS,
                aws -> new GroupSearch(settings, aws, node)
                        .again(known.name())
                        .thenApply(found -> found.filter(group -> canReuse(node, known, group))
                                .map(group -> group(group, listed(group), id -> described(known, id)))));
    }

    @Override
    public CompletionStage<Found> lookUp(Node node, Set<InstanceId> ids, Set<Address> addresses) {
        return connections.ask(node, SdkCalls.DESCRIBE_INSTANCES, aws -> lookUp(aws, node, ids, addresses));
    }

    /** An instance as Auto Scaling lists it. */
    private record Listed(InstanceId id, LifecycleState lifecycle, String zone) {}

    /** Adds what EC2 says of the group's instances. */
    private CompletionStage<Group> describe(SdkCalls aws, GroupSearch.Found found) {
        List<Listed> listed = withWarmSelf(listed(found.group()), found.self());
        Set<InstanceId> ids = new HashSet<>();
        listed.forEach(instance -> ids.add(instance.id()));
        return byId(aws, ids).thenApply(known -> group(found.group(), listed, id -> instance(known, id)));
    }

    private Group group(AutoScalingGroup group, List<Listed> listed, Function<InstanceId, Instance> described) {
        return new Group(
                group.autoScalingGroupName(),
                group.desiredCapacity(),
                listed.stream()
                        .map(one -> Ec2Instances.inGroup(described.apply(one.id()), one.lifecycle(), one.zone()))
                        .toList(),
                clusterMark(group));
    }

    /**
     * Whether what EC2 said of the known instances may stand for another look. Only of those that ran and had an address:
     * in any other state an instance is on its way to another one.
     */
    private boolean canReuse(Node node, Group known, AutoScalingGroup group) {
        Set<InstanceId> held = new HashSet<>();
        listed(group).forEach(instance -> held.add(instance.id()));
        Set<InstanceId> before = new HashSet<>();
        known.instances().forEach(instance -> before.add(instance.id()));
        return held.equals(before)
                && (settings.proxyGroup().isPresent() || held.contains(node.id()))
                && known.instances().stream()
                        .allMatch(instance -> instance.state() == InstanceState.RUNNING
                                && instance.address().isPresent());
    }

    private static Instance described(Group known, InstanceId id) {
        return known.find(id).orElseThrow();
    }

    /** The group's instances. */
    private static List<Listed> listed(AutoScalingGroup group) {
        return group.instances().stream()
                .map(instance -> new Listed(
                        new InstanceId(instance.instanceId()),
                        new LifecycleState(instance.lifecycleStateAsString()),
                        instance.availabilityZone()))
                .toList();
    }

    /**
     * Adds this instance while it is in the warm pool, which the group's answer leaves out; in any other state its absence
     * is for others to judge.
     */
    private static List<Listed> withWarmSelf(List<Listed> listed, Optional<AutoScalingInstanceDetails> details) {
        List<Listed> all = new ArrayList<>(listed);
        details.map(self -> new Listed(
                        new InstanceId(self.instanceId()),
                        new LifecycleState(self.lifecycleState()),
                        self.availabilityZone()))
                .filter(self -> self.lifecycle().standing() == LifecycleState.Standing.NOT_YET)
                .filter(self -> listed.stream().noneMatch(other -> other.id().equals(self.id())))
                .ifPresent(all::add);
        return all;
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
