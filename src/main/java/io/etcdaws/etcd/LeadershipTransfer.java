package io.etcdaws.etcd;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.PeerState.Serving;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The leader hands over to another voter. That is no change of the membership and takes no lock: what can go wrong is an
 * election, which etcd goes through by itself.
 */
final class LeadershipTransfer {
    private final EtcdClient client;
    private final Member to;
    private final ClusterView basis;
    private final Endpoint leader;
    private final Duration probeDeadline;

    /**
     * One that has not begun.
     *
     * @param to a voter that was just seen healthy
     * @param leader where the present leader is
     */
    LeadershipTransfer(EtcdClient client, Member to, ClusterView basis, Endpoint leader, Duration probeDeadline) {
        this.client = client;
        this.to = to;
        this.basis = basis;
        this.leader = leader;
        this.probeDeadline = probeDeadline;
    }

    /** Asks the leader, once. The stage never fails. */
    CompletionStage<ChangeOutcome> run() {
        return client.moveLeader(leader, to.id())
                .handle((done, failure) -> failure == null
                        ? CompletableFuture.<ChangeOutcome>completedFuture(led("as asked"))
                        : lookAgain(EtcdException.of(failure)))
                .thenCompose(stage -> stage);
    }

    /** Whatever the leader said, it knows who leads now. */
    private CompletionStage<ChangeOutcome> lookAgain(EtcdException why) {
        return client.probe(leader, probeDeadline)
                .answer()
                .thenApply(state -> state instanceof Serving serving
                                && serving.leader().filter(to.id()::equals).isPresent()
                        ? led("although " + why.getMessage())
                        : new Refused(to + " does not lead: " + why.getMessage(), isForGood(why)));
    }

    private static boolean isForGood(EtcdException why) {
        return switch (why.kind()) {
            case DENIED, UNSUPPORTED, INVALID -> true;
            default -> false;
        };
    }

    private ChangeOutcome led(String detail) {
        return new Changed(basis.members(), to + " leads, " + detail);
    }
}
