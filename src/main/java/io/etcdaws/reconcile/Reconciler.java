package io.etcdaws.reconcile;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Decider;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Policy;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.Observer.ObservationFailed;
import io.etcdaws.reconcile.Observer.Observed;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes through rounds of observe, decide, act, one after the other, until a decision is final or the time is up. Each round
 * starts from scratch and makes one change at most.
 */
public final class Reconciler extends AbstractBehavior<Reconciler.Command> {
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    /** What it is told, all by those it asked and by its own timers. */
    public sealed interface Command {}

    private record MetadataAnswered(MetadataReader.Reply reply) implements Command {}

    private record FilesRead(LocalFiles.Found found) implements Command {}

    private record FilesUnusable(Throwable failure) implements Command {}

    private record ObserverAnswered(Observer.Reply reply) implements Command {}

    private record ChangerAnswered(ChangeOutcome outcome) implements Command {}

    private record WriterAnswered(PeersFileWriter.Event event) implements Command {}

    private record NextRound() implements Command {}

    private record TimeIsUp() implements Command {}

    /**
     * Whom it asks, and has act.
     *
     * @param metadata tells which instance this is
     * @param observing whom the observers ask
     * @param changer makes a changer of memberships for this node
     * @param writer writes the peers file
     * @param files what is read from disk
     * @param endpoints where the etcd at an address of the group is asked
     * @param blocking where files are read
     * @param clock tells the time
     */
    public record Services(
            ActorRef<MetadataReader.Command> metadata,
            Observer.Sources observing,
            Function<Node, Behavior<MembershipChanger.Command>> changer,
            ActorRef<PeersFileWriter.Command> writer,
            LocalFiles files,
            Function<Address, Endpoint> endpoints,
            Executor blocking,
            InstantSource clock) {
        /** Those who must live as long as the run. */
        private List<ActorRef<?>> actors() {
            return List.of(metadata, observing.groupScanner(), writer);
        }
    }

    private final TimerScheduler<Command> timers;
    private final Services services;
    private final Policy policy;
    private final ReconcileSettings settings;
    private final CompletableFuture<Outcome> result;
    private final Narrator narrator = new Narrator();
    private final Instant deadline;
    private final Pauses pauses;
    private final Pauses refusalPauses;

    private Optional<Identity> identity = Optional.empty();
    private Memory memory = Memory.blank();
    private Optional<Observation> observation = Optional.empty();
    private Optional<Decision> decision = Optional.empty();
    private int refusals;
    private Optional<Instant> groupMissingSince = Optional.empty();
    private String doing = "reading the instance metadata";

    /** This node, and who changes the membership for it. */
    private record Identity(Node self, ActorRef<MembershipChanger.Command> changer) {}

    private Reconciler(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Services services,
            Policy policy,
            ReconcileSettings settings,
            CompletableFuture<Outcome> result) {
        super(context);
        this.timers = timers;
        this.services = services;
        this.policy = policy;
        this.settings = settings;
        this.result = result;
        this.pauses = new Pauses(settings.pollDelay(), settings.pollDelayMax());
        this.refusalPauses = new Pauses(settings.refusalDelay(), settings.refusalDelayMax());
        this.deadline = services.clock().instant().plus(settings.timeout());
    }

