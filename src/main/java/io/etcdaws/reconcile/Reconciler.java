package io.etcdaws.reconcile;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.GroupScanner.Depth;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Decider;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.Transition;
import io.etcdaws.peersfile.ChangeCommand;
import io.etcdaws.peersfile.ChangeCommandRunner;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.Chronicle.Verdict;
import io.etcdaws.reconcile.Observer.ObservationFailed;
import io.etcdaws.reconcile.Observer.Observed;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.UnaryOperator;
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
 * Goes through rounds of observe, decide, act, one after the other: until a decision is final or the time is up, or in the
 * periodic mode until it is told to finish. Each round starts from scratch and makes one change at most.
 */
public final class Reconciler extends AbstractBehavior<Reconciler.Command> {
    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

    /** The shortest time-out that a lifecycle hook can have is 30 s; every other round must be able to miss. */
    private static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(10);

    /** An instance goes on within seconds after its lifecycle action; if it still waits then, AWS did not do what it said. */
    private static final Duration UNTIL_COMPLETED_AGAIN = Duration.ofMinutes(1);

    /** What it is told, all but {@link Finish} by those it asked and by its own timers. */
    public sealed interface Command {}

    /**
     * End when nothing is under way that should not be broken off: at once, unless a decision is being carried out or the
     * operator's command runs, which would not be run again.
     */
    public record Finish() implements Command {}

    private record MetadataAnswered(MetadataReader.Reply reply) implements Command {}

    private record NoticesAnswered(NoticeWatcher.Event event) implements Command {}

    private record FilesRead() implements Command {}

    private record FilesUnusable(Throwable failure) implements Command {}

    private record ObserverAnswered(Observer.Reply reply) implements Command {}

    private record EnactorAnswered(Enactor.Result result) implements Command {}

    private record CommandEnded(ChangeCommand.Result result) implements Command {}

    private record KeptHeld(GroupSteward.Reply reply) implements Command {}

    private record NextRound() implements Command {}

    private record TimeIsUp() implements Command {}

    /**
     * Whom it asks, and has act.
     *
     * @param metadata tells which instance this is
     * @param notices makes a watcher of what the metadata tell of this instance's end
     * @param observing whom the observers ask
     * @param changer makes a changer of memberships for this node
     * @param steward acts on the group
     * @param writer writes the peers file
     * @param changeCommand runs the operator's command after the file has changed, if there is one
     * @param files what is read from disk
     * @param endpoints where the etcd at an address of the group is asked
     * @param blocking where files are read
     * @param clock tells the time
     * @param jitter makes a pause a little longer or shorter
     * @param listener is told of every round
     */
    public record Services(
            ActorRef<MetadataReader.Command> metadata,
            Function<ActorRef<NoticeWatcher.Event>, Behavior<NoticeWatcher.Command>> notices,
            Observer.Sources observing,
            Function<Node, Behavior<MembershipChanger.Command>> changer,
            ActorRef<GroupSteward.Command> steward,
            ActorRef<PeersFileWriter.Command> writer,
            Optional<ActorRef<ChangeCommandRunner.Command>> changeCommand,
            LocalFiles files,
            Function<Address, Endpoint> endpoints,
            Executor blocking,
            SteadyClock clock,
            UnaryOperator<Duration> jitter,
            RoundListener listener) {
        /** Those who must live as long as the run. */
        private List<ActorRef<?>> actors() {
            List<ActorRef<?>> actors = new ArrayList<>(List.of(metadata, observing.groupScanner(), steward, writer));
            changeCommand.ifPresent(actors::add);
            return actors;
        }
    }

    private final TimerScheduler<Command> timers;
    private final Services services;
    private final Policy policy;
    private final ReconcileSettings settings;
    private final CompletableFuture<Outcome> result;
    private final Narrator narrator;
    private final Chronicle chronicle;
    private final Pacing pacing;
    private final Instant deadline;

