package io.etcdaws.cli;

import io.etcdaws.aws.AwsGroupSource;
import io.etcdaws.aws.AwsSettings;
import io.etcdaws.aws.CallListener;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.ImdsClient;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.etcd.CredentialFiles;
import io.etcdaws.etcd.Credentials;
import io.etcdaws.etcd.CredentialsException;
import io.etcdaws.etcd.EtcdSettings;
import io.etcdaws.etcd.HttpEtcdClient;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.management.OwnEtcd;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.peersfile.ChangeCommand;
import io.etcdaws.peersfile.ChangeCommandRunner;
import io.etcdaws.peersfile.DataDirectories;
import io.etcdaws.peersfile.FilesystemPeersFile;
import io.etcdaws.peersfile.PeersFile;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.LocalFiles;
import io.etcdaws.reconcile.Observer;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.Reconciler;
import io.etcdaws.reconcile.RoundListener;
import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts the parts of a run together, as the settings want them. */
final class Assembly {
    private static final Logger log = LoggerFactory.getLogger(Assembly.class);

    /** The first pause while something is waited for: short, since what is waited for may be there already. */
    private static final Duration POLL_DELAY = Duration.ofMillis(100);

    /** The longest such pause: who waits must notice within a second that the wait is over. */
    private static final Duration POLL_DELAY_MAX = Duration.ofMillis(500);

    /** etcd takes about 5 s to believe in a member that has just started, and refuses until then. */
    private static final Duration REFUSAL_DELAY = Duration.ofSeconds(2);

    /** A member that restarts is away for a minute: asking more often than this would not help. */
    private static final Duration REFUSAL_DELAY_MAX = Duration.ofSeconds(10);

    /** By how much the regular interval differs from round to round: enough that nodes do not stay in step. */
    private static final double JITTER = 0.1;

    private final Settings settings;
    private final Mode mode;
    private final SteadyClock clock;
    private final Listeners listeners;

    /**
     * Those who watch.
     *
     * @param rounds told of every round
     * @param calls told of every call to AWS
     * @param credentials told of the certificates that are in use
     * @param etcd told how this node's own etcd is probed
     */
    record Listeners(
            RoundListener rounds, CallListener calls, Consumer<Credentials> credentials, Consumer<OwnEtcd> etcd) {
        /** Nobody watches. */
        static final Listeners NONE =
                new Listeners(RoundListener.NONE, CallListener.NONE, credentials -> {}, etcd -> {});
    }

    Assembly(Settings settings, Mode mode, SteadyClock clock, Listeners listeners) {
        this.settings = settings;
        this.mode = mode;
        this.clock = clock;
        this.listeners = listeners;
    }

    /** A reconciler with all that it works with, its children. */
    Behavior<Reconciler.Command> reconciler(CompletableFuture<Outcome> result) {
        return Behaviors.setup(context -> {
            try {
                return Reconciler.create(services(context, result), settings.policy(), reconcileSettings(), result);
            } catch (RuntimeException e) {
                // Whoever waits would otherwise only see that the system has stopped.
                result.completeExceptionally(e);
                return Behaviors.stopped();
            }
        });
    }

    private Reconciler.Services services(ActorContext<Reconciler.Command> context, CompletionStage<Outcome> ended) {
        AwsSettings aws = awsSettings();
        EtcdSettings etcd = etcdSettings(settings.etcd());
        HttpEtcdClient etcdClient = HttpEtcdClient.create(context.getSystem(), etcd, Credentials.none());
        listeners
                .etcd()
                .accept(self -> etcdClient
                        .probe(etcd.endpoint(self), etcd.probeTimeout())
                        .answer());
        PeersFile peersFile = FilesystemPeersFile.at(settings.peersFile().path());
        ImdsClient metadata = ImdsClient.create(context.getSystem(), aws);
        AwsGroupSource group = AwsGroupSource.create(context.getSystem(), aws, listeners.calls());
        // A reload begins with another.
        ended.whenComplete((outcome, failure) -> group.close());
        return new Reconciler.Services(
                context.spawn(MetadataReader.create(metadata, aws), "metadata-reader"),
                subscriber -> NoticeWatcher.create(metadata, settings.aws().watchInterval(), subscriber),
                new Observer.Sources(
                        context.spawn(GroupScanner.create(group, aws, clock), "group-scanner"),
                        etcdClient,
                        etcd.probeTimeout()),
                self -> MembershipChanger.create(
                        etcdClient, self.id() + " at " + self.address(), etcd.changeTimeout(), System::nanoTime),
                context.spawn(GroupSteward.create(group.actions()), "group-steward"),
                context.spawn(
                        PeersFileWriter.create(peersFile, settings.peersFile()),
                        "peers-file-writer",
                        PeersFileWriter.dispatcher()),
                changeCommand(context),
                localFiles(etcdClient, new CredentialFiles(etcd), peersFile),
                etcd::endpoint,
                context.getSystem().dispatchers().lookup(DispatcherSelector.blocking()),
                clock,
                Assembly::jittered,
                listeners.rounds());
    }

    private Optional<ActorRef<ChangeCommandRunner.Command>> changeCommand(ActorContext<?> context) {
        return settings.changeCommand()
                .map(command -> context.spawn(
                        ChangeCommandRunner.create(new ChangeCommand(
                                command.words(),
                                command.timeout(),
                                settings.peersFile().path())),
                        "change-command-runner"));
    }

    private static Duration jittered(Duration pause) {
        double factor = 1 + JITTER * (2 * new SplittableRandom().nextDouble() - 1);
        return Duration.ofNanos((long) (pause.toNanos() * factor));
    }

    private LocalFiles localFiles(HttpEtcdClient etcdClient, CredentialFiles credentials, PeersFile peersFile) {
        return () -> {
            try {
                Credentials current = credentials.load();
                etcdClient.use(current);
                listeners.credentials().accept(current);
            } catch (CredentialsException e) {
                throw new LocalFiles.Unusable(e.getMessage() + "; see etcd.tls and etcd.password-file", e);
            }
            DataDirectories.Inspection inspection = DataDirectories.inspect(
                    settings.dataDirectory().path(), settings.dataDirectory().configured());
            inspection.warning().ifPresent(log::warn);
            return new LocalFiles.Found(inspection.directory(), peersFile.present());
        };
    }

    private ReconcileSettings reconcileSettings() {
        return new ReconcileSettings(
                mode,
                settings.onceTimeout(),
                settings.reconcileInterval(),
                settings.etcd().probeTimeout(),
                settings.aws().scanMaxAge(),
                POLL_DELAY,
                POLL_DELAY_MAX,
                REFUSAL_DELAY,
                REFUSAL_DELAY_MAX,
                settings.etcd().changeAttempts());
    }

    /** How the settings want etcd to be spoken to. */
    static EtcdSettings etcdSettings(Settings.EtcdPart etcd) {
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

    private AwsSettings awsSettings() {
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
                aws.launchHook(),
                aws.terminateHook(),
                aws.callTimeout(),
                aws.maxAttempts(),
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                aws.scanMaxAge());
    }
}
