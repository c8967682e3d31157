package io.etcdaws.peersfile;

import io.etcdaws.membership.InitialCluster;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;

/**
 * Writes the peers file, one write after the other. Blocks on the disk within its handler, so it is to be spawned on {@link
 * #dispatcher()}: an actor that handles one message at a time is all it takes never to write twice at once.
 */
public final class PeersFileWriter extends AbstractBehavior<PeersFileWriter.Command> {
    /** What it is asked to do. */
    public sealed interface Command {}

    /**
     * Make the file hold this.
     *
     * @param cluster the content
     * @param replyTo told how it went
     */
    public record Write(InitialCluster cluster, ActorRef<Event> replyTo) implements Command {}

    /**
     * See whether the file could be written, and leave it as it is.
     *
     * @param replyTo told {@link Writable} or {@link WriteFailed}
     */
    public record Check(ActorRef<Event> replyTo) implements Command {}

    /** What came of it. */
    public sealed interface Event {}

    /**
     * The file holds the content now, and did not before.
     *
     * @param path the file
     */
    public record Written(Path path) implements Event {}

    /**
     * The file held the content already and was not touched.
     *
     * @param path the file
     */
    public record Unchanged(Path path) implements Event {}

    /** Nothing stands in the way of a write. */
    public record Writable() implements Event {}

    /**
     * The content is not safely in place; what was there before may still be.
     *
     * @param message for the operator: the file, the cause, and what to do
     */
    public record WriteFailed(String message) implements Event {}

    private final PeersFile file;
    private final PeersFileSettings settings;

    private PeersFileWriter(ActorContext<Command> context, PeersFile file, PeersFileSettings settings) {
        super(context);
        this.file = file;
        this.settings = settings;
    }

    /**
     * The writer of a file.
     *
     * @param file the file
     * @param settings how its content is spelt
     */
    public static Behavior<Command> create(PeersFile file, PeersFileSettings settings) {
        return Behaviors.setup(context -> new PeersFileWriter(context, file, settings));
    }

    /** Where to run it: Pekko's dispatcher for blocking work, whose threads are started when first needed. */
    public static DispatcherSelector dispatcher() {
        return DispatcherSelector.blocking();
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Write.class, this::onWrite)
                .onMessage(Check.class, this::onCheck)
                .build();
    }

    private Behavior<Command> onWrite(Write write) {
        write.replyTo().tell(write(write.cluster()));
        return this;
    }

    private Behavior<Command> onCheck(Check check) {
        check.replyTo().tell(file.checkWritable().<Event>map(WriteFailed::new).orElseGet(Writable::new));
        return this;
    }

    private Event write(InitialCluster cluster) {
        String content;
        try {
            content = PeersFileContent.of(cluster, settings);
        } catch (InexpressibleException e) {
            return new WriteFailed("cannot write the peers file " + settings.path() + ": " + e.getMessage());
        }
        PeersFile.Result result = file.write(content.getBytes(StandardCharsets.UTF_8));
        if (result instanceof PeersFile.Failed failed) {
            return new WriteFailed(failed.message());
        }
        return result instanceof PeersFile.Written written
                ? new Written(written.path())
                : new Unchanged(settings.path());
    }
}
