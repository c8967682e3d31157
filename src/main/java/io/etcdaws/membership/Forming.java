package io.etcdaws.membership;

import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Silent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Rule 5a: nobody serves, and this node has no data that are known of. A new cluster is formed only if all of this holds:
 *
 * <ol>
 *   <li>this process has seen no member of one in the group;
 *   <li>no durable mark says that the group had a cluster, or the operator overruled it on this node;
 *   <li>no other cluster is forming; if one is, and its list holds this node, that list is adopted, unless an expected instance
 *       does not answer: it may have had quorum in that cluster, with a vote of this node, whose data are lost;
 *   <li>every expected instance's etcd is known not to run; silence is no such knowledge;
 *   <li>the group has its desired capacity of expected instances, each with an address of its own that all agree on;
 *   <li>the group's view has been the same for the stable margin, over two scans or more, with every etcd known not to run
 *       throughout: a machine that boots refuses connections until its etcd has started.
 * </ol>
 *
 * <p>All nodes that see the same group then write the same list, byte for byte.
 */
final class Forming {
    private final Observation observation;
    private final Policy policy;

    private Forming(Observation observation, Policy policy) {
        this.observation = observation;
        this.policy = policy;
    }

    static Decision decide(Observation observation, Policy policy) {
        Forming forming = new Forming(observation, policy);
        return Standing.ofSelf(observation, Rule.FORM)
                .or(forming::fence)
                .or(forming::underWay)
                .or(forming::unknownPeers)
                .or(forming::incompleteGroup)
                .or(forming::unclearAddresses)
                .or(forming::unstableGroup)
                .orElseGet(forming::form);
    }

    private Optional<Decision> underWay() {
        List<PeerState.Forming> forming = observation.peers().values().stream()
                .filter(PeerState.Forming.class::isInstance)
                .map(PeerState.Forming.class::cast)
                .sorted(Comparator.comparing(peer -> peer.cluster().value()))
                .toList();
        if (forming.isEmpty()) {
            return Optional.empty();
        }
        List<String> evidence = forming.stream().map(Describe::state).distinct().toList();
        if (forming.stream().map(PeerState.Forming::cluster).distinct().count() > 1) {
            return Optional.of(Wait.untilSafe(
                    "all peers to form the same cluster",
                    "stop etcd on the peers whose list is wrong, move their data directories away, and run again there",
                    new Reason(Rule.FORM, "peers are forming different clusters", evidence)));
        }
        List<Member> members = forming.get(0).members();
        boolean listed = members.stream().anyMatch(member -> Self.isHere(member, observation));
        if (listed && !observation.group().isQuiet(observation.peers())) {
            return Optional.empty();
        }
        return Optional.of(
                listed
                        ? new WritePeersFile(
                                InitialClusters.ofForming(members, observation),
                                new Reason(Rule.FORM, "a cluster with this node in its list is forming", evidence))
                        : Wait.forOthers(
                                "the cluster that is forming without this node to serve",
                                new Reason(Rule.FORM, "this node will join it then", evidence)));
    }

    private Optional<Decision> fence() {
        Optional<String> mark = observation.group().clusterMark().filter(id -> !policy.forceNewCluster());
        // The operator's word was given before a cluster was seen, and does not mean it.
        return observation
                .continuity()
                .clusterSeen()
                .map(id -> awaitMember(
                        id.toString(),
                        "this process has seen members of cluster " + id,
                        "run this program anew with --force-new-cluster if no data are to be kept"))
                .or(() -> mark.map(id -> awaitMember(
                        id, "the group's mark names cluster " + id, "--force-new-cluster if no data are to be kept")));
    }

    private Decision awaitMember(String cluster, String known, String overrule) {
        List<String> evidence = List.of(known);
        if (observation.peersFilePresent() && observation.dataDirectory() == DataDirectory.UNKNOWN) {
            return new WritePeersFile(
                    InitialClusters.ofGroup(State.EXISTING, observation, policy),
                    new Reason(
                            Rule.RESTART,
                            "this node was set up before and its group had a cluster: with its data etcd restarts, and"
                                    + " without them `existing` cannot form a second cluster",
                            evidence));
        }
        return Wait.untilSafe(
                "a member of cluster " + cluster + " to come back",
                "start a node that has its data, or restore a snapshot; " + overrule,
                new Reason(Rule.FORM, "the group had a cluster, and none of its members is seen", evidence));
    }

