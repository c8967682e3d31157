package io.etcdaws.etcd;

import io.etcdaws.etcd.ClientPort.Found;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.MembersApi.Status;
import io.etcdaws.etcd.PeerPort.Told;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Forming;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the client port of a peer, and its peer port where that does not answer; makes of it what {@link EtcdClient#probe} documents. */
final class PeerProbe {
    /** How asking a port ended, apart from a full answer. */
    private enum Ending {
        REFUSED,
        /** No connection came about. */
        NO_CONNECTION,
        /** Connected, and nothing more. */
        MUTE,
        /** It had begun to answer as an etcd should, and then did not. */
        STALLED,
        REJECTED
    }

    /** What asking one port led to. */
    private sealed interface Side<T> {
        record Answered<T>(T answer) implements Side<T> {}

        record Failed<T>(Ending ending, String detail) implements Side<T> {}
    }

    /** After which time an answer is late, so that what would stand in for it is asked for as well. */
    private static final Duration LATE = Duration.ofMillis(300);

    private final Conversation conversation;
    private final ClientPort clientPort;
    private final PeerPort peerPort;

    PeerProbe(Conversation conversation, ClientPort clientPort, PeerPort peerPort) {
        this.conversation = conversation;
        this.clientPort = clientPort;
        this.peerPort = peerPort;
    }

    /** What is seen. Never fails. */
    CompletionStage<PeerState> run() {
        CompletionStage<Side<PeerState>> client = askClientPort();
        CompletionStage<Optional<Side<Told>>> peer = unless(
                client.thenApply(side -> side instanceof Side.Answered),
                () -> side(peerPort.tell(), PeerProbe::ending).thenApply(Optional::of));
        return client.thenCompose(side -> side instanceof Side.Answered<PeerState> answered
                ? CompletableFuture.completedFuture(answered.answer())
                : peer.thenApply(told -> classify((Side.Failed<PeerState>) side, told.orElseThrow())));
    }

    /** What stands in for another answer, once that has turned out to be of no use, or is late; nothing if it is of use in time. */
    private <T> CompletionStage<Optional<T>> unless(
            CompletionStage<Boolean> useful, Supplier<CompletionStage<Optional<T>>> question) {
        CompletableFuture<Boolean> instead = new CompletableFuture<>();
        useful.thenAccept(it -> instead.complete(!it));
        conversation.after(LATE, () -> instead.complete(true));
        return instead.thenCompose(
                asked -> asked ? question.get() : CompletableFuture.completedFuture(Optional.empty()));
    }

    private CompletionStage<Side<PeerState>> askClientPort() {
        return side(clientPort.version(), PeerProbe::ending).thenCompose(side -> {
            if (side instanceof Side.Answered<EtcdVersion> version) {
                CompletionStage<PeerState> serving =
                        clientPort.find(version.answer()).thenCompose(this::serving);
                return side(serving, PeerProbe::laterEnding);
            }
            Side.Failed<EtcdVersion> failed = (Side.Failed<EtcdVersion>) side;
            return CompletableFuture.completedFuture(new Side.Failed<>(failed.ending(), failed.detail()));
        });
    }

    /** Completes the picture of a member that has answered; what else it does not tell in time is left out. */
    private CompletionStage<PeerState> serving(Found found) {
        Status status = found.status();
        if (status.leader().isEmpty()) {
            // Whatever needs a quorum would only run into the deadline.
            return optional(found.api().members(false))
                    .thenApply(list -> serving(found, list.map(MemberList::members), false));
        }
        CompletionStage<Boolean> health = optional(clientPort.healthy()).thenApply(it -> it.orElse(false));
        CompletionStage<QuorumRead> quorum = found.api().dialect().readsThroughQuorum()
                ? found.api().members(true).handle(QuorumRead::of)
                : CompletableFuture.completedFuture(QuorumRead.IMPOSSIBLE);
        CompletionStage<Optional<MemberList>> local = unless(
                quorum.thenApply(read -> read.list().isPresent()),
                () -> optional(found.api().members(false)));
        return quorum.thenCombine(
                        local,
                        (read, own) -> new Lists(read, read.list().or(() -> own).map(MemberList::members)))
                .thenCombine(
                        health,
                        (lists, healthy) -> serving(
                                found,
                                lists.members(),
                                healthy && lists.quorum().granted()));
    }

    private record Lists(QuorumRead quorum, Optional<List<Member>> members) {}

    /**
     * A member list that was read through a quorum.
     *
     * @param granted whether nothing speaks against a quorum: it worked, or could not be tried for another reason
     * @param list what was read
     */
    private record QuorumRead(boolean granted, Optional<MemberList> list) {
        static final QuorumRead IMPOSSIBLE = new QuorumRead(true, Optional.empty());

        static QuorumRead of(MemberList list, @Nullable Throwable failure) {
            if (failure == null) {
                return new QuorumRead(true, Optional.of(list));
            }
            Kind kind = EtcdException.of(failure).kind();
            return new QuorumRead(kind == Kind.DENIED || kind == Kind.LEARNER, Optional.empty());
        }
    }

    private static Serving serving(Found found, Optional<List<Member>> members, boolean healthy) {
        Status status = found.status();
        return new Serving(
                status.cluster(),
                status.self(),
                members.orElse(List.of()),
                status.leader(),
                healthy,
                status.learner(),
                found.api().dialect().version().text(),
                found.api().dialect().version().cluster(),
                status.term(),
                status.index(),
                found.api().dialect().api());
    }

    /** The table of {@link EtcdClient#probe}, row by row. */
    private static PeerState classify(Side.Failed<PeerState> client, Side<Told> peer) {
        String detail = client.detail() + "; " + describe(peer);
        if (client.ending() == Ending.REJECTED) {
            return new Rejected(detail);
        }
        if (client.ending() == Ending.STALLED) {
            return new Silent(detail);
        }
        if (peer instanceof Side.Answered<Told> told) {
            return member(client.ending(), told.answer(), detail);
        }
        Ending ofPeer = ((Side.Failed<Told>) peer).ending();
        if (ofPeer == Ending.REJECTED) {
            return new Rejected(detail);
        }
        return client.ending() == Ending.REFUSED && ofPeer == Ending.REFUSED ? new NotServing() : new Silent(detail);
    }

    private static PeerState member(Ending ofClient, Told told, String detail) {
        if (told.forming()) {
            return new Forming(told.cluster(), told.members());
        }
        return ofClient == Ending.MUTE
                ? new HoldsData(told.cluster(), told.members(), told.clusterVersion())
                : new Rejected(detail + ": an etcd runs there, but its client port cannot be reached from here");
    }

    private static String describe(Side<Told> peer) {
        if (peer instanceof Side.Answered<Told> told) {
            return "its peer port tells cluster version " + told.answer().clusterVersion() + " of cluster "
                    + told.answer().cluster();
        }
        return ((Side.Failed<Told>) peer).detail();
    }

    private static Ending ending(EtcdException failure) {
        return switch (failure.kind()) {
            case CONNECTION_REFUSED -> Ending.REFUSED;
            case NO_CONNECTION -> Ending.NO_CONNECTION;
            case TIMED_OUT -> Ending.MUTE;
            default -> Ending.REJECTED;
        };
    }

    /** Once the client port has told its version, it is there and no longer mute. */
    private static Ending laterEnding(EtcdException failure) {
        return switch (failure.kind()) {
            case CONNECTION_REFUSED, NO_CONNECTION, TIMED_OUT, BROKEN, UNDECIDED -> Ending.STALLED;
            default -> Ending.REJECTED;
        };
    }

    private static <T> CompletionStage<Side<T>> side(CompletionStage<T> asked, Function<EtcdException, Ending> ending) {
        return asked.handle((answer, failure) -> {
            if (failure == null) {
                return new Side.Answered<>(answer);
            }
            EtcdException why = EtcdException.of(failure);
            return new Side.Failed<>(ending.apply(why), String.valueOf(why.getMessage()));
        });
    }

    private static <T> CompletionStage<Optional<T>> optional(CompletionStage<T> asked) {
        return asked.handle((answer, failure) -> failure == null ? Optional.of(answer) : Optional.empty());
    }
}
