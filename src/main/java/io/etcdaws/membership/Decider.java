package io.etcdaws.membership;

import io.etcdaws.membership.ClusterFinder.Disagreeing;
import io.etcdaws.membership.ClusterFinder.Found;
import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.ClusterFinder.Several;
import io.etcdaws.membership.ClusterFinder.WithoutQuorum;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.Role;
import java.util.List;
import java.util.Optional;

/**
 * Decides from what was seen what this node does next. The same observation and policy always give the same decision.
 *
 * <p>The rules, in order; the first that applies decides:
 *
 * <ol>
 *   <li><b>Identity and group.</b> Without them there is no observation; whoever observes reports the failure.
 *   <li><b>Already a member.</b>
 *       <ul>
 *         <li><i>a. Has started</i>, and its data are there or their place is unknown: {@code new} with the addresses of the
 *             group. With data etcd ignores it; without, a bootstrap member refuses to start instead of rejoining empty.
 *             Where members that lost their data could form a cluster of the group's list, the members' list instead.
 *         <li><i>b. Has started</i>, and the data directory is known to be empty: its own stale member is removed under the
 *             guards of rule 6, then it joins by rule 4.
 *         <li><i>c. Listed, never started:</i> added through the API: {@code existing} with exactly the list. Part of a static
 *             bootstrap: {@code new} with the list, as long as that still gives this very cluster's id. Not while this node's own
 *             etcd waits for another cluster, or does not run though the file is in place and there are data; nor, if added, while
 *             a member is behind that still lists another at its address.
 *       </ul>
 *   <li><b>Own data, and no cluster serves with quorum</b>, or none whose list can be read: restart; never a new cluster. A
 *       member whose data cannot be seen gets {@code existing}, whatever its old file said.
 *   <li><b>A cluster serves with quorum, and this node is not in it:</b> join, see {@link Joining}.
 *   <li><b>No cluster serves with quorum.</b>
 *       <ul>
 *         <li><i>a. None is there:</i> form one, see {@link Forming}.
 *         <li><i>b. One is there:</i> wait, change nothing, and say the way out.
 *       </ul>
 *   <li><b>Removal</b> of a dead member, see {@link Removal}.
 *   <li><b>The periodic mode.</b>
 *       <ul>
 *         <li><i>a. This instance ends, or may end:</i> its member leaves, see {@link Leaving}; where it ends, before all else.
 *         <li><i>b. The group has lost several instances at once:</i> nothing is decided until that is confirmed, see
 *             {@link GroupLoss}.
 *         <li><i>g. This instance is on its way to the warm pool:</i> its launch is complete.
 *         <li><i>c to h. The own member is healthy, and its file in place:</i> see {@link Upkeep}, in the place of 2a.
 *       </ul>
 * </ol>
 */
public final class Decider {
    private final Observation observation;
    private final Policy policy;

    private Decider(Observation observation, Policy policy) {
        this.observation = observation;
        this.policy = policy;
    }

    /** Decides. */
    public static Decision decide(Observation observation, Policy policy) {
        Decider decider = new Decider(observation, policy);
        Found found = ClusterFinder.find(observation);
        return policy.role() == Role.PROXY ? decider.proxy(found) : decider.member(found);
    }

    private Decision member(Found found) {
        return Leaving.ending(found, observation, policy)
                .or(() -> twoServing(found))
                .or(() -> GroupLoss.decide(observation, policy))
                .or(this::warmed)
                .orElseGet(() -> goOn(found));
    }

    private Optional<Decision> twoServing(Found found) {
        return found instanceof Several several && several.serving() ? Optional.of(several(several)) : Optional.empty();
    }

