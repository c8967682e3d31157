package io.etcdaws.peersfile;

import io.etcdaws.peersfile.ChangeCommand.CouldNotStart;
import io.etcdaws.peersfile.ChangeCommand.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
import org.jspecify.annotations.Nullable;

/**
 * Runs the operator's command, once at a time: however many changes come while it runs, it runs once more for all of them.
 * Waits on the dispatcher for blocking work. Stopped, it ends the command with all that it has started.
 */
public final class ChangeCommandRunner extends AbstractBehavior<ChangeCommandRunner.Command> {
    /** What it is asked to do. */
    public sealed interface Command {}

    /**
     * Run the command: the file has changed.
     *
     * @param replyTo told what came of the run that began after this
     */
    public record Run(ActorRef<Result> replyTo) implements Command {}

    private record Ended(Result result) implements Command {}

    private record Running(ChangeExecution execution, List<ActorRef<Result>> toldOf) {}

    private final ChangeCommand command;
    private final Executor blocking;
    private Optional<Running> running = Optional.empty();
    private List<ActorRef<Result>> waiting = new ArrayList<>();

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
        if (running.isEmpty()) {
            begin();
        }
        return this;
    }

    private void begin() {
        ChangeExecution execution = new ChangeExecution(command);
        running = Optional.of(new Running(execution, waiting));
        waiting = new ArrayList<>();
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(execution::run, blocking),
                        (result, failure) -> new Ended(result(result, failure)));
    }

    private static Result result(@Nullable Result result, @Nullable Throwable failure) {
        return result != null ? result : new CouldNotStart("running it broke: " + failure);
    }

    private Behavior<Command> onEnded(Ended ended) {
        running.ifPresent(it -> it.toldOf().forEach(asker -> asker.tell(ended.result())));
        running = Optional.empty();
        if (!waiting.isEmpty()) {
            begin();
        }
        return this;
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        running.ifPresent(it -> it.execution().end());
        return this;
    }
}
