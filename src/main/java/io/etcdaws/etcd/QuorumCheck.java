package io.etcdaws.etcd;

import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * The last look before a change of the membership: whether the cluster keeps its quorum by it, as its members are at this
 * moment. etcd's own check does not see members that are frozen or cut off, in 3.5 for minutes.
 */
final class QuorumCheck {
    private final EtcdClient client;
    private final MembershipChange change;
    private final ClusterView basis;
    private final List<Endpoint> via;
    private final Duration deadline;

    /**
     * A check that has not begun.
     *
     * @param basis the cluster that the change was decided on
     * @param via where its healthy voters are; a voter that is missing counts as not healthy
     * @param deadline how long the members have to answer
     */
    QuorumCheck(EtcdClient client, MembershipChange change, ClusterView basis, List<Endpoint> via, Duration deadline) {
        this.client = client;
        this.change = change;
        this.basis = basis;
        this.via = via;
        this.deadline = deadline;
    }

    /** Probes all of them side by side. Gives why the change must not be made; empty if nothing speaks against it. */
    CompletionStage<Optional<String>> objection() {
        CompletionStage<Map<Endpoint, PeerState>> all = CompletableFuture.completedFuture(Map.of());
        for (Endpoint endpoint : asked()) {
            all = all.thenCombine(client.probe(endpoint, deadline).answer(), (states, state) -> {
                Map<Endpoint, PeerState> more = new LinkedHashMap<>(states);
                more.put(endpoint, state);
                return more;
            });
        }
        return all.thenApply(this::judge);
    }

    private Set<Endpoint> asked() {
        Set<Endpoint> asked = new LinkedHashSet<>(via);
        if (change instanceof Promote promote) {
            asked.addAll(Places.of(promote.member(), via));
        }
        return asked;
    }

    private Optional<String> judge(Map<Endpoint, PeerState> states) {
        Set<MemberId> healthy = new HashSet<>();
        states.values().forEach(state -> {
            if (state instanceof Serving serving
                    && serving.healthy()
                    && serving.cluster().equals(basis.id())) {
                healthy.add(serving.self());
            }
        });
        List<Member> lost = basis.voters().stream()
                .filter(voter -> basis.healthy(voter) && !isChanged(voter) && !healthy.contains(voter.id()))
                .toList();
        if (!lost.isEmpty()) {
            String who = lost.stream().map(Member::toString).collect(Collectors.joining(" and "));
            return Optional.of(who + " stopped answering between the decision and the change, so nothing was changed"
                    + details(states));
        }
        return keepsQuorum(healthy)
                ? Optional.empty()
                : Optional.of("too few voters serve to " + change + ": the cluster might lose its quorum");
    }

    private boolean keepsQuorum(Set<MemberId> healthy) {
        int voters = basis.voters().size();
        int serving = serving(basis.voters(), healthy);
        if (change instanceof Add add) {
            // A cluster of one stops until its second voter runs; whoever decides on a voter there has accepted that.
            int needed = add.learner() || voters == 1 ? voters : voters + 1;
            return serving >= ClusterView.quorumOf(needed);
        }
        List<Member> others =
                basis.voters().stream().filter(voter -> !isChanged(voter)).toList();
        if (change instanceof Remove) {
            return serving(others, healthy) >= ClusterView.quorumOf(others.size());
        }
        if (change instanceof Update) {
            // The others lose sight of the member if the URL leads nowhere.
            return serving(others, healthy) >= ClusterView.quorumOf(voters);
        }
        return serving + serving(List.of(((Promote) change).member()), healthy) >= ClusterView.quorumOf(voters + 1);
    }

    private static int serving(List<Member> members, Set<MemberId> healthy) {
        return (int) members.stream().filter(it -> healthy.contains(it.id())).count();
    }

    /** Whether it is the member that the change removes or moves, which counts for nothing. */
    private boolean isChanged(Member member) {
        if (change instanceof Update update) {
            return update.member().id().equals(member.id());
        }
        return change instanceof Remove remove && remove.member().id().equals(member.id());
    }

    private static String details(Map<Endpoint, PeerState> states) {
        String details = states.values().stream()
                .map(QuorumCheck::detail)
                .flatMap(Optional::stream)
                .collect(Collectors.joining("; "));
        return details.isEmpty() ? "" : " (" + details + ")";
    }

    private static Optional<String> detail(PeerState state) {
        if (state instanceof Silent silent) {
            return Optional.of(silent.detail());
        }
        return state instanceof Rejected rejected ? Optional.of(rejected.detail()) : Optional.empty();
    }
}
