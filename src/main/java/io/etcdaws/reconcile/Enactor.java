package io.etcdaws.reconcile;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Node;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.Observer.Observed;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/** Carries out one decision: has the file written, the members changed, or Auto Scaling told, says what came of it, and stops. */
final class Enactor extends AbstractBehavior<Enactor.Command> {
    /** What it is told, all by those it asked. */
    sealed interface Command {}

    private record WriterAnswered(PeersFileWriter.Event event) implements Command {}

    private record ChangerAnswered(ChangeOutcome outcome) implements Command {}

    private record StewardAnswered(GroupSteward.Reply reply) implements Command {}

    /** What came of it. */
    sealed interface Result {}

    /** The peers file is as it is to be, or could not be made so. */
    record FileDone(PeersFileWriter.Event event) implements Result {}

    /** The peers file could not be written, so the membership was left alone. */
    record FileNotWritable(PeersFileWriter.WriteFailed failure) implements Result {}

    /** etcd was asked to change its members, or its leader. */
    record MembersDone(ChangeOutcome outcome) implements Result {}

    /** Auto Scaling did what it was asked for, or had nothing to do. */
    record GroupDone(boolean acted, String detail) implements Result {}

    /** Auto Scaling could not be asked, or refused. */
    record GroupFailed(AwsFailure failure) implements Result {}

    /** Nothing was to be done. */
    record Nothing() implements Result {}

    /** Whom it has act. */
    record Hands(
            Node self,
            ActorRef<MembershipChanger.Command> changer,
            ActorRef<PeersFileWriter.Command> writer,
            ActorRef<GroupSteward.Command> steward) {}

    private final Hands hands;
    private final Decision decision;
    private final Observed observed;
    private final ActorRef<Result> replyTo;

    private Enactor(
            ActorContext<Command> context,
            Hands hands,
            Decision decision,
            Observed observed,
            ActorRef<Result> replyTo) {
        super(context);
        this.hands = hands;
        this.decision = decision;
        this.observed = observed;
        this.replyTo = replyTo;
    }

    /** Starts at once. */
    static Behavior<Command> create(Hands hands, Decision decision, Observed observed, ActorRef<Result> replyTo) {
        return Behaviors.setup(context -> new Enactor(context, hands, decision, observed, replyTo).begin());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(WriterAnswered.class, this::onWriterAnswered)
                .onMessage(ChangerAnswered.class, this::onChangerAnswered)
                .onMessage(StewardAnswered.class, this::onStewardAnswered)
                .build();
    }

    private Behavior<Command> begin() {
        if (decision instanceof WritePeersFile write) {
            return write(write.content());
        }
        if (decision instanceof Converged converged) {
            return write(converged.content());
        }
        if (decision instanceof ChangeMembership) {
            // A member that was added and whose file cannot be written would count against quorum and hold up all
            // others.
            hands.writer().tell(new PeersFileWriter.Check(writerReplies()));
            return this;
        }
        if (decision instanceof MoveLeadership move) {
            return handOver(move);
        }
        return askGroup();
    }

    private Behavior<Command> write(InitialCluster content) {
        hands.writer().tell(new PeersFileWriter.Write(content, writerReplies()));
        return this;
    }

    private Behavior<Command> handOver(MoveLeadership move) {
        // It is decided on by the node whose healthy member leads, and that is the first.
        hands.changer()
                .tell(new MembershipChanger.HandOver(
                        move.to(), move.basis(), via(move.basis()).get(0), changerReplies()));
        return this;
    }

    private Behavior<Command> askGroup() {
        String group = observed.observation().group().name();
        if (decision instanceof WriteMark mark) {
            hands.steward()
                    .tell(new GroupSteward.RecordMark(
                            hands.self(), group, mark.cluster().toString(), stewardReplies()));
            return this;
        }
        if (decision instanceof CompleteLifecycle complete) {
            hands.steward()
                    .tell(new GroupSteward.CompleteAction(
                            hands.self(), group, complete.transition(), stewardReplies()));
            return this;
        }
        if (decision instanceof HoldLifecycle hold) {
            hands.steward().tell(new GroupSteward.HoldAction(hands.self(), group, hold.transition(), stewardReplies()));
            return this;
        }
        return done(new Nothing());
    }

    private Behavior<Command> onWriterAnswered(WriterAnswered answered) {
        if (!(decision instanceof ChangeMembership change)) {
            return done(new FileDone(answered.event()));
        }
        if (answered.event() instanceof PeersFileWriter.WriteFailed failed) {
            return done(new FileNotWritable(failed));
        }
        hands.changer()
                .tell(new MembershipChanger.Apply(
                        change.change(), change.basis(), via(change.basis()), changerReplies()));
        return this;
    }

    private Behavior<Command> onChangerAnswered(ChangerAnswered answered) {
        return done(new MembersDone(answered.outcome()));
    }

    private Behavior<Command> onStewardAnswered(StewardAnswered answered) {
        if (answered.reply() instanceof GroupSteward.ActionFailed failed) {
            return done(new GroupFailed(failed.failure()));
        }
        return answered.reply() instanceof GroupSteward.Acted acted
                ? done(new GroupDone(true, acted.detail()))
                : done(new GroupDone(false, ((GroupSteward.NothingToDo) answered.reply()).why()));
    }

    private List<Endpoint> via(ClusterView basis) {
        return observed.healthyVoters(basis);
    }

    private ActorRef<PeersFileWriter.Event> writerReplies() {
        return getContext().messageAdapter(PeersFileWriter.Event.class, WriterAnswered::new);
    }

    private ActorRef<ChangeOutcome> changerReplies() {
        return getContext().messageAdapter(ChangeOutcome.class, ChangerAnswered::new);
    }

    private ActorRef<GroupSteward.Reply> stewardReplies() {
        return getContext().messageAdapter(GroupSteward.Reply.class, StewardAnswered::new);
    }

    private Behavior<Command> done(Result result) {
        replyTo.tell(result);
        return Behaviors.stopped();
    }
}