    /**
     * A new instance on its way to the warm pool: there is nothing that it must do before, and its hook would run out. One that goes
     * back to the pool has data, and is held up by another hook.
     */
    private Optional<Decision> warmed() {
        boolean isNew = observation.dataDirectory() != DataDirectory.HOLDS_DATA;
        if (policy.staying().isEmpty() || !isNew || observation.continuity().lifecycleHandled()) {
            return Optional.empty();
        }
        return observation
                .group()
                .find(observation.self().id())
                .flatMap(Instance::lifecycle)
                .filter(state -> state.standing() == LifecycleState.Standing.NOT_YET)
                .filter(state -> state.waitsAt(Transition.LAUNCHING))
                .map(state -> new CompleteLifecycle(
                        Transition.LAUNCHING,
                        new Reason(
                                Rule.LAUNCHED,
                                "this instance goes to the warm pool and joins when it leaves it: nothing is left to be done"
                                        + " before",
                                List.of("its lifecycle state: " + state))));
    }

    /** What a member's node does that does not end, on a group's answer that may be acted on. */
    private Decision goOn(Found found) {
        if (found instanceof Several several) {
            return several(several);
        }
        if (found instanceof Quorate quorate) {
            return Leaving.atRisk(quorate.view(), observation, policy).orElseGet(() -> withQuorum(quorate.view()));
        }
        if (found instanceof Disagreeing disagreeing) {
            return disagreeing(disagreeing);
        }
        if (found instanceof WithoutQuorum without) {
            return withoutQuorum(without.view());
        }
        return observation.dataDirectory() == DataDirectory.HOLDS_DATA
                ? restart("this node holds data, and no peer's etcd answers")
                : Forming.decide(observation, policy);
    }

    private Decision withQuorum(ClusterView view) {
        Optional<Member> own = Self.in(view.members(), observation);
        if (own.isEmpty()) {
            return Joining.decide(view, observation, policy);
        }
        if (!own.get().started()) {
            return listedNeverStarted(own.get(), view);
        }
        return observation.dataDirectory() == DataDirectory.EMPTY ? replace(own.get(), view) : started(own.get(), view);
    }

    private Decision started(Member own, ClusterView view) {
        WritePeersFile file = fileOfMember(own, view);
        return policy.staying()
                .filter(staying -> observation.continuity().settled() && view.healthy(own))
                .map(staying -> Upkeep.decide(own, view, file.content(), observation, policy, staying))
                .orElse(file);
    }

    private WritePeersFile fileOfMember(Member own, ClusterView view) {
        InitialCluster group = InitialClusters.ofGroup(State.NEW, observation, policy);
        if (observation.dataDirectory() == DataDirectory.UNKNOWN && formableBesides(view, group)) {
            return new WritePeersFile(
                    InitialClusters.ofMembers(State.NEW, view.members(), observation),
                    new Reason(
                            Rule.MEMBER,
                            "this node is already a member of the cluster; its data cannot be seen, and members that lost"
                                    + " theirs could form a cluster from the group's list, but not from the members'",
                            List.of("listed as " + own, "the group's list: " + group.entries())));
        }
        return new WritePeersFile(
                group,
                new Reason(
                        Rule.MEMBER,
                        "this node is already a member of the cluster: etcd goes on with its data, and would refuse to"
                                + " bootstrap over their loss",
                        List.of("listed as " + own)));
    }

    /** Whether as many members as may be down while the cluster has quorum are a quorum of that list. */
    private static boolean formableBesides(ClusterView view, InitialCluster list) {
        int mayBeDown =
                view.members().size() - ClusterView.quorumOf(view.voters().size());
        return mayBeDown >= ClusterView.quorumOf(list.entries().size());
    }

