package io.etcdaws.simulation;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Where the program's actors live: an actor system without threads, whose time is virtual. It outlives many schedules, since
 * making one takes longer than running a schedule. Belongs to one thread.
 */
final class Stage {
    private static final String CONFIG = """
            pekko {
              loggers = []
              use-slf4j = off
              loglevel = OFF
              stdout-loglevel = OFF
              log-dead-letters = off
              jvm-shutdown-hooks = off
              coordinated-shutdown.run-by-jvm-shutdown-hook = off
              scheduler.implementation = "io.etcdaws.simulation.VirtualScheduler"
              actor.internal-dispatcher = pekko.actor.default-dispatcher
              actor.default-dispatcher {
                executor = "io.etcdaws.simulation.VirtualExecutor"
                throughput = 1
              }
            }
            """;

    private interface Act extends Consumer<ActorContext<Act>> {}

    private final ActorSystem<Act> system;
    private final VirtualTime time;
    private final List<ActorRef<?>> actors = new ArrayList<>();
    private final ClassLoader loader = Stage.class.getClassLoader();

    private Stage() throws InterruptedException {
        Behavior<Act> director = Behaviors.receive((context, act) -> {
            act.accept(context);
            return Behaviors.same();
        });
        system = ActorSystem.create(
                director,
                "simulation",
                BootstrapSetup.create()
                        .withClassloader(loader)
                        .withConfig(ConfigFactory.parseString(CONFIG).withFallback(ConfigFactory.load(loader))));
        time = ((VirtualScheduler) Adapter.toClassic(system).scheduler()).time();
        time.begin();
        time.drain();
    }

    /** A stage for this thread. */
    static Stage create() {
        try {
            return new Stage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the stage was made", e);
        }
    }

    VirtualTime time() {
        return time;
    }

    /** Starts an actor, as a part of that process; it is there before anything else happens. */
    ActorRef<?> start(Behavior<?> behavior, VirtualTime.Stoppable process) {
        List<ActorRef<?>> started = new ArrayList<>();
        time.as(process, () -> system.tell(context -> started.add(context.spawnAnonymous(behavior))));
        time.drain();
        actors.addAll(started);
        return started.get(0);
    }

    /** Ends an actor with all that it has started. */
    void stop(ActorRef<?> actor) {
        actors.remove(actor);
        system.tell(context -> context.stop(actor));
    }

    /** Ends all actors, and begins anew at the beginning of time. */
    void clear() {
        List.copyOf(actors).forEach(this::stop);
        time.reset();
    }

    /** Frees what it holds. */
    void close() {
        system.terminate();
        time.drain();
    }
}
