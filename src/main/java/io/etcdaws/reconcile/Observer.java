package io.etcdaws.reconcile;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.etcd.EtcdClient;
import io.etcdaws.etcd.EtcdProbe;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Continuity;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.reconcile.ObservationDraft.LookUps;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Gathers one round's observation, and stops: has the group scanned, then all its peers probed side by side, then the
 * instances looked up that members have and the group has not, and last reads this machine's files. What it stops with, it takes along: its probes.
 */
public final class Observer extends AbstractBehavior<Observer.Command> {
    /** What it is told, all by those it asked. */
    public sealed interface Command {}

    private record ScanAnswered(GroupScanner.ScanReply reply) implements Command {}

    private record LookUpAnswered(GroupScanner.LookUpReply reply) implements Command {}

    private record PeerProbed(EtcdProbe.Probed probed) implements Command {}

    private record FilesRead(LocalFiles.Found found) implements Command {}

    private record FilesBroke(Throwable failure) implements Command {}

    /** What it answers. */
    sealed interface Reply {}

    /**
     * The round's observation.
     *
     * @param asked where each peer was asked
     * @param memory what the next round must know
     */
    record Observed(Observation observation, Map<Address, Endpoint> asked, Memory memory) implements Reply {
        /** The same, with what came to be known meanwhile. */
        Observed with(Continuity known) {
            return new Observed(observation.with(known), asked, memory);
        }

        /** Where the voters were asked that serve with quorum, the leader first. */
        List<Endpoint> healthyVoters(ClusterView view) {
            return view.voters().stream()
                    .filter(view::healthy)
                    .sorted(Comparator.comparing(voter -> !view.leader().equals(Optional.of(voter.id()))))
                    .flatMap(voter -> voter.peerUrls().stream()
                            .flatMap(url -> Optional.ofNullable(asked.get(url.host())).stream())
                            .limit(1))
                    .toList();
        }
    }

    /** AWS did not tell what is needed. */
    record ObservationFailed(AwsFailure failure) implements Reply {}

    /** The files of this machine could not be read. */
    record FilesUnusable(Throwable failure) implements Reply {}

    /** Whom it asks. */
    public record Sources(ActorRef<GroupScanner.Command> groupScanner, EtcdClient etcd, Duration probeTimeout) {}

    private final Sources sources;
    private final Node self;
    private final ObservationDraft draft;
    private final Supplier<CompletableFuture<LocalFiles.Found>> files;
    private final InstantSource clock;
    private final ActorRef<Reply> replyTo;
    private final ActorRef<EtcdProbe.Probed> probeReplies;
    private boolean lookingUp;

    private Observer(
            ActorContext<Command> context,
            Sources sources,
            Node self,
            ObservationDraft draft,
            Supplier<CompletableFuture<LocalFiles.Found>> files,
            InstantSource clock,
            ActorRef<Reply> replyTo) {
        super(context);
        this.sources = sources;
        this.self = self;
        this.draft = draft;
        this.files = files;
        this.clock = clock;
        this.replyTo = replyTo;
        this.probeReplies = context.messageAdapter(EtcdProbe.Probed.class, PeerProbed::new);
    }

    static Behavior<Command> create(
            Sources sources,
            Node self,
            ObservationDraft draft,
            Supplier<CompletableFuture<LocalFiles.Found>> files,
            GroupScanner.Depth depth,
            InstantSource clock,
            ActorRef<Reply> replyTo) {
        return Behaviors.setup(context -> {
            Observer observer = new Observer(context, sources, self, draft, files, clock, replyTo);
            sources.groupScanner()
                    .tell(new GroupScanner.Scan(
                            self, depth, context.messageAdapter(GroupScanner.ScanReply.class, ScanAnswered::new)));
            return observer;
        });
    }

