package io.etcdaws.simulation;

import io.etcdaws.etcd.EtcdException;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.simulation.EtcdModel.Version;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** What a member checks before it proposes a change of the membership, with its own view: {@code strict-reconfig-check}. */
final class Checks {
    private final EtcdModel etcd;
    private final EtcdProcess self;
    private final List<Member> members;
    private final List<Member> voters;

    Checks(EtcdModel etcd, EtcdProcess self, VirtualTime time) {
        this.etcd = etcd;
        this.self = self;
        Entry.State state = Objects.requireNonNull(self.disk.committed).state();
        this.members = state.list();
        this.voters = state.voters();
    }

    Optional<EtcdException> refusal(MembershipChange change) {
        if (change instanceof Add add) {
            return add(add);
        }
        if (change instanceof Remove remove) {
            return find(remove.member()).map(this::remove).orElseGet(Checks::notFound);
        }
        if (change instanceof Update update) {
            return find(update.member())
                    .map(member -> duplicate(update.peerUrl(), member))
                    .orElseGet(Checks::notFound);
        }
        return find(((Promote) change).member()).map(this::promote).orElseGet(Checks::notFound);
    }

    private Optional<EtcdException> add(Add add) {
        long started = started(voters);
        boolean restoring = voters.size() == 1 && started == 1;
        if (!add.learner() && !restoring && started < ClusterView.quorumOf(voters.size() + 1)) {
            return no(Kind.NOT_NOW, "re-configuration failed due to not enough started members");
        }
        int connected = etcd.connectedVoters(self, voters);
        int needed = etcd.version == Version.V3_5 ? ClusterView.quorumOf(voters.size() + 1) : voters.size();
        if (voters.size() > 1 && connected < needed) {
            return no(Kind.NOT_NOW, "unhealthy cluster");
        }
        Optional<EtcdException> duplicate = duplicate(add.peerUrl(), null);
        if (duplicate.isPresent()) {
            return duplicate;
        }
        return add.learner() && members.stream().anyMatch(Member::learner)
                ? no(Kind.NOT_NOW, "too many learner members in cluster")
                : Optional.empty();
    }

    private Optional<EtcdException> remove(Member member) {
        if (member.learner()) {
            return Optional.empty();
        }
        List<Member> left =
                voters.stream().filter(voter -> !voter.equals(member)).toList();
        if (left.isEmpty() || started(left) < ClusterView.quorumOf(left.size())) {
            return no(Kind.NOT_NOW, "re-configuration failed due to not enough started members");
        }
        // One that is down is no part of the quorum, and may go.
        if (!member.id().equals(self.self()) && etcd.seenDown(self, member.id())) {
            return Optional.empty();
        }
        return etcd.connectedVoters(self, voters) - 1 < 1 + (voters.size() - 1) / 2
                ? no(Kind.NOT_NOW, "unhealthy cluster")
                : Optional.empty();
    }

    private Optional<EtcdException> promote(Member member) {
        if (member.voter()) {
            return no(Kind.NOT_A_LEARNER, "can only promote a learner member");
        }
        if (!inStep(member)) {
            return no(Kind.NOT_NOW, "can only promote a learner member which is in sync with leader");
        }
        return started(voters) + 1 < ClusterView.quorumOf(voters.size() + 1)
                ? no(Kind.NOT_NOW, "re-configuration failed due to not enough started members")
                : Optional.empty();
    }

    private boolean inStep(Member learner) {
        return etcd.processes().stream()
                .anyMatch(process -> process.self().equals(learner.id())
                        && etcd.reach(self, process)
                        && process.disk.lastIndex() * 10 >= self.disk.lastIndex() * 9);
    }

    private Optional<EtcdException> duplicate(PeerUrl url, @org.jspecify.annotations.Nullable Member except) {
        return members.stream()
                        .filter(member -> !member.equals(except))
                        .anyMatch(member -> member.peerUrls().contains(url))
                ? no(Kind.DUPLICATE_URL, "Peer URLs already exists")
                : Optional.empty();
    }

    private Optional<Member> find(Member wanted) {
        return members.stream()
                .filter(member -> member.id().equals(wanted.id()))
                .findFirst();
    }

    /** etcd counts whoever has a name, also where it has only been named in the first list. */
    private static long started(List<Member> members) {
        return members.stream().filter(member -> !member.name().isEmpty()).count();
    }

    private static Optional<EtcdException> notFound() {
        return no(Kind.NOT_FOUND, "member not found");
    }

    private static Optional<EtcdException> no(Kind kind, String message) {
        return Optional.of(new EtcdException(kind, "etcdserver: " + message));
    }
}
