package io.etcdaws.aws;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Asks AWS for the group and for single instances, and owns the retries of that: failed attempts are repeated after a
 * growing, random wait, longer when AWS throttles. Equal questions share one call; different ones do not wait for each
 * other. A light scan costs one call where the group's instances are the same as before, and is a full one elsewhere.
 */
public final class GroupScanner extends AbstractBehavior<GroupScanner.Command> {
    /** What the scanner is told. */
    public sealed interface Command {}

    /** What the scanner answers to a {@link Scan}. */
    public sealed interface ScanReply {}

    /** What the scanner answers to a {@link LookUp}. */
    public sealed interface LookUpReply {}

    /** How much of the group's answer must be new. */
    public enum Depth {
        /** All of it. */
        FULL,
        /**
         * What Auto Scaling says: which instances there are, their lifecycle states, the desired capacity, the tags. What EC2
         * says of the instances may be old, if they all ran. This proves nothing of addresses or ends.
         */
        LIGHT
    }

    /**
     * Asks for the group. An answer as deep as that, or deeper, is given out again for as long as the settings allow.
     *
     * @param node the instance this program runs on
     */
    public record Scan(Node node, Depth depth, ActorRef<ScanReply> replyTo) implements Command {}

    /**
     * The group was scanned.
     *
     * @param at when the answer came
     */
    public record Scanned(Group group, Instant at) implements ScanReply {}

    /** AWS said that the group is not there or not right, or the last attempt to scan it failed. */
    public record ScanFailed(AwsFailure failure) implements ScanReply {}

    /**
     * Asks EC2 for instances, in whatever group they are.
     *
     * @param node the instance this program runs on
     */
    public record LookUp(Node node, Set<InstanceId> ids, Set<Address> addresses, ActorRef<LookUpReply> replyTo)
            implements Command {
        public LookUp {
            ids = Set.copyOf(ids);
            addresses = Set.copyOf(addresses);
        }
    }

    /**
     * The instances were looked up; see {@link GroupSource.Found}.
     *
     * @param at when the answer came
     */
    public record LookedUp(Map<InstanceId, Instance> byId, Map<Address, Instance> byAddress, Instant at)
            implements LookUpReply {}

    /** The last attempt to look the instances up failed. */
    public record LookUpFailed(AwsFailure failure) implements LookUpReply {}

    private record GroupAnswered(ScanQuestion question, Group group) implements Command {}

    private record GroupChanged(ScanQuestion question) implements Command {}

    private record GroupCallFailed(ScanQuestion question, Throwable failure) implements Command {}

    private record ScanAgain(ScanQuestion question) implements Command {}

    private record InstancesAnswered(InstancesQuestion question, GroupSource.Found found) implements Command {}

    private record InstancesCallFailed(InstancesQuestion question, Throwable failure) implements Command {}

    private record LookUpAgain(InstancesQuestion question) implements Command {}

    private record ScanQuestion(Node node, Depth depth) {
        ScanQuestion inFull() {
            return new ScanQuestion(node, Depth.FULL);
        }
    }

    private record InstancesQuestion(Node node, Set<InstanceId> ids, Set<Address> addresses) {}

    private final GroupSource source;
    private final InstantSource clock;
    private final Duration maxAge;
    private final TimerScheduler<Command> timers;
    private final Inquiries<ScanQuestion, ScanReply> scans;
    private final Inquiries<InstancesQuestion, LookUpReply> lookUps;
    private Optional<Answer> last = Optional.empty();
    private Optional<Answer> lastFull = Optional.empty();

    /** What AWS said of the group: what it is like, or that it is not there or not right. */
    private record Answer(Node node, ScanReply reply, Instant at) {}

    private GroupScanner(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            GroupSource source,
            AwsSettings settings,
            InstantSource clock,
            RandomGenerator random) {
        super(context);
        this.source = source;
        this.clock = clock;
        this.maxAge = settings.scanMaxAge();
        this.timers = timers;
        Backoff backoff = new Backoff(settings.backoffBase(), settings.backoffMax());
        this.scans = new Inquiries<>(settings.maxAttempts(), backoff, random);
        this.lookUps = new Inquiries<>(settings.maxAttempts(), backoff, random);
    }

    /**
     * A scanner that asks that source.
     *
     * @param clock tells the age of scans
     */
    public static Behavior<Command> create(GroupSource source, AwsSettings settings, InstantSource clock) {
        return create(source, settings, clock, new SplittableRandom());
    }