    private Decision replace(Member own, ClusterView view) {
        String lost = "this node's data directory is empty while the cluster lists it as " + own;
        // Nothing filters a node's own address: silence there is an etcd that hangs.
        PeerState here = observation.peers().getOrDefault(observation.self().address(), Silent.NOT_ASKED);
        if (!(here instanceof NotServing) || !Removal.dark(own, view)) {
            return Wait.untilSafe(
                    "the etcd at this node's own address to stop",
                    here instanceof Serving
                            ? "if etcd has its data elsewhere, set etcd.data-dir to that directory; only if they were deleted"
                                    + " while it ran, stop etcd on this node, then run again"
                            : "stop etcd on this node, then run again",
                    new Reason(
                            Rule.REPLACE,
                            lost + ", but an etcd may run there",
                            List.of(Describe.state(here), own + " " + Describe.state(view.stateOf(own)))));
        }
        Optional<String> guard = Removal.guardQuorum(own, view);
        if (guard.isPresent()) {
            return Wait.untilSafe(
                    "enough healthy voters to remove the stale member",
                    "bring the other members back first",
                    new Reason(Rule.REPLACE, lost, List.of(guard.get())));
        }
        return new ChangeMembership(
                new Remove(own),
                view,
                new Reason(
                        Rule.REPLACE,
                        lost + "; it must leave and join anew, since a member must never come back without its votes",
                        List.of("the data directory was named in the configuration and holds no member")));
    }

    private Decision listedNeverStarted(Member own, ClusterView view) {
        return ofAnother(own, view).orElseGet(() -> fileOfListed(own, view));
    }

    /** Where this node's data are none of the member that it is to start as: etcd goes on with them, and ignores the file. */
    private Optional<Decision> ofAnother(Member own, ClusterView view) {
        PeerState here = observation.peers().getOrDefault(observation.self().address(), new NotServing());
        List<String> evidence = List.of("listed as " + own, Describe.state(here));
        if (ClusterFinder.waitsFor(here).filter(id -> !id.equals(view.id())).isPresent()) {
            return Optional.of(Wait.untilSafe(
                    "the etcd at this node's own address to stop",
                    "stop etcd on this node and move its data directory away, then run again",
                    new Reason(
                            Rule.LISTED,
                            "the cluster lists this node, but an etcd runs here that belongs to another one, and ignores the file",
                            evidence)));
        }
        boolean fileAndData =
                observation.continuity().settled() && observation.dataDirectory() == DataDirectory.HOLDS_DATA;
        if (fileAndData && here instanceof NotServing) {
            return Optional.of(Wait.untilSafe(
                    "etcd to start on this node",
                    "if etcd ends again and again, stop it and move its data directory away, then run again",
                    new Reason(
                            Rule.LISTED,
                            "the peers file is in place and there are data, but no etcd runs with them: they may be a removed"
                                    + " member's, or another cluster's",
                            evidence)));
        }
        return Optional.empty();
    }

    private Decision fileOfListed(Member own, ClusterView view) {
        List<List<PeerUrl>> urls = view.members().stream().map(Member::peerUrls).toList();
        boolean sameBootstrap = !own.name().isEmpty()
                && BootstrapId.of(urls, policy.clusterToken()).equals(view.id());
        if (sameBootstrap) {
            return new WritePeersFile(
                    InitialClusters.ofMembers(State.NEW, view.members(), observation),
                    new Reason(
                            Rule.LISTED,
                            "this node is part of the cluster's bootstrap and has not started yet: the same list gives the"
                                    + " same cluster",
                            List.of("listed as " + own)));
        }
        return behind(own, view)
                .orElseGet(() -> new WritePeersFile(
                        InitialClusters.ofMembers(State.EXISTING, view.members(), observation),
                        new Reason(
                                Rule.LISTED,
                                "this node was added to the cluster and has not started yet",
                                List.of("listed as " + own))));
    }

    private Optional<Decision> behind(Member own, ClusterView view) {
        return view.members().stream()
                .filter(member -> view.stateOf(member).toldMembers().stream()
                        .anyMatch(other -> !other.id().equals(own.id()) && Self.isHere(other, observation)))
                .findFirst()
                .map(member -> Wait.forOthers(
                        member + " to catch up",
                        new Reason(
                                Rule.LISTED,
                                "a new etcd takes its id from the first member that answers it, and this one still lists"
                                        + " another at this node's address: etcd would start as that one, and end",
                                List.of("listed as " + own, member + " " + Describe.state(view.stateOf(member))))));
    }

