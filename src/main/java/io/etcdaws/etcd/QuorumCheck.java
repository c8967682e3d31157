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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * The last look before a change of the membership: whether the cluster keeps its quorum by it, as its members are at this
 * moment, and whether one that is removed as dead has come back. etcd's own check does not see members that are frozen or cut
 * off, in 3.5 for minutes.
 */
final class QuorumCheck {
    /** How long one that is removed as dead has to answer: who is back answers at once, and who is gone holds nobody up. */
    private static final Duration FOR_THE_DEAD = Duration.ofMillis(500);

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
        for (Map.Entry<Endpoint, Duration> each : asked().entrySet()) {
            Endpoint endpoint = each.getKey();
            all = all.thenCombine(client.probe(endpoint, each.getValue()).answer(), (states, state) -> {
                Map<Endpoint, PeerState> more = new LinkedHashMap<>(states);
                more.put(endpoint, state);
                return more;
            });
        }
        return all.thenApply(this::judge);
    }

    /** Whom to ask, and how long they have to answer. */
    private Map<Endpoint, Duration> asked() {
        Map<Endpoint, Duration> asked = new LinkedHashMap<>();
        via.forEach(endpoint -> asked.put(endpoint, deadline));
        if (change instanceof Promote promote) {
            Places.of(promote.member(), via).forEach(endpoint -> asked.put(endpoint, deadline));
        }
        Duration brief = deadline.compareTo(FOR_THE_DEAD) < 0 ? deadline : FOR_THE_DEAD;
        removedAsDead()
                .ifPresent(member -> Places.of(member, via).forEach(endpoint -> asked.putIfAbsent(endpoint, brief)));
        return asked;
    }

    /** The member that is removed, if it did not answer when that was decided. */
    private Optional<Member> removedAsDead() {
        return change instanceof Remove remove && !(basis.stateOf(remove.member()) instanceof Serving)
                ? Optional.of(remove.member())
                : Optional.empty();
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
        Optional<Member> back = removedAsDead().filter(member -> isBack(member, states));
        if (back.isPresent()) {
            return Optional.of(back.get() + " answers again, so it was not removed");
        }
        return keepsQuorum(healthy)
                ? Optional.empty()
                : Optional.of("too few voters serve to " + change + ": the cluster might lose its quorum");
    }

    private boolean isBack(Member member, Map<Endpoint, PeerState> states) {
        return states.values().stream()
                .anyMatch(state -> state instanceof Serving serving
                        && serving.cluster().equals(basis.id())
                        && serving.self().equals(member.id()));
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
