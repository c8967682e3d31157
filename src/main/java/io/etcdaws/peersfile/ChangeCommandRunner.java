package io.etcdaws.peersfile;

import io.etcdaws.peersfile.ChangeCommand.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Runs the operator's command, one run at a time: a change of the file while it runs has it run once more, since it may have
 * read the file before. What it stops with, it takes along.
 */
public final class ChangeCommandRunner extends AbstractBehavior<ChangeCommandRunner.Command> {
    /** What it is told. */
    public sealed interface Command {}

    /**
     * The file has changed.
     *
     * @param replyTo told how a run ended that began after this
     */
    public record Run(ActorRef<Result> replyTo) implements Command {}

    private record Ended(Result result) implements Command {}

    private final ChangeCommand command;
    private final Executor blocking;
    private List<ActorRef<Result>> served = List.of();
    private final List<ActorRef<Result>> waiting = new ArrayList<>();

    private ChangeCommandRunner(ActorContext<Command> context, ChangeCommand command) {
        super(context);
        this.command = command;
        this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
    }

    /** A runner of that command. */
    public static Behavior<Command> create(ChangeCommand command) {
        return Behaviors.setup(context -> new ChangeCommandRunner(context, command));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Run.class, this::onRun)
                .onMessage(Ended.class, this::onEnded)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    private Behavior<Command> onRun(Run run) {
        waiting.add(run.replyTo());
        if (served.isEmpty()) {
            start();
        }
        return this;
    }

    private void start() {
        served = List.copyOf(waiting);
        waiting.clear();
        getContext().pipeToSelf(CompletableFuture.supplyAsync(command::run, blocking), (result, failure) -> {
            if (failure != null) {
                throw new IllegalStateException("running a command broke", failure);
            }
            return new Ended(result);
        });
    }

    private Behavior<Command> onEnded(Ended ended) {
        served.forEach(replyTo -> replyTo.tell(ended.result()));
        served = List.of();
        if (!waiting.isEmpty()) {
            start();
        }
        return this;
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        command.kill();
        return this;
    }
}