    private Optional<Decision> unknownPeers() {
        List<String> rejecting = new ArrayList<>();
        List<String> unclear = new ArrayList<>();
        for (Instance instance : observation.group().expected()) {
            PeerState state = instance.address()
                    .map(address -> observation.peers().getOrDefault(address, Silent.NOT_ASKED))
                    .orElseGet(NotServing::new);
            if (!(state instanceof NotServing)) {
                (state instanceof Rejected ? rejecting : unclear)
                        .add(Describe.instance(instance) + " " + Describe.state(state));
            }
        }
        // Silence is to be expected of an instance that leaves; a rejection comes from an etcd that runs.
        observation.group().instances().stream()
                .filter(instance -> !instance.expected())
                .filter(instance -> instance.address().map(observation.peers()::get).stream()
                        .anyMatch(Rejected.class::isInstance))
                .map(instance -> Describe.instance(instance) + " rejects us")
                .forEach(rejecting::add);
        if (rejecting.isEmpty() && unclear.isEmpty()) {
            return Optional.empty();
        }
        List<String> evidence = new ArrayList<>(rejecting);
        evidence.addAll(unclear);
        Reason reason = new Reason(Rule.FORM, "a peer of which nothing is known may hold the cluster's data", evidence);
        return Optional.of(
                rejecting.isEmpty()
                        ? Wait.forOthers("an answer that tells more: " + String.join("; ", evidence), reason)
                        : Wait.untilSafe(
                                "an answer that can be read from " + String.join("; ", evidence),
                                "correct etcd.tls.*, etcd.client-scheme, etcd.username or etcd.api, or that peer's etcd",
                                reason));
    }

    private Optional<Decision> incompleteGroup() {
        List<Instance> expected = observation.group().expected();
        int desired = observation.group().desiredCapacity();
        List<String> evidence = expected.stream().map(Describe::instance).toList();
        if (desired == 0) {
            return Optional.of(Wait.forOthers(
                    "the group to want instances: its desired capacity is 0",
                    new Reason(Rule.FORM, "this instance will be terminated", evidence)));
        }
        if (expected.size() < desired) {
            return Optional.of(Wait.forOthers(
                    "the group to reach its desired capacity: " + expected.size() + " of " + desired + " instances",
                    new Reason(Rule.FORM, "a part of the group must not form a cluster of its own", evidence)));
        }
        return expected.stream().allMatch(instance -> instance.address().isPresent())
                ? Optional.empty()
                : Optional.of(Wait.forOthers(
                        "every instance of the group to have an address",
                        new Reason(Rule.FORM, "the initial cluster must name all of the group", evidence)));
    }

    private Optional<Decision> unclearAddresses() {
        List<Instance> expected = observation.group().expected();
        Node self = observation.self();
        boolean agreed = expected.stream()
                .filter(instance -> instance.id().equals(self.id()))
                .allMatch(instance -> instance.address().equals(Optional.of(self.address())));
        boolean distinct = expected.stream().map(Instance::address).distinct().count() == expected.size();
        return agreed && distinct
                ? Optional.empty()
                : Optional.of(Wait.untilSafe(
                        "the address of each instance to be clear",
                        "compare this node's address " + self.address()
                                + " with what EC2 says of the group's instances",
                        new Reason(
                                Rule.FORM,
                                "nodes that see each other at different addresses would write different lists",
                                expected.stream().map(Describe::instance).toList())));
    }

    private Optional<Decision> unstableGroup() {
        boolean stable =
                observation.groupStableFor().compareTo(policy.stableMargin()) >= 0 && observation.groupScans() >= 2;
        return stable
                ? Optional.empty()
                : Optional.of(Wait.forTime(
                        "the group to stay the same for " + Describe.duration(policy.stableMargin()) + " ("
                                + Describe.duration(observation.groupStableFor()) + " so far)",
                        new Reason(
                                Rule.FORM,
                                "all nodes must see the same group, and a machine that has just booted has not started its etcd",
                                List.of())));
    }

    private Decision form() {
        List<String> evidence = observation.group().expected().stream()
                .map(instance -> Describe.instance(instance) + " "
                        + instance.address()
                                .map(observation.peers()::get)
                                .map(Describe::state)
                                .orElse("was not asked"))
                .toList();
        return new WritePeersFile(
                InitialClusters.ofGroup(State.NEW, observation, policy),
                new Reason(
                        Rule.FORM,
                        policy.forceNewCluster()
                                ? "no etcd runs in the whole group, and the operator wants a new cluster"
                                : "no etcd runs in the whole group, and it never had a cluster that is known of",
                        evidence));
    }
}
