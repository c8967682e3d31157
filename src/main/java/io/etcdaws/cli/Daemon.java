package io.etcdaws.cli;

import io.etcdaws.management.ManagementServer;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.Reconciler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The guardian of the periodic mode: keeps a reconciler running, and has another take its place when the configuration has
 * changed. A configuration that is wrong is refused, and the reconciler that runs goes on.
 */
final class Daemon extends AbstractBehavior<Daemon.Command> {
    private static final Logger log = LoggerFactory.getLogger(Daemon.class);

    /** Cheap, and soon enough for whoever has just saved the file. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

    /** What it is told. */
    sealed interface Command {}

    /** Read the configuration anew. */
    record Reload() implements Command {}

    /** End, as soon as nothing is under way that should not be broken off. */
    record Stop() implements Command {}

    private record Look() implements Command {}

    private record Seen(Optional<String> content) implements Command {}

    private record Loaded(Settings settings) implements Command {}

    private record Refused(String message) implements Command {}

    private record RunEnded() implements Command {}

    private record Listening() implements Command {}

    private record CannotListen(Throwable failure) implements Command {}

    /**
     * What it works with.
     *
     * @param file the operator's configuration file, if there is one
     * @param load reads the settings anew; throws {@link ConfigurationException}
     * @param run makes the reconciler of such settings
     * @param problem is told why the configuration was refused; of nothing when it is in force
     * @param management the management endpoint, once it listens, if there is one
     */
    record Parts(
            Optional<Path> file,
            Supplier<Settings> load,
            BiFunction<Settings, CompletableFuture<Outcome>, Behavior<Reconciler.Command>> run,
            Consumer<Optional<String>> problem,
            Optional<CompletionStage<ManagementServer>> management) {}

    private final Parts parts;
    private final Executor blocking;
    private final CompletableFuture<Outcome> result;
    private Settings settings;
    private Optional<String> inForce = Optional.empty();
    private Optional<String> seen = Optional.empty();
    private boolean stopping;
    private boolean loading;
    private boolean reloadAsked;
    private CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private ActorRef<Reconciler.Command> run;

    private Daemon(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            Parts parts,
            Settings settings,
            CompletableFuture<Outcome> result) {
        super(context);
        this.parts = parts;
        this.settings = settings;
        this.result = result;
        this.blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
        this.run = start(context, settings);
        if (parts.file().isPresent()) {
            inForce = read(parts.file().get());
            seen = inForce;
            timers.startTimerWithFixedDelay(new Look(), LOOK_EVERY);
        }
        parts.management()
                .ifPresent(starting -> context.pipeToSelf(
                        starting, (server, failure) -> failure == null ? new Listening() : new CannotListen(failure)));
    }

