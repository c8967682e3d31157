package io.etcdaws.cli;

import io.etcdaws.aws.CallListener;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Puts the daemon together with those who watch it. */
final class DaemonAssembly {
    private final Invocation invocation;
    private final Map<String, String> environment;

    /**
     * What the configuration is read anew from.
     *
     * @param invocation the command line
     * @param environment the environment
     */
    DaemonAssembly(Invocation invocation, Map<String, String> environment) {
        this.invocation = invocation;
        this.environment = environment;
    }

    /** A daemon that begins with these settings. */
    Behavior<Daemon.Command> daemon(Settings settings, CompletableFuture<Outcome> result) {
        return Behaviors.setup(context -> {
            ServiceManager service = new ServiceManager(
                    environment, context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()));
            Assembly.Listeners listeners = new Assembly.Listeners(service, CallListener.NONE, credentials -> {});
            Daemon.Parts parts = new Daemon.Parts(
                    invocation.config(),
                    () -> Settings.load(invocation, environment),
                    (current, outcome) -> new Assembly(current, Mode.PERIODIC, listeners).reconciler(outcome),
                    problem -> {});
            return Daemon.create(parts, settings, result);
        });
    }
}
