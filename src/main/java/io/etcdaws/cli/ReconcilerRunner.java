package io.etcdaws.cli;

import io.etcdaws.aws.AwsGroupSource;
import io.etcdaws.aws.AwsSettings;
import io.etcdaws.aws.CallListener;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.ImdsClient;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.etcd.CredentialFiles;
import io.etcdaws.etcd.Credentials;
import io.etcdaws.etcd.CredentialsException;
import io.etcdaws.etcd.EtcdSettings;
import io.etcdaws.etcd.HttpEtcdClient;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.peersfile.DataDirectories;
import io.etcdaws.peersfile.FilesystemPeersFile;
import io.etcdaws.peersfile.PeersFile;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.LocalFiles;
import io.etcdaws.reconcile.Observer;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings;
import io.etcdaws.reconcile.Reconciler;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts together, with the reconciler as the guardian of the actor system, and waits for the end. */
final class ReconcilerRunner implements Runner {
    private static final Logger log = LoggerFactory.getLogger(ReconcilerRunner.class);

    /** The first pause while something is waited for: short, since what is waited for may be there already. */
    private static final Duration POLL_DELAY = Duration.ofMillis(100);

    /** The longest such pause: who waits must notice within a second that the wait is over. */
    private static final Duration POLL_DELAY_MAX = Duration.ofMillis(500);

    /** etcd takes about 5 s to believe in a member that has just started, and refuses until then. */
    private static final Duration REFUSAL_DELAY = Duration.ofSeconds(2);

    /** A member that restarts is away for a minute: asking more often than this would not help. */
    private static final Duration REFUSAL_DELAY_MAX = Duration.ofSeconds(10);

    /** For the actor system to stop after the run has ended; only a connection that does not close takes any of it. */
    private static final Duration TIME_TO_STOP = Duration.ofSeconds(5);

    private final PrintStream results;

    ReconcilerRunner(PrintStream results) {
        this.results = results;
    }

    @Override
    public ExitCode run(Invocation invocation, Settings settings) throws Exception {
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        ActorSystem<Reconciler.Command> system = settings.actorSystem()
                .start(
                        Behaviors.setup(context -> guardianOrFailure(context, invocation, settings, result)),
                        "etcd-aws");
        system.getWhenTerminated()
                .whenComplete((done, failure) ->
                        result.completeExceptionally(new IllegalStateException("the actor system stopped by itself")));
        try {
            Outcome outcome = result.get();
            tell(outcome, invocation, settings);
            return outcome.exitCode();
        } catch (ExecutionException e) {
            throw Settings.ActorSystemPart.explain(e)
                    .<Exception>map(problem -> problem)
                    .orElse(e);
        } finally {
            system.terminate();
            awaitEnd(system);
        }
    }