    /**
     * Starts a reconciler at once.
     *
     * @param settings the settings to begin with
     * @param result completed with how it ended
     */
    static Behavior<Command> create(Parts parts, Settings settings, CompletableFuture<Outcome> result) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new Daemon(context, timers, parts, settings, result)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Look.class, this::onLook)
                .onMessage(Seen.class, this::onSeen)
                .onMessage(Reload.class, this::onReload)
                .onMessage(Loaded.class, this::onLoaded)
                .onMessage(Refused.class, this::onRefused)
                .onMessage(Stop.class, this::onStop)
                .onMessage(RunEnded.class, this::onRunEnded)
                .onMessage(Listening.class, this::onListening)
                .onMessage(CannotListen.class, this::onCannotListen)
                .build();
    }

    private ActorRef<Reconciler.Command> start(ActorContext<Command> context, Settings with) {
        outcome = new CompletableFuture<>();
        ActorRef<Reconciler.Command> started =
                context.spawnAnonymous(parts.run().apply(with, outcome));
        context.watchWith(started, new RunEnded());
        return started;
    }

    private Behavior<Command> onLook(Look look) {
        Path file = parts.file().orElseThrow();
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(() -> read(file), blocking),
                        (content, failure) -> new Seen(failure == null ? content : Optional.empty()));
        return this;
    }

    /** Empty for a file that cannot be read; loading it will say why. */
    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A file that changes between two looks may be half written. */
    private Behavior<Command> onSeen(Seen look) {
        boolean rests = look.content().equals(seen);
        seen = look.content();
        if (rests && !seen.equals(inForce)) {
            inForce = seen;
            return onReload(new Reload());
        }
        return this;
    }

    /** One at a time, so that what was read last is what is in force; asked for meanwhile, once more afterwards. */
    private Behavior<Command> onReload(Reload reload) {
        if (loading) {
            reloadAsked = true;
            return this;
        }
        loading = true;
        getContext()
                .pipeToSelf(
                        CompletableFuture.supplyAsync(this::load, blocking),
                        (loaded, failure) -> failure == null ? loaded : new Refused(String.valueOf(failure)));
        return this;
    }

    private Command load() {
        try {
            return new Loaded(parts.load().get());
        } catch (ConfigurationException e) {
            return new Refused(String.valueOf(e.getMessage()));
        }
    }

    private Behavior<Command> onListening(Listening listening) {
        return this;
    }

    private Behavior<Command> onCannotListen(CannotListen cannot) {
        Throwable cause = cannot.failure() instanceof CompletionException
                        && cannot.failure().getCause() != null
                ? cannot.failure().getCause()
                : cannot.failure();
        result.complete(new Outcome(
                ExitCode.CONFIGURATION, String.valueOf(cause.getMessage()), Optional.empty(), Optional.empty()));
        return Behaviors.stopped();
    }

    private Behavior<Command> onRefused(Refused refused) {
        refuse(refused.message());
        return loadingOver();
    }

    private Behavior<Command> loadingOver() {
        loading = false;
        boolean again = reloadAsked;
        reloadAsked = false;
        return again ? onReload(new Reload()) : this;
    }

    private void refuse(String why) {
        log.error("the configuration is refused, and the one before stays in force: {}", why);
        parts.problem().accept(Optional.of(why));
    }

    /** What only a start puts into force, if the new settings have that. */
    private Optional<String> needsRestart(Settings loaded) {
        if (loaded.policy().role() != settings.policy().role()) {
            return Optional.of(
                    "a member does not become a proxy, nor a proxy a member, without a restart (proxy.group)");
        }
        if (loaded.policy().role() == Role.PROXY
                && !loaded.peersFile().path().equals(settings.peersFile().path())) {
            return Optional.of("another peers-file.path takes a restart in the proxy role");
        }
        return loaded.managementAddress().equals(settings.managementAddress())
                ? Optional.empty()
                : Optional.of("another management.address takes a restart");
    }

    private Behavior<Command> onLoaded(Loaded loaded) {
        needsRestart(loaded.settings()).ifPresentOrElse(this::refuse, () -> putIntoForce(loaded.settings()));
        return loadingOver();
    }

    private void putIntoForce(Settings loaded) {
        parts.problem().accept(Optional.empty());
        if (loaded.equals(settings)) {
            log.info("the configuration was read anew, and nothing in it has changed");
            return;
        }
        log.info("the configuration has changed, and is in force after the present round");
        loaded.warnings().forEach(warning -> log.warn("{}", warning));
        if (!loaded.actorSystem().equals(settings.actorSystem())) {
            log.warn("what has changed outside of the section etcd-aws is in force after a restart only");
        }
        settings = loaded;
        Logging.apply(settings.log());
        run.tell(new Reconciler.Finish());
    }

    private Behavior<Command> onStop(Stop stop) {
        stopping = true;
        run.tell(new Reconciler.Finish());
        return this;
    }

    private Behavior<Command> onRunEnded(RunEnded ended) {
        // Whoever stopped without a word never will say one.
        outcome.completeExceptionally(new IllegalStateException("the reconciler stopped by itself"));
        boolean asTold = !outcome.isCompletedExceptionally() && outcome.join().exitCode() == ExitCode.DONE;
        if (!stopping && asTold) {
            run = start(getContext(), settings);
            return this;
        }
        endAs(outcome);
        return Behaviors.stopped();
    }

    private void endAs(CompletionStage<Outcome> ended) {
        ended.whenComplete((how, failure) -> {
            if (failure == null) {
                result.complete(how);
            } else {
                result.completeExceptionally(failure);
            }
        });
    }
}