    private Decision restart(String why) {
        Reason reason = new Reason(
                Rule.RESTART,
                why + ": etcd restarts from its data and ignores the file; no new cluster is formed",
                List.of());
        // `existing` cannot form a cluster, should the data vanish before etcd starts.
        return observation.peersFilePresent()
                ? new KeepPeersFile(reason)
                : new WritePeersFile(InitialClusters.ofGroup(State.EXISTING, observation, policy), reason);
    }

    private Decision withoutQuorum(ClusterView view) {
        if (observation.dataDirectory() == DataDirectory.HOLDS_DATA) {
            return restart("this node holds data, and its cluster has no quorum until enough members are back");
        }
        Optional<Member> own = Self.in(view.members(), observation);
        if (own.isPresent() && !own.get().started()) {
            return listedNeverStarted(own.get(), view);
        }
        boolean mayHoldData = observation.dataDirectory() == DataDirectory.UNKNOWN && observation.peersFilePresent();
        if (own.isPresent() && mayHoldData) {
            // The file that is there may say `new`: members that lost their data would form a second cluster with it.
            return new WritePeersFile(
                    InitialClusters.ofMembers(State.EXISTING, view.members(), observation),
                    new Reason(
                            Rule.RESTART,
                            "this node is a member of a cluster that has no quorum until enough members are back, and was"
                                    + " set up before: with its data etcd restarts, and without them `existing` cannot"
                                    + " form a second cluster",
                            List.of("listed as " + own.get())));
        }
        return noQuorum(view, own);
    }

    private Decision noQuorum(ClusterView view, Optional<Member> own) {
        boolean unseenData = own.isPresent() && observation.dataDirectory() == DataDirectory.UNKNOWN;
        String wayOut =
                "bring back enough of its members; if they are lost for good, restore a snapshot into a new cluster"
                        + (unseenData ? "; if this node has its data, set etcd.data-dir so that they can be seen" : "");
        return Wait.untilSafe(
                "the cluster to have quorum again",
                wayOut,
                new Reason(
                        Rule.NO_QUORUM,
                        "cluster " + view.id() + " is there but has no quorum: nothing may be changed, and no second"
                                + " cluster formed",
                        view.members().stream()
                                .map(member -> member + " " + Describe.state(view.stateOf(member)))
                                .toList()));
    }

    private Decision disagreeing(Disagreeing found) {
        if (observation.dataDirectory() == DataDirectory.HOLDS_DATA) {
            return restart("this node holds data, and no member list can be trusted that would forbid it");
        }
        return Wait.untilSafe(
                "the leader's member list, or one that a majority of the members tells",
                "make the leader reachable from this node",
                new Reason(
                        Rule.NO_QUORUM,
                        "cluster " + found.id() + " serves, but nobody whose member list can be trusted was reached",
                        List.of()));
    }

    private Decision several(Several found) {
        boolean member = policy.role() == Role.MEMBER;
        if (member && !found.serving() && observation.dataDirectory() == DataDirectory.HOLDS_DATA) {
            return restart("this node holds data, and no cluster has quorum");
        }
        String wayOut = "find out which one holds the data that count, and stop the others' etcd";
        Reason reason = new Reason(
                Rule.SEVERAL,
                "members of more than one cluster were found: " + found.ids(),
                Describe.peers(observation));
        return found.serving() ? new Refuse(wayOut, reason) : Wait.untilSafe("one cluster with quorum", wayOut, reason);
    }

    private Decision proxy(Found found) {
        if (found instanceof Several several) {
            return several(several);
        }
        if (found instanceof Quorate quorate) {
            return new WritePeersFile(
                    InitialClusters.forProxy(quorate.view(), observation),
                    new Reason(
                            Rule.PROXY,
                            "this node is no member and points to those of group "
                                    + observation.group().name(),
                            quorate.view().members().stream()
                                    .map(Member::toString)
                                    .toList()));
        }
        return Wait.forOthers(
                "the cluster of group " + observation.group().name() + " to serve with quorum",
                new Reason(Rule.PROXY, "there is no cluster to point to", List.of()));
    }
}
