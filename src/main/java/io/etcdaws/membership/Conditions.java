package io.etcdaws.membership;

import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.Condition.Kind;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.Policy.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What an operator should mend, as far as it is seen in one round. Nothing is ever done about it. The same state of affairs
 * always gives the same texts.
 */
public final class Conditions {
    private static final String DEFAULT_TOKEN = "etcd-cluster";

    private final Observation observation;
    private final Policy policy;
    private final List<Condition> conditions = new ArrayList<>();

    private Conditions(Observation observation, Policy policy) {
        this.observation = observation;
        this.policy = policy;
    }

    /** All conditions, sorted by kind and message. To a proxy only clusters matter, since the rest is its members' business. */
    public static List<Condition> of(Observation observation, Policy policy) {
        Conditions conditions = new Conditions(observation, policy);
        conditions.severalClusters();
        if (policy.role() == Role.MEMBER) {
            conditions.ofMember();
        }
        return conditions.conditions.stream()
                .sorted(Comparator.comparing(Condition::kind).thenComparing(Condition::message))
                .toList();
    }

    private void ofMember() {
        fewZones();
        defaultToken();
        markRefused();
        if (ClusterFinder.find(observation) instanceof Quorate quorate) {
            ClusterView view = quorate.view();
            view.members().forEach(member -> strangers(member, view));
            versionSkew(view);
            evenVoters(view);
            markDiffers(view);
        }
    }

    private void severalClusters() {
        Set<ClusterId> clusters = ClusterFinder.clustersOfTheGroup(observation);
        if (clusters.size() > 1) {
            add(
                    Kind.SEVERAL_CLUSTERS,
                    "members of more than one cluster run in group "
                            + observation.group().name() + ": "
                            + clusters.stream()
                                    .map(ClusterId::toString)
                                    .sorted()
                                    .collect(Collectors.joining(", ")),
                    "find out which one holds the data that count, and stop the others' etcd");
        }
    }

    private void strangers(Member member, ClusterView view) {
        Optional<Sighting> sighting =
                Optional.ofNullable(observation.sightings().get(member.id()));
        if (sighting.filter(known -> Removal.foreign(member, known)).isPresent()) {
            add(
                    Kind.FOREIGN_MEMBER,
                    member + " maps to no instance",
                    "leave it if it is meant to be there; else: etcdctl member remove " + member.id());
            return;
        }
        Optional<InstanceId> instance =
                InstanceId.fromName(member.name()).or(() -> sighting.flatMap(Sighting::instance));
        boolean outside = instance.isPresent()
                && observation.group().behind(member).isEmpty()
                && view.stateOf(member) instanceof Serving;
        if (outside) {
            add(
                    Kind.OUTSIDE_GROUP,
                    member + " serves, and group " + observation.group().name() + " does not hold its instance "
                            + instance.get(),
                    "aws autoscaling attach-instances --auto-scaling-group-name "
                            + observation.group().name() + " --instance-ids " + instance.get()
                            + "; or, if it is to go: etcdctl member remove " + member.id());
        }
    }

    /** etcd's upgrade policy: one minor version at a time, so that no more than two that follow each other are side by side. */
    private void versionSkew(ClusterView view) {
        TreeMap<EtcdVersion, String> versions =
                new TreeMap<>(Comparator.comparing(EtcdVersion::major).thenComparing(EtcdVersion::minor));
        for (Member member : view.members()) {
            if (view.stateOf(member) instanceof Serving serving) {
                EtcdVersion version = EtcdVersion.parse(serving.version());
                versions.merge(version, member.toString(), (some, more) -> some + ", " + more);
            }
        }
        if (versions.size() > 1 && !follow(versions.firstKey(), versions.lastKey())) {
            add(
                    Kind.VERSION_SKEW,
                    "versions of etcd run side by side that etcd does not support in one cluster: "
                            + versions.entrySet().stream()
                                    .map(one -> one.getKey().major() + "."
                                            + one.getKey().minor() + " (" + one.getValue() + ")")
                                    .collect(Collectors.joining(", ")),
                    "bring all members to the same minor version, one minor version at a time:"
                            + " https://etcd.io/docs/latest/upgrades/upgrading-etcd/");
        }
    }

    /** 3.0 came after 2.3. */
    private static boolean follow(EtcdVersion oldest, EtcdVersion newest) {
        return oldest.major() == newest.major()
                ? newest.minor() - oldest.minor() <= 1
                : oldest.equals(new EtcdVersion(2, 3)) && newest.equals(new EtcdVersion(3, 0));
    }

    private void fewZones() {
        List<Instance> expected = observation.group().expected();
        Set<String> zones = expected.stream().map(Instance::zone).collect(Collectors.toCollection(TreeSet::new));
        if (expected.size() > 1 && zones.size() < 2) {
            add(
                    Kind.FEW_ZONES,
                    "all instances of group " + observation.group().name() + " are in availability zone "
                            + String.join("", zones),
                    "give the group subnets in three availability zones: aws autoscaling update-auto-scaling-group"
                            + " --auto-scaling-group-name "
                            + observation.group().name()
                            + " --vpc-zone-identifier SUBNET,SUBNET,SUBNET");
        }
    }

    private void evenVoters(ClusterView view) {
        int voters = view.voters().size();
        if (voters % 2 == 0 && asTheGroupWants(view)) {
            add(
                    Kind.EVEN_VOTERS,
                    voters + " voters survive the loss of no more members than " + (voters - 1) + " would",
                    "aws autoscaling set-desired-capacity --auto-scaling-group-name "
                            + observation.group().name() + " --desired-capacity " + (voters + 1));
        }
    }

    /** Whether every member is a voter of another expected instance, every such instance has one, and there are as many as desired. */
    private boolean asTheGroupWants(ClusterView view) {
        Group group = observation.group();
        Set<InstanceId> expected = group.expected().stream().map(Instance::id).collect(Collectors.toSet());
        Set<InstanceId> members = new HashSet<>();
        view.voters().forEach(voter -> group.behind(voter).map(Instance::id).ifPresent(members::add));
        return view.members().size() == members.size()
                && members.equals(expected)
                && expected.size() == group.desiredCapacity();
    }

    private void defaultToken() {
        if (policy.clusterToken().equals(DEFAULT_TOKEN)) {
            add(
                    Kind.DEFAULT_TOKEN,
                    "etcd.cluster-token is etcd's default, " + DEFAULT_TOKEN + ": clusters that are given each other's"
                            + " addresses are told apart by it",
                    "before the next cluster is formed, set etcd.cluster-token and etcd's initial-cluster-token to a name of"
                            + " its own");
        }
    }

    private void markDiffers(ClusterView view) {
        observation
                .group()
                .clusterMark()
                .filter(mark -> !mark.equals(view.id().toString()))
                .ifPresent(mark -> add(
                        Kind.MARK_DIFFERS,
                        "the group's mark names cluster " + mark + ", and cluster " + view.id() + " serves",
                        "find out what became of cluster " + mark + "; if nothing of it is needed, set the tag to "
                                + view.id() + ": aws autoscaling create-or-update-tags (its key: group.cluster-tag)"));
    }

    private void markRefused() {
        if (observation.continuity().markRefused()) {
            add(
                    Kind.MARK_REFUSED,
                    "AWS refuses to record on group " + observation.group().name() + " that it has a cluster",
                    "allow autoscaling:CreateOrUpdateTags to the instances' role, or set the tag group.cluster-tag by hand");
        }
    }

    private void add(Kind kind, String message, String wayOut) {
        conditions.add(new Condition(kind, message, wayOut));
    }
}