    /**
     * A scanner that asks that source.
     *
     * @param clock tells the age of scans
     * @param random tells how long to wait between attempts
     */
    public static Behavior<Command> create(
            GroupSource source, AwsSettings settings, InstantSource clock, RandomGenerator random) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new GroupScanner(context, timers, source, settings, clock, random)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Scan.class, this::onScan)
                .onMessage(ScanAgain.class, this::onScanAgain)
                .onMessage(GroupAnswered.class, this::onGroupAnswered)
                .onMessage(GroupChanged.class, this::onGroupChanged)
                .onMessage(GroupCallFailed.class, this::onGroupCallFailed)
                .onMessage(LookUp.class, this::onLookUp)
                .onMessage(LookUpAgain.class, this::onLookUpAgain)
                .onMessage(InstancesAnswered.class, this::onInstancesAnswered)
                .onMessage(InstancesCallFailed.class, this::onInstancesCallFailed)
                .build();
    }

    private Behavior<Command> onScan(Scan scan) {
        Optional<Answer> known = scan.depth() == Depth.FULL ? lastFull : last;
        Optional<Answer> young = known.filter(answer -> isOf(answer, scan.node(), maxAge));
        if (young.isPresent()) {
            scan.replyTo().tell(young.get().reply());
            return this;
        }
        ScanQuestion question = question(scan);
        if (scans.join(question, scan.replyTo())) {
            callForGroup(question);
        }
        return this;
    }

    /** A light question waits for a full scan that is under way, which tells all that it asks for. */
    private ScanQuestion question(Scan scan) {
        ScanQuestion question = new ScanQuestion(scan.node(), scan.depth());
        return scans.isOpen(question.inFull()) ? question.inFull() : question;
    }

    /** Whether the answer is for that node and not older than that. */
    private boolean isOf(Answer answer, Node node, Duration age) {
        Instant now = clock.instant();
        // A clock that was set back makes ages negative; such an answer is not known to be young.
        return answer.node().equals(node)
                && !answer.at().isAfter(now)
                && answer.at().plus(age).isAfter(now);
    }

    private Behavior<Command> onScanAgain(ScanAgain again) {
        callForGroup(again.question());
        return this;
    }

    private void callForGroup(ScanQuestion question) {
        Optional<Group> reusable = reusable(question.node());
        if (question.depth() == Depth.FULL) {
            pipe(question, source.scan(question.node()).thenApply(Optional::of));
        } else if (reusable.isPresent()) {
            pipe(question, source.rescan(question.node(), reusable.get()));
        } else {
            askInFull(question);
        }
    }

    /** The group as the last full scan saw it: however old, since whoever looks lightly saw every instance's etcd serve. */
    private Optional<Group> reusable(Node node) {
        return lastFull.filter(answer -> answer.node().equals(node))
                .flatMap(answer ->
                        answer.reply() instanceof Scanned scanned ? Optional.of(scanned.group()) : Optional.empty());
    }

    private void pipe(ScanQuestion question, CompletionStage<Optional<Group>> call) {
        getContext()
                .pipeToSelf(
                        call,
                        (group, failure) -> failure != null
                                ? new GroupCallFailed(question, failure)
                                : group.<Command>map(same -> new GroupAnswered(question, same))
                                        .orElseGet(() -> new GroupChanged(question)));
    }

    private Behavior<Command> onGroupChanged(GroupChanged changed) {
        askInFull(changed.question());
        return this;
    }

    private void askInFull(ScanQuestion question) {
        ScanQuestion full = question.inFull();
        if (scans.move(question, full)) {
            callForGroup(full);
        }
    }

    private Behavior<Command> onGroupAnswered(GroupAnswered answered) {
        conclude(answered.question(), new Scanned(answered.group(), clock.instant()));
        return this;
    }

    private Behavior<Command> onGroupCallFailed(GroupCallFailed failed) {
        AwsFailure failure = AwsFailure.unwrap(failed.failure());
        if (failure.kind().isAboutGroup()) {
            conclude(failed.question(), new ScanFailed(failure));
            return this;
        }
        scans.failed(failed.question(), failure.retryable(), failure.kind() == Kind.THROTTLED)
                .ifPresentOrElse(
                        wait -> askLater(new ScanAgain(failed.question()), failure, wait),
                        () -> scans.close(failed.question(), new ScanFailed(failure)));
        return this;
    }

    /** Keeps what AWS said, and tells it. */
    private void conclude(ScanQuestion question, ScanReply reply) {
        Answer answer = new Answer(question.node(), reply, clock.instant());
        last = Optional.of(answer);
        if (question.depth() == Depth.FULL) {
            lastFull = last;
        }
        scans.close(question, reply);
    }

    private Behavior<Command> onLookUp(LookUp lookUp) {
        InstancesQuestion question = new InstancesQuestion(lookUp.node(), lookUp.ids(), lookUp.addresses());
        if (lookUps.join(question, lookUp.replyTo())) {
            callForInstances(question);
        }
        return this;
    }

    private Behavior<Command> onLookUpAgain(LookUpAgain again) {
        callForInstances(again.question());
        return this;
    }

    private void callForInstances(InstancesQuestion question) {
        getContext()
                .pipeToSelf(
                        source.lookUp(question.node(), question.ids(), question.addresses()),
                        (found, failure) -> failure == null
                                ? new InstancesAnswered(question, found)
                                : new InstancesCallFailed(question, failure));
    }

    private Behavior<Command> onInstancesAnswered(InstancesAnswered answered) {
        GroupSource.Found found = answered.found();
        lookUps.close(answered.question(), new LookedUp(found.byId(), found.byAddress(), clock.instant()));
        return this;
    }

    private Behavior<Command> onInstancesCallFailed(InstancesCallFailed failed) {
        AwsFailure failure = AwsFailure.unwrap(failed.failure());
        lookUps.failed(failed.question(), failure.retryable(), failure.kind() == Kind.THROTTLED)
                .ifPresentOrElse(
                        wait -> askLater(new LookUpAgain(failed.question()), failure, wait),
                        () -> lookUps.close(failed.question(), new LookUpFailed(failure)));
        return this;
    }

    /** Each question has a timer of its own: the message is the timer's key. */
    private void askLater(Command again, AwsFailure failure, Duration wait) {
        getContext().getLog().info("{}", Retry.describe(failure, wait));
        timers.startSingleTimer(again, again, wait);
    }
}
