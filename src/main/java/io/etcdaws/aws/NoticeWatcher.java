package io.etcdaws.aws;

import io.etcdaws.membership.Notice;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Watches the instance metadata for notices of this instance's end. Reads again and again, one reading at a time, and
 * goes on when readings fail: the next one is the retry.
 */
public final class NoticeWatcher extends AbstractBehavior<NoticeWatcher.Command> {
    /** What the watcher is told, all by itself. */
    public sealed interface Command {}

    /** What the watcher tells. */
    public sealed interface Event {}

    /** What the metadata say now. Told first, when it changes, and when it is known again. */
    public record Noticed(Optional<Notice> notice) implements Event {}

    /**
     * It is not known what the metadata say: what was told before may be over. Told once, when the reason changes, and every
     * few minutes.
     *
     * @param message tells a person what failed, where, and what to do
     */
    public record NoticesUnknown(String message) implements Event {}

    private record Look() implements Command {}

    private record Seen(Optional<Notice> notice) implements Command {}

    private record LookFailed(Throwable failure) implements Command {}

    private record Forget() implements Command {}

    /** After this long a failure that lasts is told again. */
    private static final Duration REMINDER = Duration.ofMinutes(5);

    /** How much longer or shorter than the interval a wait may be, so that the nodes do not ask in step. */
    private static final double JITTER = 0.1;

    private final TimerScheduler<Command> timers;
    private final InstanceMetadata metadata;
    private final Duration interval;
    private final ActorRef<Event> subscriber;
    private final RandomGenerator random;
    private Optional<Event> told = Optional.empty();

    private NoticeWatcher(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            InstanceMetadata metadata,
            Duration interval,
            ActorRef<Event> subscriber,
            RandomGenerator random) {
        super(context);
        this.timers = timers;
        this.metadata = metadata;
        this.interval = interval;
        this.subscriber = subscriber;
        this.random = random;
    }

    /**
     * A watcher that reads at once, and from then on an interval after each reading.
     *
     * @param interval give or take a tenth
     * @param subscriber is told what is new
     */
    public static Behavior<Command> create(InstanceMetadata metadata, Duration interval, ActorRef<Event> subscriber) {
        return create(metadata, interval, subscriber, new SplittableRandom());
    }

    /**
     * A watcher that reads at once, and from then on an interval after each reading.
     *
     * @param interval give or take a tenth
     * @param subscriber is told what is new
     * @param random tells how much is given or taken
     */
    public static Behavior<Command> create(
            InstanceMetadata metadata, Duration interval, ActorRef<Event> subscriber, RandomGenerator random) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            NoticeWatcher watcher = new NoticeWatcher(context, timers, metadata, interval, subscriber, random);
            watcher.look();
            return watcher;
        }));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Look.class, this::onLook)
                .onMessage(Seen.class, this::onSeen)
                .onMessage(LookFailed.class, this::onLookFailed)
                .onMessage(Forget.class, this::onForget)
                .build();
    }

    private Behavior<Command> onLook(Look look) {
        look();
        return this;
    }

    private void look() {
        getContext()
                .pipeToSelf(
                        metadata.notice(),
                        (notice, failure) -> failure == null ? new Seen(notice) : new LookFailed(failure));
    }

    private Behavior<Command> onSeen(Seen seen) {
        timers.cancel(Forget.class);
        tellIfNew(new Noticed(seen.notice()));
        return lookLater();
    }

    private Behavior<Command> onLookFailed(LookFailed failed) {
        String message = MetadataFailure.unwrap(failed.failure()).getMessage();
        if (tellIfNew(new NoticesUnknown(message))) {
            timers.startSingleTimer(Forget.class, new Forget(), REMINDER);
        }
        return lookLater();
    }

    /** A failure that lasts is new again. */
    private Behavior<Command> onForget(Forget forget) {
        told = Optional.empty();
        return this;
    }

    /** Whether it was new. */
    private boolean tellIfNew(Event event) {
        if (told.equals(Optional.of(event))) {
            return false;
        }
        subscriber.tell(event);
        told = Optional.of(event);
        return true;
    }

    private Behavior<Command> lookLater() {
        double factor = 1 + JITTER * (2 * random.nextDouble() - 1);
        timers.startSingleTimer(Look.class, new Look(), Duration.ofMillis(Math.round(interval.toMillis() * factor)));
        return this;
    }
}
