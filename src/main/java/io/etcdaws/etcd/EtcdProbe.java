package io.etcdaws.etcd;

import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.PeerState;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one peer once: replies exactly one {@link Probed}, by its deadline at the latest, and stops. Stopped before, it
 * closes its connections and does not reply.
 */
public final class EtcdProbe extends AbstractBehavior<EtcdProbe.Command> {
    /** What it understands; all from itself. */
    public sealed interface Command {}

    private record Answered(PeerState state) implements Command {}

    private record Broke(Throwable failure) implements Command {}

    private record DeadlinePassed() implements Command {}

    /**
     * What was seen.
     *
     * @param peer the peer that was looked at
     * @param state what was seen of it
     */
    public record Probed(Endpoint peer, PeerState state) {}

    private final Endpoint peer;
    private final Duration deadline;
    private final ActorRef<Probed> replyTo;
    private final Call<PeerState> call;

    private EtcdProbe(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            EtcdClient client,
            Endpoint peer,
            Duration deadline,
            ActorRef<Probed> replyTo) {
        super(context);
        this.peer = peer;
        this.deadline = deadline;
        this.replyTo = replyTo;
        this.call = begin(client, peer, deadline);
        // Second, so that the client's own deadline, which knows more, is the first to pass.
        timers.startSingleTimer(new DeadlinePassed(), deadline);
        context.pipeToSelf(call.answer(), EtcdProbe::result);
    }

    /**
     * A probe that begins at once.
     *
     * @param deadline how long after its start it replies at the latest
     */
    public static Behavior<Command> create(
            EtcdClient client, Endpoint peer, Duration deadline, ActorRef<Probed> replyTo) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new EtcdProbe(context, timers, client, peer, deadline, replyTo)));
    }

    /** A client that throws is at fault; that must not cost the reply. */
    private static Call<PeerState> begin(EtcdClient client, Endpoint peer, Duration deadline) {
        try {
            return client.probe(peer, deadline);
        } catch (RuntimeException e) {
            return new NotBegun(e);
        }
    }

    private record NotBegun(RuntimeException why) implements Call<PeerState> {
        @Override
        public CompletionStage<PeerState> answer() {
            return CompletableFuture.failedFuture(why);
        }

        @Override
        public void cancel() {}

        @Override
        public String pending() {
            return "";
        }
    }

    private static Command result(@Nullable PeerState state, @Nullable Throwable failure) {
        if (state != null) {
            return new Answered(state);
        }
        return new Broke(failure == null ? new IllegalStateException("neither answer nor failure") : failure);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Answered.class, this::onAnswered)
                .onMessage(Broke.class, this::onBroke)
                .onMessage(DeadlinePassed.class, this::onDeadlinePassed)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    private Behavior<Command> onAnswered(Answered message) {
        return reply(message.state());
    }

    private Behavior<Command> onBroke(Broke message) {
        // A client never fails a probe, so that this is a fault of ours; the peer must not be taken for absent by it.
        getContext().getLog().error("The probe of {} broke", peer, message.failure());
        return reply(new PeerState.Silent("the probe broke: " + message.failure()));
    }

    private Behavior<Command> onDeadlinePassed(DeadlinePassed message) {
        String pending = call.pending();
        return reply(new PeerState.Silent("no verdict within " + deadline.toMillis() + " ms"
                + (pending.isEmpty() ? "" : ", still waiting for " + pending)));
    }

    private Behavior<Command> reply(PeerState state) {
        replyTo.tell(new Probed(peer, state));
        return Behaviors.stopped();
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        call.cancel();
        return this;
    }
}