    private static void awaitEnd(ActorSystem<?> system) throws Exception {
        try {
            system.getWhenTerminated().toCompletableFuture().get(TIME_TO_STOP.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("the program ends with connections still open after {}", Describe.duration(TIME_TO_STOP));
        }
    }

    private void tell(Outcome outcome, Invocation invocation, Settings settings) {
        if (outcome.exitCode() != ExitCode.DONE) {
            log.error("{} (exit code {})", outcome.message(), outcome.exitCode().code());
            return;
        }
        log.info("{}", outcome.message());
        if (invocation.mode() == Invocation.Mode.PLAN) {
            results.print(PlanReport.of(outcome, settings.peersFile()).as(invocation.output()));
            results.flush();
        }
    }

    /** Hands a failure to start to the waiting {@link #run}, which would otherwise only see that the system has stopped. */
    private static Behavior<Reconciler.Command> guardianOrFailure(
            ActorContext<Reconciler.Command> context,
            Invocation invocation,
            Settings settings,
            CompletableFuture<Outcome> result) {
        try {
            return guardian(context, invocation, settings, result);
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
            return Behaviors.stopped();
        }
    }

    private static Behavior<Reconciler.Command> guardian(
            ActorContext<Reconciler.Command> context,
            Invocation invocation,
            Settings settings,
            CompletableFuture<Outcome> result) {
        InstantSource clock = MonotonicClock.start();
        AwsSettings aws = awsSettings(settings);
        EtcdSettings etcd = etcdSettings(settings.etcd());
        HttpEtcdClient etcdClient = HttpEtcdClient.create(context.getSystem(), etcd, Credentials.none());
        PeersFile peersFile = FilesystemPeersFile.at(settings.peersFile().path());
        Reconciler.Services services = new Reconciler.Services(
                context.spawn(
                        MetadataReader.create(ImdsClient.create(context.getSystem(), aws), aws), "metadata-reader"),
                new Observer.Sources(
                        context.spawn(
                                GroupScanner.create(
                                        AwsGroupSource.create(context.getSystem(), aws, CallListener.NONE), aws, clock),
                                "group-scanner"),
                        etcdClient,
                        etcd.probeTimeout()),
                self -> MembershipChanger.create(etcdClient, self.id() + " at " + self.address(), etcd.changeTimeout()),
                context.spawn(
                        PeersFileWriter.create(peersFile, settings.peersFile()),
                        "peers-file-writer",
                        PeersFileWriter.dispatcher()),
                localFiles(settings, etcdClient, new CredentialFiles(etcd), peersFile),
                etcd::endpoint,
                context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()),
                clock);
        return Reconciler.create(services, settings.policy(), reconcileSettings(invocation, settings), result);
    }

    private static LocalFiles localFiles(
            Settings settings, HttpEtcdClient etcdClient, CredentialFiles credentials, PeersFile peersFile) {
        return () -> {
            try {
                etcdClient.use(credentials.load());
            } catch (CredentialsException e) {
                throw new LocalFiles.Unusable(e.getMessage() + "; see etcd.tls and etcd.password-file", e);
            }
            DataDirectories.Inspection inspection = DataDirectories.inspect(
                    settings.dataDirectory().path(), settings.dataDirectory().configured());
            inspection.warning().ifPresent(log::warn);
            return new LocalFiles.Found(inspection.directory(), peersFile.present());
        };
    }

    private static ReconcileSettings reconcileSettings(Invocation invocation, Settings settings) {
        return new ReconcileSettings(
                invocation.mode() == Invocation.Mode.PLAN ? ReconcileSettings.Mode.PLAN : ReconcileSettings.Mode.ONCE,
                settings.onceTimeout(),
                settings.etcd().probeTimeout(),
                settings.aws().scanMaxAge(),
                POLL_DELAY,
                POLL_DELAY_MAX,
                REFUSAL_DELAY,
                REFUSAL_DELAY_MAX,
                settings.etcd().changeAttempts());
    }

    private static EtcdSettings etcdSettings(Settings.EtcdPart etcd) {
        return new EtcdSettings(
                etcd.clientScheme(),
                etcd.peerScheme(),
                etcd.clientPort(),
                etcd.peerPort(),
                EtcdSettings.ApiChoice.valueOf(etcd.api().name()),
                etcd.tls().caFile(),
                etcd.tls().certFile(),
                etcd.tls().keyFile(),
                etcd.tls().insecureSkipVerify(),
                etcd.username(),
                etcd.passwordFile(),
                etcd.probeTimeout(),
                etcd.changeTimeout());
    }

    private static AwsSettings awsSettings(Settings settings) {
        Settings.AwsPart aws = settings.aws();
        boolean proxy = settings.policy().role() == Role.PROXY;
        return new AwsSettings(
                aws.metadataEndpoint(),
                aws.imdsV1Allowed(),
                aws.metadataTimeout(),
                aws.maxAttempts(),
                aws.region(),
                proxy ? Optional.empty() : aws.group(),
                proxy ? aws.group() : Optional.empty(),
                aws.groupByTag(),
                AwsSettings.IpFamily.valueOf(aws.ipFamily().name()),
                aws.clusterTag(),
                Optional.empty(),
                Optional.empty(),
                aws.callTimeout(),
                aws.maxAttempts(),
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                aws.scanMaxAge());
    }
}