    /**
     * A reconciler that starts at once, and stops when it has ended.
     *
     * @param result completed with how the run ended
     */
    public static Behavior<Command> create(
            Services services, Policy policy, ReconcileSettings settings, CompletableFuture<Outcome> result) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startSingleTimer(new TimeIsUp(), settings.timeout());
            services.actors().forEach(context::watch);
            services.metadata()
                    .tell(new MetadataReader.Read(
                            context.messageAdapter(MetadataReader.Reply.class, MetadataAnswered::new)));
            return new Reconciler(context, timers, services, policy, settings, result);
        }));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(MetadataAnswered.class, this::onMetadataAnswered)
                .onMessage(NextRound.class, this::onNextRound)
                .onMessage(FilesRead.class, this::onFilesRead)
                .onMessage(FilesUnusable.class, this::onFilesUnusable)
                .onMessage(ObserverAnswered.class, this::onObserverAnswered)
                .onMessage(ChangerAnswered.class, this::onChangerAnswered)
                .onMessage(WriterAnswered.class, this::onWriterAnswered)
                .onMessage(TimeIsUp.class, this::onTimeIsUp)
                .onSignal(ChildFailed.class, this::onChildFailed)
                .onSignal(Terminated.class, this::onTerminated)
                .build();
    }

    private Behavior<Command> onMetadataAnswered(MetadataAnswered answered) {
        if (answered.reply() instanceof MetadataReader.MetadataFailed failed) {
            return end(new Ending(ExitCode.METADATA, failed.message()));
        }
        Node self = ((MetadataReader.Identified) answered.reply()).node();
        log.info("this is {} at {} in {}", self.id(), self.address(), self.zone());
        identity = Optional.of(new Identity(
                self, watched(getContext().spawn(services.changer().apply(self), "membership-changer"))));
        return startRound();
    }

    private Behavior<Command> onNextRound(NextRound next) {
        return startRound();
    }

    private Behavior<Command> startRound() {
        doing = "observing the group and its peers";
        CompletableFuture<LocalFiles.Found> reading = new CompletableFuture<>();
        services.blocking().execute(() -> {
            try {
                reading.complete(services.files().read());
            } catch (LocalFiles.Unusable | RuntimeException | Error e) {
                reading.completeExceptionally(e);
            }
        });
        getContext()
                .pipeToSelf(
                        reading,
                        (found, failure) -> failure == null ? new FilesRead(found) : new FilesUnusable(failure));
        return this;
    }

    private Behavior<Command> onFilesUnusable(FilesUnusable unusable) {
        if (unusable.failure() instanceof LocalFiles.Unusable known) {
            return end(new Ending(ExitCode.CONFIGURATION, String.valueOf(known.getMessage())));
        }
        log.error("reading this machine's files broke", unusable.failure());
        return end(Ending.bug(unusable.failure().toString()));
    }

    private Behavior<Command> onFilesRead(FilesRead read) {
        ObservationDraft draft =
                new ObservationDraft(self(), policy.role(), services.endpoints(), settings.lookUpMaxAge(), memory);
        watched(getContext()
                .spawnAnonymous(Observer.create(
                        services.observing(),
                        self(),
                        draft,
                        read.found(),
                        services.clock(),
                        getContext().messageAdapter(Observer.Reply.class, ObserverAnswered::new))));
        return this;
    }

    /** Without its end being noticed, nobody would answer, and the run would wait for it until its time is up. */
    private <T> ActorRef<T> watched(ActorRef<T> child) {
        getContext().watch(child);
        return child;
    }

    private Behavior<Command> onChildFailed(ChildFailed failed) {
        return end(Ending.bug(failed.getCause().toString()));
    }

    private Behavior<Command> onTerminated(Terminated terminated) {
        // An observer stops with its round; the others must not.
        return services.actors().contains(terminated.getRef())
                ? end(Ending.bug(terminated.getRef().path().name() + " stopped by itself"))
                : this;
    }

    private Behavior<Command> onObserverAnswered(ObserverAnswered answered) {
        if (answered.reply() instanceof ObservationFailed failed) {
            return onObservationFailed(failed.failure());
        }
        Observed observed = (Observed) answered.reply();
        groupMissingSince = Optional.empty();
        memory = observed.memory();
        observation = Optional.of(observed.observation());
        narrator.observed(observed.observation());
        Decision decided = Decider.decide(observed.observation(), policy);
        decision = Optional.of(decided);
        narrator.decided(decided, now(), left());
        return settings.mode() == Mode.PLAN ? tell(decided) : carryOut(decided, observed);
    }

    /** A group that does not show this instance may only be behind: that is believed when it was so for a while. */
    private Behavior<Command> onObservationFailed(AwsFailure failure) {
        boolean missing = failure.kind() == Kind.NOT_IN_GROUP || failure.kind() == Kind.NOT_FOUND;
        if (missing) {
            Instant since = groupMissingSince.orElseGet(this::now);
            groupMissingSince = Optional.of(since);
            if (Duration.between(since, now()).compareTo(policy.confirmAfter()) < 0) {
                narrator.cameToNothing(
                        failure.getMessage() + "; looking again for " + Describe.duration(policy.confirmAfter())
                                + " before this is believed",
                        now());
                return pauseFor("the group to show this instance");
            }
        }
        return end(Ending.of(failure));
    }

    /** A plan waits only for what time alone brings, so that it can tell what would be done then. */
    private Behavior<Command> tell(Decision decided) {
        boolean early = decided instanceof Wait wait && wait.until() == Until.TIME_PASSES;
        return early ? pauseFor("time to pass") : end(Ending.planned(decided));
    }

    private Behavior<Command> carryOut(Decision decided, Observed observed) {
        if (decided instanceof WritePeersFile write) {
            doing = "writing the peers file";
            services.writer()
                    .tell(new PeersFileWriter.Write(
                            write.content(),
                            getContext().messageAdapter(PeersFileWriter.Event.class, WriterAnswered::new)));
            return this;
        }
        if (decided instanceof ChangeMembership change) {
            doing = "having etcd " + change.change() + " (which may yet take effect; running again finishes it)";
            identity.orElseThrow()
                    .changer()
                    .tell(new MembershipChanger.Apply(
                            change.change(),
                            change.basis(),
                            observed.healthyVoters(change.basis()),
                            getContext().messageAdapter(ChangeOutcome.class, ChangerAnswered::new)));
            return this;
        }
        if (decided instanceof Wait wait) {
            return pauseFor(wait.waitingFor());
        }
        return end(decided instanceof Refuse refuse ? Ending.refused(refuse) : Ending.kept());
    }

    private Behavior<Command> onChangerAnswered(ChangerAnswered answered) {
        if (answered.outcome() instanceof ChangeOutcome.Changed changed) {
            log.info("etcd changed its members: {}", changed.detail());
            refusals = 0;
            pauses.startAgain();
            refusalPauses.startAgain();
            return startRound();
        }
        if (answered.outcome() instanceof ChangeOutcome.Overtaken) {
            narrator.cameToNothing("the members changed meanwhile; deciding afresh", now());
            return pauseFor("a view that nobody changes meanwhile");
        }
        if (answered.outcome() instanceof ChangeOutcome.Uncertain uncertain) {
            log.warn("it is not known whether etcd changed its members: {}; looking again", uncertain.message());
            return pauseFor("etcd to tell what became of the change");
        }
        if (answered.outcome() instanceof ChangeOutcome.Locked locked) {
            String change = "the membership change of " + locked.holder();
            narrator.cameToNothing("waiting for " + change, now());
            return pauseFor(change);
        }
        ChangeOutcome.Refused refused = (ChangeOutcome.Refused) answered.outcome();
        refusals++;
        if (refused.permanent() || refusals >= settings.refusals()) {
            return end(Ending.refusedByEtcd(refused.message()));
        }
        log.info("etcd refused for now: {}", refused.message());
        doing = "waiting for etcd to accept the change; it said: " + refused.message();
        timers.startSingleTimer(new NextRound(), refusalPauses.next());
        return this;
    }

    private Behavior<Command> onWriterAnswered(WriterAnswered answered) {
        return end(Ending.of(answered.event()));
    }

    private Behavior<Command> onTimeIsUp(TimeIsUp timeIsUp) {
        if (identity.isEmpty()) {
            return end(Ending.timedOutUnidentified(settings.timeout()));
        }
        return end(
                settings.mode() == Mode.PLAN && decision.isPresent()
                        ? Ending.planned(decision.get())
                        : Ending.timedOut(settings.timeout(), decision, doing));
    }

    private Behavior<Command> pauseFor(String what) {
        doing = "waiting for " + what;
        timers.startSingleTimer(new NextRound(), pauses.next());
        return this;
    }

    private Behavior<Command> end(Ending ending) {
        result.complete(new Outcome(ending.exitCode(), ending.message(), observation, decision));
        return Behaviors.stopped();
    }

    private Node self() {
        return identity.orElseThrow().self();
    }

    private Instant now() {
        return services.clock().instant();
    }

    private Duration left() {
        return Duration.between(now(), deadline);
    }
}
