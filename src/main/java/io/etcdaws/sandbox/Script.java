package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Command.Await;
import io.etcdaws.sandbox.Command.Pause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Commands one after the other, with waits between them; after the last, the end. */
final class Script implements Commands {
    private final Deque<Command> commands;
    private @Nullable Command waiting;
    private Instant since = Instant.EPOCH;

    Script(List<Command> commands) {
        this.commands = new ArrayDeque<>(commands);
    }

    @Override
    public Optional<Command> next(Sight sight, Instant now) throws Failed {
        if (waiting != null && !isOver(waiting, sight, now)) {
            return Optional.empty();
        }
        waiting = null;
        Command next = commands.isEmpty() ? new Command.Quit() : commands.remove();
        if (next instanceof Pause || next instanceof Await) {
            // Looked at in the next turn, when all that was done before can be seen.
            waiting = next;
            since = now;
            return Optional.empty();
        }
        return Optional.of(next);
    }

    /** What follows would show something else than the script tells of. */
    @Override
    public void failed(String why) throws Failed {
        throw new Failed(why + ", which ends the script");
    }

    private boolean isOver(Command command, Sight sight, Instant now) throws Failed {
        Duration age = Duration.between(since, now);
        if (command instanceof Pause pause) {
            return age.compareTo(pause.time()) >= 0;
        }
        Await await = (Await) command;
        if (sight.converged() && (await.voters() == 0 || await.voters() == sight.voters())) {
            return true;
        }
        if (age.compareTo(await.limit()) >= 0) {
            throw new Failed("not converged "
                    + (await.voters() == 0 ? "" : "with " + await.voters() + " voters ")
                    + "after " + await.limit().toSeconds() + " s, which was the script's limit");
        }
        return false;
    }
}
