package io.etcdaws.etcd;

import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
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
 * Changes the membership or who leads, one change at a time, each within a deadline; how is in {@link LockedChange} and {@link
 * LeadershipTransfer}. Replies exactly once to each {@link Apply} and {@link HandOver}.
 */
public final class MembershipChanger extends AbstractBehavior<MembershipChanger.Command> {
    /** What it understands. */
    public sealed interface Command {}

    /**
     * Make a change. Every voter must have been probed in the same round, just before.
     *
     * @param change the change
     * @param basis the cluster that it was decided on
     * @param via the voters that serve with quorum, the leader first
     * @param replyTo who is told how it ended
     */
    public record Apply(MembershipChange change, ClusterView basis, List<Endpoint> via, ActorRef<ChangeOutcome> replyTo)
            implements Command {
        public Apply {
            via = List.copyOf(via);
        }
    }

    /**
     * Have the leader hand over to another voter; the members stay as they are. Refused, and never for good, where etcd cannot
     * do it: the v2 API has no call for it.
     *
     * @param to the voter that is to lead
     * @param basis the cluster that this was decided on
     * @param leader where the present leader is asked
     * @param replyTo who is told how it ended: {@code Changed}, {@code Refused} or {@code Uncertain}
     */
    public record HandOver(Member to, ClusterView basis, Endpoint leader, ActorRef<ChangeOutcome> replyTo)
            implements Command {}

    private record Ended(Work work, ChangeOutcome outcome) implements Command {}

    private record DeadlinePassed(Work work) implements Command {}

    private record Running(Work work, ActorRef<ChangeOutcome> replyTo) {}

    /** The calls of a change that may each use up their time-out, with some to spare. */
    private static final int CALLS = 10;

    /** Members that serve answer within milliseconds. */
    private static final Duration LONGEST_LAST_LOOK = Duration.ofSeconds(2);

    private final TimerScheduler<Command> timers;
    private final EtcdClient client;
    private final String holder;
    private final Duration lastLook;
    private final Duration deadline;
    private final LongSupplier nanoTime;
    private final Set<EtcdClient.Lock> unreleased = ConcurrentHashMap.newKeySet();
    private Optional<Running> running = Optional.empty();

    private MembershipChanger(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            EtcdClient client,
            String holder,
            Duration lastLook,
            Duration deadline,
            LongSupplier nanoTime) {
        super(context);
        this.timers = timers;
        this.client = client;
        this.holder = holder;
        this.lastLook = lastLook;
        this.deadline = deadline;
        this.nanoTime = nanoTime;
    }

    /**
     * A changer that waits for changes.
     *
     * @param holder what others are told of who holds the lock, such as instance id and address
     * @param changeTimeout how long each of the client's calls may take; the whole change may take several times that
     * @param nanoTime a clock that nobody sets, as {@link System#nanoTime()}
     */
    public static Behavior<Command> create(
            EtcdClient client, String holder, Duration changeTimeout, LongSupplier nanoTime) {
        Duration deadline = changeTimeout.multipliedBy(CALLS).plus(LockedChange.LONGER_THAN_AN_ELECTION);
        Duration lastLook = changeTimeout.compareTo(LONGEST_LAST_LOOK) < 0 ? changeTimeout : LONGEST_LAST_LOOK;
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new MembershipChanger(context, timers, client, holder, lastLook, deadline, nanoTime)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Apply.class, this::onApply)
                .onMessage(HandOver.class, this::onHandOver)
                .onMessage(Ended.class, this::onEnded)
                .onMessage(DeadlinePassed.class, this::onDeadlinePassed)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    private Behavior<Command> onApply(Apply message) {
        return begin(
                new LockedChange(
                        client,
                        Pause.on(getContext().getSystem(), nanoTime),
                        holder,
                        message.change(),
                        message.basis(),
                        message.via(),
                        lastLook,
                        unreleased),
                message.replyTo());
    }

    private Behavior<Command> onHandOver(HandOver message) {
        return begin(
                new LeadershipTransfer(
                        client,
                        Pause.on(getContext().getSystem(), nanoTime),
                        message.to(),
                        message.basis(),
                        message.leader(),
                        lastLook),
                message.replyTo());
    }

    private Behavior<Command> begin(Work work, ActorRef<ChangeOutcome> replyTo) {
        if (running.isPresent()) {
            replyTo.tell(new ChangeOutcome.Refused("another change is under way on this node", false));
            return this;
        }
        running = Optional.of(new Running(work, replyTo));
        timers.startSingleTimer(new DeadlinePassed(work), deadline);
        getContext().pipeToSelf(work.run(), (outcome, failure) -> new Ended(work, outcome(outcome, failure)));
        return this;
    }

    private static ChangeOutcome outcome(@Nullable ChangeOutcome outcome, @Nullable Throwable failure) {
        return outcome != null ? outcome : new ChangeOutcome.Uncertain("unexpected: " + failure);
    }

    private Behavior<Command> onEnded(Ended message) {
        finish(message.work(), message.outcome());
        return this;
    }

    private Behavior<Command> onDeadlinePassed(DeadlinePassed message) {
        String tooLong = "not done within " + deadline.toSeconds() + " s";
        finish(
                message.work(),
                message.work().abandon()
                        ? new ChangeOutcome.Refused(tooLong + ", and given up before it was sent", false)
                        : new ChangeOutcome.Uncertain(tooLong + ", after it was sent"));
        return this;
    }

    private void finish(Work work, ChangeOutcome outcome) {
        // Work that was given up still ends some time.
        running.filter(it -> it.work() == work).ifPresent(it -> {
            timers.cancelAll();
            running = Optional.empty();
            it.replyTo().tell(outcome);
        });
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        running.ifPresent(it -> it.work().abandon());
        return this;
    }
}
