package io.etcdaws.aws;

import io.etcdaws.membership.Node;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/** Reads which instance this is, and owns the retries of that. Requests that meet share one reading. */
public final class MetadataReader extends AbstractBehavior<MetadataReader.Command> {
    /** What the reader is told. */
    public sealed interface Command {}

    /** What the reader answers. */
    public sealed interface Reply {}

    /** Asks which instance this is. */
    public record Read(ActorRef<Reply> replyTo) implements Command {}

    /** The instance is known. */
    public record Identified(Node node) implements Reply {}

    /**
     * The instance could not be made out.
     *
     * @param message tells a person what failed, where, and what to do
     */
    public record MetadataFailed(String message) implements Reply {}

    private record Known(Node node) implements Command {}

    private record Failed(Throwable failure) implements Command {}

    private record ReadAgain() implements Command {}

    /** The only question there is. */
    private enum Question {
        NODE
    }

    private final InstanceMetadata metadata;
    private final TimerScheduler<Command> timers;
    private final Inquiries<Question, Reply> inquiries;

    private MetadataReader(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            InstanceMetadata metadata,
            Inquiries<Question, Reply> inquiries) {
        super(context);
        this.metadata = metadata;
        this.timers = timers;
        this.inquiries = inquiries;
    }

    /** A reader of that metadata. */
    public static Behavior<Command> create(InstanceMetadata metadata, AwsSettings settings) {
        return create(metadata, settings, new SplittableRandom());
    }

    /**
     * A reader of that metadata.
     *
     * @param random tells how long to wait between attempts
     */
    public static Behavior<Command> create(InstanceMetadata metadata, AwsSettings settings, RandomGenerator random) {
        Backoff backoff = new Backoff(settings.backoffBase(), settings.backoffMax());
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new MetadataReader(
                context, timers, metadata, new Inquiries<>(settings.metadataAttempts(), backoff, random))));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Read.class, this::onRead)
                .onMessage(ReadAgain.class, this::onReadAgain)
                .onMessage(Known.class, this::onKnown)
                .onMessage(Failed.class, this::onFailed)
                .build();
    }

    private Behavior<Command> onRead(Read read) {
        if (inquiries.join(Question.NODE, read.replyTo())) {
            readNode();
        }
        return this;
    }

    private Behavior<Command> onReadAgain(ReadAgain again) {
        readNode();
        return this;
    }

    private void readNode() {
        getContext()
                .pipeToSelf(
                        metadata.node(), (node, failure) -> failure == null ? new Known(node) : new Failed(failure));
    }

    private Behavior<Command> onKnown(Known known) {
        inquiries.close(Question.NODE, new Identified(known.node()));
        return this;
    }

    private Behavior<Command> onFailed(Failed failed) {
        MetadataFailure failure = MetadataFailure.unwrap(failed.failure());
        inquiries
                .failed(Question.NODE, failure.retryable(), false)
                .ifPresentOrElse(
                        wait -> {
                            getContext().getLog().info("{}", Retry.describe(failure, wait));
                            timers.startSingleTimer(new ReadAgain(), wait);
                        },
                        () -> inquiries.close(Question.NODE, new MetadataFailed(failure.getMessage())));
        return this;
    }
}
