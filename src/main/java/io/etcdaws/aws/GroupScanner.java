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
import java.util.concurrent.CompletionException;
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
 * other.
 */
public final class GroupScanner extends AbstractBehavior<GroupScanner.Command> {
    /** What the scanner is told. */
    public sealed interface Command {}

    /** What the scanner answers to a {@link Scan}. */
    public sealed interface ScanReply {}

    /** What the scanner answers to a {@link LookUp}. */
    public sealed interface LookUpReply {}

    /**
     * Asks for the group.
     *
     * @param node the instance this program runs on
     * @param fresh whether a scan that ended earlier will not do, however young
     */
    public record Scan(Node node, boolean fresh, ActorRef<ScanReply> replyTo) implements Command {}

    /**
     * The group was scanned.
     *
     * @param at when the answer came
     */
    public record Scanned(Group group, Instant at) implements ScanReply {}

    /** The last attempt to scan the group failed. */
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

    private record GroupAnswered(Node question, Group group) implements Command {}

    private record GroupCallFailed(Node question, Throwable failure) implements Command {}

    private record ScanAgain(Node question) implements Command {}

    private record InstancesAnswered(InstancesQuestion question, GroupSource.Found found) implements Command {}

    private record InstancesCallFailed(InstancesQuestion question, Throwable failure) implements Command {}

    private record LookUpAgain(InstancesQuestion question) implements Command {}

    private record InstancesQuestion(Node node, Set<InstanceId> ids, Set<Address> addresses) {}

    private final GroupSource source;
    private final InstantSource clock;
    private final Duration maxAge;
    private final TimerScheduler<Command> timers;
    private final Inquiries<Node, ScanReply> scans;
    private final Inquiries<InstancesQuestion, LookUpReply> lookUps;
    private Optional<Last> last = Optional.empty();

    /** The last scan that succeeded. */
    private record Last(Node node, Scanned scanned) {}

    private GroupScanner(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            GroupSource source,
            AwsSettings settings,
            InstantSource clock) {
        super(context);
        this.source = source;
        this.clock = clock;
        this.maxAge = settings.scanMaxAge();
        this.timers = timers;
        Backoff backoff = new Backoff(settings.backoffBase(), settings.backoffMax());
        SplittableRandom random = new SplittableRandom();
        this.scans = new Inquiries<>(settings.maxAttempts(), backoff, random);
        this.lookUps = new Inquiries<>(settings.maxAttempts(), backoff, random);
    }

    /**
     * A scanner that asks that source.
     *
     * @param clock tells the age of scans
     */
    public static Behavior<Command> create(GroupSource source, AwsSettings settings, InstantSource clock) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new GroupScanner(context, timers, source, settings, clock)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Scan.class, this::onScan)
                .onMessage(ScanAgain.class, this::onScanAgain)
                .onMessage(GroupAnswered.class, this::onGroupAnswered)
                .onMessage(GroupCallFailed.class, this::onGroupCallFailed)
                .onMessage(LookUp.class, this::onLookUp)
                .onMessage(LookUpAgain.class, this::onLookUpAgain)
                .onMessage(InstancesAnswered.class, this::onInstancesAnswered)
                .onMessage(InstancesCallFailed.class, this::onInstancesCallFailed)
                .build();
    }

    private Behavior<Command> onScan(Scan scan) {
        Optional<Scanned> young = scan.fresh() ? Optional.empty() : youngScanOf(scan.node());
        if (young.isPresent()) {
            scan.replyTo().tell(young.get());
        } else if (scans.join(scan.node(), scan.replyTo())) {
            callForGroup(scan.node());
        }
        return this;
    }

    private Optional<Scanned> youngScanOf(Node node) {
        Instant now = clock.instant();
        return last.filter(scan -> scan.node().equals(node))
                .map(Last::scanned)
                // A clock that was set back makes ages negative; such a scan is not known to be young.
                .filter(scan ->
                        !scan.at().isAfter(now) && scan.at().plus(maxAge).isAfter(now));
    }

    private Behavior<Command> onScanAgain(ScanAgain again) {
        callForGroup(again.question());
        return this;
    }

    private void callForGroup(Node question) {
        getContext()
                .pipeToSelf(
                        source.scan(question),
                        (group, failure) -> failure == null
                                ? new GroupAnswered(question, group)
                                : new GroupCallFailed(question, failure));
    }

    private Behavior<Command> onGroupAnswered(GroupAnswered answered) {
        Scanned scanned = new Scanned(answered.group(), clock.instant());
        last = Optional.of(new Last(answered.question(), scanned));
        scans.close(answered.question(), scanned);
        return this;
    }

    private Behavior<Command> onGroupCallFailed(GroupCallFailed failed) {
        AwsFailure failure = unwrap(failed.failure());
        scans.failed(failed.question(), failure.retryable(), failure.kind() == Kind.THROTTLED)
                .ifPresentOrElse(
                        wait -> askLater(new ScanAgain(failed.question()), failure, wait),
                        () -> scans.close(failed.question(), new ScanFailed(failure)));
        return this;
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
        AwsFailure failure = unwrap(failed.failure());
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

    /** Anything but an {@link AwsFailure} is a bug, and crashes the actor. */
    private static AwsFailure unwrap(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof AwsFailure known) {
            return known;
        }
        throw new IllegalStateException("asking AWS failed in an unforeseen way", failure);
    }
}