    private Optional<Identity> identity = Optional.empty();
    private Situation situation = Situation.blank();
    private Memory memory = Memory.blank();
    private boolean converged;
    private boolean noticedMeanwhile;
    private int refusals;
    private Optional<Instant> groupMissingSince = Optional.empty();
    private Optional<AwsFailure> withoutAws = Optional.empty();
    private Instant heldAt = Instant.MIN;
    private Instant completeAgainAt = Instant.MAX;
    private boolean enacting;
    private int commandsUnderWay;
    private boolean finishing;
    private Optional<Ending> afterCommand = Optional.empty();
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
        this.narrator = new Narrator(settings.mode());
        this.chronicle = new Chronicle(services.listener(), policy, now());
        this.pacing = new Pacing(settings, services.jitter(), now());
        this.deadline = now().plus(settings.timeout());
    }

    /**
     * A reconciler that starts at once, and stops when it has ended.
     *
     * @param result completed with how the run ended
     */
    public static Behavior<Command> create(
            Services services, Policy policy, ReconcileSettings settings, CompletableFuture<Outcome> result) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            if (settings.mode() != Mode.PERIODIC) {
                timers.startSingleTimer(new TimeIsUp(), settings.timeout());
            }
            services.actors().forEach(context::watch);
            Reconciler reconciler = new Reconciler(context, timers, services, policy, settings, result);
            reconciler.readMetadata();
            return reconciler;
        }));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(MetadataAnswered.class, this::onMetadataAnswered)
                .onMessage(NoticesAnswered.class, this::onNoticesAnswered)
                .onMessage(NextRound.class, this::onNextRound)
                .onMessage(FilesRead.class, this::onFilesRead)
                .onMessage(FilesUnusable.class, this::onFilesUnusable)
                .onMessage(ObserverAnswered.class, this::onObserverAnswered)
                .onMessage(EnactorAnswered.class, this::onEnactorAnswered)
                .onMessage(CommandEnded.class, this::onCommandEnded)
                .onMessage(KeptHeld.class, this::onKeptHeld)
                .onMessage(TimeIsUp.class, this::onTimeIsUp)
                .onMessage(Finish.class, this::onFinish)
                .onSignal(ChildFailed.class, this::onChildFailed)
                .onSignal(Terminated.class, this::onTerminated)
                .build();
    }

    // Who this is.

    private void readMetadata() {
        services.metadata()
                .tell(new MetadataReader.Read(
                        getContext().messageAdapter(MetadataReader.Reply.class, MetadataAnswered::new)));
    }

    private Behavior<Command> onMetadataAnswered(MetadataAnswered answered) {
        if (answered.reply() instanceof MetadataReader.MetadataFailed failed) {
            return failRound(new Ending(ExitCode.METADATA, failed.message()));
        }
        Node self = ((MetadataReader.Identified) answered.reply()).node();
        log.info("this is {} at {} in {}", self.id(), self.address(), self.zone());
        identity = Optional.of(new Identity(
                self, watched(getContext().spawn(services.changer().apply(self), "membership-changer"))));
        if (settings.mode() == Mode.PERIODIC && policy.role() == Role.MEMBER) {
            ActorRef<NoticeWatcher.Event> replies =
                    getContext().messageAdapter(NoticeWatcher.Event.class, NoticesAnswered::new);
            watched(getContext().spawn(services.notices().apply(replies), "notice-watcher"));
        }
        return startRound();
    }

    private Behavior<Command> onNoticesAnswered(NoticesAnswered answered) {
        if (answered.event() instanceof NoticeWatcher.NoticesUnknown unknown) {
            log.warn("whether this instance is to end is not known: {}", unknown.message());
            return this;
        }
        Optional<Notice> heard = ((NoticeWatcher.Noticed) answered.event()).notice();
        if (heard.equals(situation.notice())) {
            // Metadata that come and go, and say the same, are no reason to look.
            return this;
        }
        situation = situation.with(heard);
        situation.notice().ifPresent(notice -> log.warn("this instance is {}: {}", notice.kind(), notice.detail()));
        if (timers.isTimerActive(NextRound.class)) {
            timers.startSingleTimer(NextRound.class, new NextRound(), Duration.ZERO);
        } else {
            noticedMeanwhile = true;
        }
        return this;
    }

    // A round: look.

    private Behavior<Command> onNextRound(NextRound next) {
        if (identity.isEmpty()) {
            readMetadata();
            return this;
        }
        return startRound();
    }

    private Behavior<Command> startRound() {
        doing = "observing the group and its peers";
        if (!now().isBefore(completeAgainAt)) {
            completeAgainAt = Instant.MAX;
            situation = situation.withHandled(Optional.empty());
        }
        noticedMeanwhile = false;
        withoutAws = Optional.empty();
        chronicle.begin(now());
        // Before the peers are asked: with the certificates as they are now.
        getContext()
                .pipeToSelf(
                        readFiles(),
                        (found, failure) -> failure == null ? new FilesRead() : new FilesUnusable(failure));
        return this;
    }

    private CompletableFuture<LocalFiles.Found> readFiles() {
        CompletableFuture<LocalFiles.Found> reading = new CompletableFuture<>();
        services.blocking().execute(() -> {
            try {
                reading.complete(services.files().read());
            } catch (LocalFiles.Unusable | RuntimeException | Error e) {
                reading.completeExceptionally(e);
            }
        });
        return reading;
    }

    private Behavior<Command> onFilesUnusable(FilesUnusable unusable) {
        return filesUnusable(unusable.failure());
    }

    private Behavior<Command> filesUnusable(Throwable failure) {
        if (failure instanceof LocalFiles.Unusable known) {
            return failRound(new Ending(ExitCode.CONFIGURATION, String.valueOf(known.getMessage())));
        }
        log.error("reading this machine's files broke", failure);
        return end(Ending.bug(failure.toString()));
    }

    private Behavior<Command> onFilesRead(FilesRead read) {
        watched(getContext()
                .spawnAnonymous(Observer.create(
                        services.observing(),
                        self(),
                        draft(),
                        this::readFiles,
                        // Whatever was not as it should be may have changed since; what was, is only looked over.
                        converged ? Depth.LIGHT : Depth.FULL,
                        services.clock(),
                        getContext().messageAdapter(Observer.Reply.class, ObserverAnswered::new))));
        return this;
    }

    private ObservationDraft draft() {
        return new ObservationDraft(self(), policy, situation, services.endpoints(), settings.lookUpMaxAge(), memory);
    }

    // Decide.

    private Behavior<Command> onObserverAnswered(ObserverAnswered answered) {
        if (answered.reply() instanceof ObservationFailed failed) {
            return onObservationFailed(failed.failure());
        }
        if (answered.reply() instanceof Observer.FilesUnusable unusable) {
            return filesUnusable(unusable.failure());
        }
        if (finishing) {
            return this;
        }
        if (withoutAws.isPresent() && !interrupted()) {
            return failRound(Ending.of(withoutAws.get()));
        }
        Observed observed = upToDate((Observed) answered.reply());
        groupMissingSince = Optional.empty();
        narrator.observed(observed.observation());
        Decision decided = Decider.decide(observed.observation(), policy);
        memory = observed.memory().with(observed.memory().upkeep().withDecision(decided, now()));
        narrator.conditions(chronicle.decided(observed.observation(), decided));
        narrator.decided(decided, now(), settings.mode() == Mode.PERIODIC ? Optional.empty() : Optional.of(left()));
        return settings.mode() == Mode.PLAN ? tell(decided) : carryOut(decided, observed);
    }

    /** With a notice that came while it was looked around: who has just started and is to end must not join first. */
    private Observed upToDate(Observed observed) {
        Observation seen = observed.observation();
        situation = situation.shown(lifecycleOfSelf(seen));
        noticedMeanwhile = false;
        return observed.with(seen.continuity().withNotice(situation.notice(), situation.handedOver()));
    }

    private static Optional<LifecycleState> lifecycleOfSelf(Observation seen) {
        return seen.group().find(seen.self().id()).flatMap(Instance::lifecycle);
    }

    /** A group that does not show this instance may only be behind: that is believed when it was so for a while. */
    private Behavior<Command> onObservationFailed(AwsFailure failure) {
        Optional<Group> last = chronicle.observation().map(Observation::group).filter(group -> interrupted());
        if (last.isPresent()) {
            narrator.cameToNothing(
                    failure.getMessage()
                            + "; EC2 takes this instance within two minutes, so that the group is taken for what"
                            + " it was when it was last seen",
                    now());
            withoutAws = Optional.of(failure);
            return observeWithoutAws(last.get());
        }
        boolean missing = failure.kind() == Kind.NOT_IN_GROUP || failure.kind() == Kind.NOT_FOUND;
        if (missing && settings.mode() != Mode.PERIODIC) {
            Instant since = groupMissingSince.orElseGet(this::now);
            groupMissingSince = Optional.of(since);
            if (Duration.between(since, now()).compareTo(policy.confirmAfter()) < 0) {
                narrator.cameToNothing(
                        failure.getMessage() + "; looking again for " + Describe.duration(policy.confirmAfter())
                                + " before this is believed",
                        now());
                return waitFor("the group to show this instance");
            }
        }
        return failRound(Ending.of(failure));
    }

    /**
     * Whoever is interrupted does nothing but leave, which rests on etcd and on the metadata. A group that takes an instance out of
     * service holds it until AWS answers again, and may be taken down as a whole.
     */
    private boolean interrupted() {
        return situation
                .notice()
                .filter(notice -> notice.kind() == Notice.Kind.INTERRUPTED)
                .isPresent();
    }

    private Behavior<Command> observeWithoutAws(Group last) {
        watched(getContext()
                .spawnAnonymous(Observer.withoutAws(
                        services.observing(),
                        self(),
                        draft(),
                        this::readFiles,
                        last,
                        services.clock(),
                        getContext().messageAdapter(Observer.Reply.class, ObserverAnswered::new))));
        return this;
    }

    /** A plan waits only for what time alone brings, so that it can tell what would be done then. */
    private Behavior<Command> tell(Decision decided) {
        boolean early = decided instanceof Wait wait && wait.until() == Until.TIME_PASSES;
        return early ? waitFor("time to pass") : end(Ending.planned(decided));
    }

    // Act.

    private Behavior<Command> carryOut(Decision decided, Observed observed) {
        if (decided instanceof Wait wait) {
            return waitFor(wait.waitingFor());
        }
        if (decided instanceof LeaveToOther left) {
            return waitFor("the node of " + left.to() + " to " + left.change());
        }
        if (decided instanceof HoldLifecycle hold && !heartbeatDue()) {
            return waitFor(hold.waitingFor());
        }
        if (decided instanceof Refuse refuse) {
            return failRound(Ending.refused(refuse));
        }
        if (decided instanceof KeepPeersFile) {
            return fileInPlace(Ending.kept());
        }
        doing = doing(decided);
        enacting = true;
        Enactor.Hands hands =
                new Enactor.Hands(self(), identity.orElseThrow().changer(), services.writer(), services.steward());
        watched(getContext()
                .spawnAnonymous(Enactor.create(
                        hands,
                        decided,
                        observed,
                        getContext().messageAdapter(Enactor.Result.class, EnactorAnswered::new))));
        return this;
    }

    private static String doing(Decision decided) {
        if (decided instanceof ChangeMembership change) {
            return "having etcd " + change.change() + " (which may yet take effect; running again finishes it)";
        }
        return decided instanceof WritePeersFile || decided instanceof Converged
                ? "writing the peers file"
                : "trying to " + Describe.decision(decided);
    }

    private Behavior<Command> onEnactorAnswered(EnactorAnswered answered) {
        enacting = false;
        if (answered.result() instanceof Enactor.FileDone done) {
            return onFileDone(done.event());
        }
        if (answered.result() instanceof Enactor.FileNotWritable not) {
            return failRound(Ending.of(not.failure()));
        }
        if (answered.result() instanceof Enactor.MembersDone done) {
            return onMembersDone(done.outcome());
        }
        return answered.result() instanceof Enactor.GroupFailed failed
                ? onGroupFailed(failed.failure())
                : onGroupDone((Enactor.GroupDone) answered.result());
    }

    private Behavior<Command> onFileDone(PeersFileWriter.Event event) {
        Ending ending = Ending.of(event);
        if (ending.exitCode() != ExitCode.DONE) {
            return failRound(ending);
        }
        if (event instanceof PeersFileWriter.Written && services.changeCommand().isPresent()) {
            log.info("{}; running peers-file.on-change", ending.message());
            commandsUnderWay++;
            services.changeCommand()
                    .get()
                    .tell(new ChangeCommandRunner.Run(
                            getContext().messageAdapter(ChangeCommand.Result.class, CommandEnded::new)));
            if (settings.mode() == Mode.ONCE) {
                doing = "running peers-file.on-change";
                afterCommand = Optional.of(ending);
                return this;
            }
        }
        return fileInPlace(ending);
    }

    private Behavior<Command> onCommandEnded(CommandEnded ended) {
        narrator.commandEnded(ended.result());
        commandsUnderWay--;
        if (afterCommand.isPresent()) {
            return end(afterCommand.get());
        }
        return finishing && !underWay() ? end(Ending.finished()) : this;
    }

    private Behavior<Command> fileInPlace(Ending ending) {
        if (settings.mode() != Mode.PERIODIC) {
            return end(ending);
        }
        boolean first = !situation.settled();
        situation = situation.asSettled();
        if (first) {
            log.info(
                    "{}; going on with the upkeep, every {}", ending.message(), Describe.duration(settings.interval()));
        }
        Decision decided = chronicle.decision().orElseThrow();
        boolean nothingLeft = decided instanceof Converged || policy.role() == Role.PROXY;
        return rest(ending.message(), nothingLeft, nothingLeft ? pacing.regular() : pacing.settling());
    }

    private Behavior<Command> onMembersDone(ChangeOutcome outcome) {
        audit(outcome);
        if (!(outcome instanceof ChangeOutcome.Changed)) {
            keepHeld();
        }
        if (outcome instanceof ChangeOutcome.Changed changed) {
            log.info("etcd did it: {}", changed.detail());
            if (chronicle.decision().orElseThrow() instanceof MoveLeadership) {
                situation = situation.asHandedOver();
            }
            refusals = 0;
            pacing.madeProgress();
            return rest(changed.detail(), false, Duration.ZERO);
        }
        if (outcome instanceof ChangeOutcome.Overtaken) {
            narrator.cameToNothing("the members changed meanwhile; deciding afresh", now());
            return pauseFor("a view that nobody changes meanwhile");
        }
        if (outcome instanceof ChangeOutcome.Uncertain uncertain) {
            log.warn("it is not known whether etcd did it: {}; looking again", uncertain.message());
            return pauseFor("etcd to tell what became of the change");
        }
        if (outcome instanceof ChangeOutcome.Locked locked) {
            String change = "the membership change of " + locked.holder();
            narrator.cameToNothing("waiting for " + change, now());
            return pauseFor(change);
        }
        return onRefused((ChangeOutcome.Refused) outcome);
    }

    private Behavior<Command> onRefused(ChangeOutcome.Refused refused) {
        refusals++;
        boolean forNow = !refused.permanent() && (settings.mode() == Mode.PERIODIC || refusals < settings.refusals());
        if (!forNow) {
            return failRound(Ending.refusedByEtcd(refused.message()));
        }
        log.info("etcd refused for now: {}", refused.message());
        doing = "waiting for etcd to accept the change; it said: " + refused.message();
        return rest("etcd refused for now: " + refused.message(), false, pacing.afterRefusal());
    }

    /** A hook that holds this instance must not run out while its member tries to leave. */
    private void keepHeld() {
        Observation seen = chronicle.observation().orElseThrow();
        boolean leaving = chronicle.decision().orElseThrow().reason().rule() == Rule.LEAVE;
        boolean held = lifecycleOfSelf(seen)
                .filter(state -> state.waitsAt(Transition.TERMINATING))
                .isPresent();
        if (leaving && held && heartbeatDue()) {
            heldAt = now();
            services.steward()
                    .tell(new GroupSteward.HoldAction(
                            self(),
                            seen.group().name(),
                            Transition.TERMINATING,
                            getContext().messageAdapter(GroupSteward.Reply.class, KeptHeld::new)));
        }
    }

    private boolean heartbeatDue() {
        return Duration.between(heldAt, now()).compareTo(BETWEEN_HEARTBEATS) >= 0;
    }

    private Behavior<Command> onKeptHeld(KeptHeld kept) {
        if (kept.reply() instanceof GroupSteward.ActionFailed failed) {
            log.warn("the lifecycle action cannot be held: {}", failed.failure().getMessage());
        }
        return this;
    }

    /** What nobody tried, or somebody else did, needs no record. */
    private void audit(ChangeOutcome outcome) {
        boolean tried = !(outcome instanceof ChangeOutcome.Locked || outcome instanceof ChangeOutcome.Overtaken);
        if (tried && chronicle.decision().orElseThrow() instanceof ChangeMembership change) {
            chronicle.changed(change, outcome, self(), services.clock().told(now()));
        }
    }

    private Behavior<Command> onGroupDone(Enactor.GroupDone done) {
        Decision decided = chronicle.decision().orElseThrow();
        if (decided instanceof HoldLifecycle hold) {
            heldAt = now();
            return waitFor(hold.waitingFor());
        }
        if (decided instanceof CompleteLifecycle) {
            // Also where no hook of ours waits: another program's hook is not ours to complete.
            completeAgainAt = now().plus(UNTIL_COMPLETED_AGAIN);
            situation = situation.withHandled(chronicle.observation().flatMap(Reconciler::lifecycleOfSelf));
        }
        log.info("{}", done.detail());
        return rest(done.detail(), false, pacing.regular());
    }

    private Behavior<Command> onGroupFailed(AwsFailure failure) {
        if (chronicle.decision().orElseThrow() instanceof WriteMark && !failure.retryable()) {
            log.warn("the cluster's mark is not recorded, and will not be tried again: {}", failure.getMessage());
            situation = situation.withMarkRefused();
            return rest("the cluster's mark could not be recorded", false, pacing.regular());
        }
        if (launchCompletes() && !failure.retryable()) {
            // The upkeep of the others must not wait for what may never be allowed.
            log.warn(
                    "the lifecycle action of launching is not completed, and will be tried again after a restart or a"
                            + " reload only: {}",
                    failure.getMessage());
            situation = situation.withHandled(chronicle.observation().flatMap(Reconciler::lifecycleOfSelf));
            return rest("the lifecycle action of launching could not be completed", false, pacing.regular());
        }
        return failRound(Ending.of(failure));
    }

    private boolean launchCompletes() {
        return chronicle.decision().orElseThrow() instanceof CompleteLifecycle complete
                && complete.transition() == Transition.LAUNCHING;
    }

    // What comes next.

    /** Nothing can be done yet. */
    private Behavior<Command> waitFor(String what) {
        doing = "waiting for " + what;
        return rest(doing, false, pacing.whileWaiting(situation.settled(), now()));
    }

    /** Somebody else was faster, or nobody knows: look again soon. */
    private Behavior<Command> pauseFor(String what) {
        doing = "waiting for " + what;
        return rest(doing, false, pacing.afterConflict(situation.settled()));
    }

    /** Something did not go as decided: the end in the one-shot mode; else the next round starts from scratch. */
    private Behavior<Command> failRound(Ending ending) {
        if (settings.mode() != Mode.PERIODIC) {
            return end(ending);
        }
        Duration pause = orHeartbeat(pacing.afterFailure());
        narrator.failed(ending.message(), pause, now());
        return rest(new Verdict(ending.message(), true, situation.settled(), false), pause);
    }

    private Behavior<Command> rest(String came, boolean nothingLeft, Duration pause) {
        return rest(new Verdict(came, false, situation.settled(), nothingLeft), pause);
    }

    private Behavior<Command> rest(Verdict verdict, Duration usual) {
        // A spot instance has two minutes left: its notice is not kept waiting for the interval.
        Duration pause = noticedMeanwhile ? Duration.ZERO : orHeartbeat(usual);
        converged = verdict.converged();
        chronicle.end(verdict, pause, now());
        if (finishing) {
            return underWay() ? this : end(Ending.finished());
        }
        if (pause.isZero()) {
            return startRound();
        }
        timers.startSingleTimer(NextRound.class, new NextRound(), pause);
        return this;
    }

    /** That long, but where this instance ends no longer than a hook waits for its next heartbeat. */
    private Duration orHeartbeat(Duration pause) {
        boolean ends = situation
                .notice()
                .filter(notice -> notice.kind() != Notice.Kind.AT_RISK)
                .isPresent();
        return ends && pause.compareTo(BETWEEN_HEARTBEATS) > 0 ? BETWEEN_HEARTBEATS : pause;
    }

    private Behavior<Command> onFinish(Finish finish) {
        finishing = true;
        timers.cancel(NextRound.class);
        return underWay() ? this : end(Ending.finished());
    }

    private boolean underWay() {
        return enacting || commandsUnderWay > 0;
    }

    private Behavior<Command> onTimeIsUp(TimeIsUp timeIsUp) {
        if (identity.isEmpty()) {
            return end(Ending.timedOutUnidentified(settings.timeout()));
        }
        Optional<Decision> decision = chronicle.decision();
        return end(
                settings.mode() == Mode.PLAN && decision.isPresent()
                        ? Ending.planned(decision.get())
                        : Ending.timedOut(settings.timeout(), decision, doing));
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
        // Observers and enactors stop with their round; the others must not.
        return services.actors().contains(terminated.getRef())
                ? end(Ending.bug(terminated.getRef().path().name() + " stopped by itself"))
                : this;
    }

    private Behavior<Command> end(Ending ending) {
        result.complete(
                new Outcome(ending.exitCode(), ending.message(), chronicle.observation(), chronicle.decision()));
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