    /** One that asks nothing of AWS, and takes the group for what it was when it was last seen. */
    static Behavior<Command> withoutAws(
            Sources sources,
            Node self,
            ObservationDraft draft,
            Supplier<CompletableFuture<LocalFiles.Found>> files,
            Group last,
            InstantSource clock,
            ActorRef<Reply> replyTo) {
        return Behaviors.setup(context -> {
            Observer observer = new Observer(context, sources, self, draft, files, clock, replyTo);
            observer.probe(draft.remembered(last));
            return observer;
        });
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(ScanAnswered.class, this::onScanAnswered)
                .onMessage(LookUpAnswered.class, this::onLookUpAnswered)
                .onMessage(PeerProbed.class, this::onPeerProbed)
                .onMessage(FilesRead.class, this::onFilesRead)
                .onMessage(FilesBroke.class, this::onFilesBroke)
                .onSignal(ChildFailed.class, this::onProbeFailed)
                .onSignal(Terminated.class, this::onProbeStopped)
                .build();
    }

    /** A probe that breaks never answers: so that nobody waits for it, it takes the round along. */
    private Behavior<Command> onProbeFailed(ChildFailed failed) {
        throw new IllegalStateException("a probe broke", failed.getCause());
    }

    private Behavior<Command> onProbeStopped(Terminated terminated) {
        return this;
    }

    private Behavior<Command> onScanAnswered(ScanAnswered answered) {
        if (answered.reply() instanceof GroupScanner.ScanFailed failed) {
            return fail(failed.failure());
        }
        GroupScanner.Scanned scanned = (GroupScanner.Scanned) answered.reply();
        probe(draft.scanned(scanned.group(), scanned.at()));
        return proceed();
    }

    private Behavior<Command> onLookUpAnswered(LookUpAnswered answered) {
        if (answered.reply() instanceof GroupScanner.LookUpFailed failed) {
            return fail(failed.failure());
        }
        GroupScanner.LookedUp found = (GroupScanner.LookedUp) answered.reply();
        draft.lookedUp(found.byId(), found.byAddress(), found.at());
        return finish();
    }

    private Behavior<Command> onPeerProbed(PeerProbed message) {
        EtcdProbe.Probed probed = message.probed();
        probe(draft.probed(probed.peer().address(), probed.state()));
        return proceed();
    }

    private void probe(List<Endpoint> endpoints) {
        for (Endpoint endpoint : endpoints) {
            getContext()
                    .watch(getContext()
                            .spawnAnonymous(
                                    EtcdProbe.create(sources.etcd(), endpoint, sources.probeTimeout(), probeReplies)));
        }
    }

    private Behavior<Command> proceed() {
        if (!draft.allProbed() || lookingUp) {
            return this;
        }
        LookUps needed = draft.lookUpsNeeded(clock.instant());
        if (needed.isEmpty()) {
            return finish();
        }
        lookingUp = true;
        sources.groupScanner()
                .tell(new GroupScanner.LookUp(
                        self,
                        needed.ids(),
                        needed.addresses(),
                        getContext().messageAdapter(GroupScanner.LookUpReply.class, LookUpAnswered::new)));
        return this;
    }

    /**
     * Only now, after the peers have told: a data directory without data is a loss only if it was seen so after the members
     * were seen to list this node as started. Its etcd may have started since the round began.
     */
    private Behavior<Command> finish() {
        getContext()
                .pipeToSelf(
                        files.get(),
                        (found, failure) -> failure == null ? new FilesRead(found) : new FilesBroke(failure));
        return this;
    }

    private Behavior<Command> onFilesRead(FilesRead read) {
        LocalFiles.Found found = read.found();
        Observation observation = draft.finish(clock.instant(), found.dataDirectory(), found.peersFilePresent());
        replyTo.tell(new Observed(observation, draft.asked(), draft.memory()));
        return Behaviors.stopped();
    }

    private Behavior<Command> onFilesBroke(FilesBroke broke) {
        replyTo.tell(new FilesUnusable(broke.failure()));
        return Behaviors.stopped();
    }

    private Behavior<Command> fail(AwsFailure failure) {
        replyTo.tell(new ObservationFailed(failure));
        return Behaviors.stopped();
    }
}
