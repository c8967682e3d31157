package io.etcdaws.cli;

import io.etcdaws.management.Liveness;
import io.etcdaws.management.ManagementServer;
import io.etcdaws.management.Metrics;
import io.etcdaws.management.OwnEtcd;
import io.etcdaws.management.Readiness;
import io.etcdaws.management.Status;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.peersfile.FilesystemPeersFile;
import io.etcdaws.peersfile.PeersFile;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.RoundListener;
import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Puts the daemon together with those who watch it. */
final class DaemonAssembly {
    /**
     * How long a round may last at most: six attempts each at a scan and a look-up, at the default time limits, and a
     * membership change.
     */
    private static final Duration LONGEST_ROUND = Duration.ofMinutes(5);

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
            Executor blocking = context.getSystem().dispatchers().lookup(DispatcherSelector.blocking());
            SteadyClock clock = MonotonicClock.start();
            Metrics metrics = new Metrics(clock, Version.read());
            Status status = new Status(clock, Version.read(), settings.policy().role());
            Liveness liveness = new Liveness(clock, LONGEST_ROUND);
            AtomicReference<OwnEtcd> etcd = new AtomicReference<>(DaemonAssembly::notYet);
            Readiness readiness = readiness(settings, clock, etcd, blocking);
            Assembly.Listeners listeners = new Assembly.Listeners(
                    RoundListener.all(
                            List.of(metrics, status, liveness, readiness, new ServiceManager(environment, blocking))),
                    metrics::awsCall,
                    credentials -> metrics.certificates(credentials.expiries()),
                    etcd::set);
            Daemon.Parts parts = new Daemon.Parts(
                    invocation.config(),
                    () -> Settings.load(invocation, environment),
                    (current, outcome) -> new Assembly(current, Mode.PERIODIC, clock, listeners).reconciler(outcome),
                    status::problem,
                    settings.managementAddress()
                            .map(address -> ManagementServer.start(
                                    context.getSystem(),
                                    address,
                                    ManagementServer.Pages.of(liveness, readiness, metrics, status))));
            return Daemon.create(parts, settings, result);
        });
    }

    private static Readiness readiness(
            Settings settings, SteadyClock clock, AtomicReference<OwnEtcd> etcd, Executor blocking) {
        if (settings.policy().role() == Role.MEMBER) {
            return Readiness.ofMember(clock, LONGEST_ROUND, self -> etcd.get().probe(self));
        }
        PeersFile file = FilesystemPeersFile.at(settings.peersFile().path());
        return Readiness.ofProxy(clock, LONGEST_ROUND, () -> CompletableFuture.supplyAsync(file::present, blocking));
    }

    private static CompletionStage<PeerState> notYet(Address self) {
        return CompletableFuture.completedFuture(new PeerState.Silent("not asked yet"));
    }
}
