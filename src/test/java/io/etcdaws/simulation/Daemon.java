package io.etcdaws.simulation;

import io.etcdaws.aws.AwsSettings;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Policy;
import io.etcdaws.peersfile.PeersFileFormat;
import io.etcdaws.peersfile.PeersFileSettings;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Observer;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.Reconciler;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import io.etcdaws.reconcile.SteadyClock;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * One running copy of the program: put together as {@code cli.Assembly} does it, with the world's ports in place of HTTP and the
 * disk. When it crashes, nothing reaches it any more, and what it has sent goes its way.
 */
final class Daemon {
    static final Duration INTERVAL = Duration.ofSeconds(15);
    static final Duration PROBE_TIMEOUT = Duration.ofSeconds(2);
    static final Duration CHANGE_TIMEOUT = Duration.ofSeconds(5);
    static final Duration REMOVE_AFTER = Duration.ofSeconds(20);
    static final Duration LEARNER_TIMEOUT = Duration.ofSeconds(40);
    private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");
    private static final Path FILE = Path.of("/etc/sysconfig/etcd-peers");
    private static final PeersFileSettings FILE_SETTINGS = new PeersFileSettings(
            FILE, PeersFileFormat.SYSTEMD, false, "http", 2379, Launcher.TOKEN, Optional.of(Path.of("/var/lib/etcd")));
    private static final AwsSettings AWS_SETTINGS = new AwsSettings(
            URI.create("http://169.254.169.254"),
            false,
            Duration.ofSeconds(3),
            6,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            AwsSettings.IpFamily.AUTO,
            "etcd-aws:cluster-id",
            Optional.of("launch"),
            Optional.of("terminate"),
            Duration.ofSeconds(10),
            6,
            Duration.ofMillis(200),
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));

    final Machine machine;
    private final Simulation world;
    private final RandomGenerator random;
    private final Duration clockOffset;
    private final ActorRef<?> actor;
    private boolean alive = true;
    private int callsUntilCrash = -1;

    /** The last round, if there was one. */
    @Nullable
    Round last;

    Daemon(Simulation world, Machine machine, long seed) {
        this.world = world;
        this.machine = machine;
        this.random = new SplittableRandom(seed);
        // No two machines agree on the time.
        this.clockOffset = Duration.ofMillis(random.nextLong(7_200_000) - 3_600_000);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        this.actor = world.stage().start(reconciler(outcome));
        CompletionStage<Outcome> end = outcome;
        end.whenComplete(this::ended);
    }

    private Behavior<Reconciler.Command> reconciler(CompletableFuture<Outcome> outcome) {
        return Behaviors.setup(context -> Reconciler.create(
                services(context), policy(), settings(world.plan().mode()), outcome));
    }

    private Reconciler.Services services(ActorContext<Reconciler.Command> context) {
        AwsPort aws = new AwsPort(world, this);
        EtcdPort etcd = new EtcdPort(world, this);
        DiskPort disk = new DiskPort(world, this);
        return new Reconciler.Services(
                context.spawn(MetadataReader.create(aws, AWS_SETTINGS, random), "metadata-reader"),
                subscriber -> NoticeWatcher.create(aws, Duration.ofSeconds(5), subscriber, random),
                new Observer.Sources(
                        context.spawn(GroupScanner.create(aws, AWS_SETTINGS, this::now, random), "group-scanner"),
                        etcd,
                        PROBE_TIMEOUT),
                self -> MembershipChanger.create(etcd, self.id() + " at " + self.address(), CHANGE_TIMEOUT),
                context.spawn(GroupSteward.create(aws), "group-steward"),
                context.spawn(PeersFileWriter.create(disk, FILE_SETTINGS), "peers-file-writer"),
                Optional.empty(),
                disk,
                Daemon::endpoint,
                Runnable::run,
                new MachineClock(),
                this::jittered,
                new Listener());
    }

    Policy policy() {
        Plan plan = world.plan();
        return new Policy(
                Policy.Role.MEMBER,
                plan.joinAs(),
                Duration.ofSeconds(5),
                REMOVE_AFTER,
                Duration.ofSeconds(10),
                "http",
                2380,
                false,
                Launcher.TOKEN,
                plan.mode() == Mode.PERIODIC
                        ? Optional.of(new Policy.Staying(LEARNER_TIMEOUT, INTERVAL.multipliedBy(3)))
                        : Optional.empty());
    }

    private static ReconcileSettings settings(Mode mode) {
        return new ReconcileSettings(
                mode,
                Duration.ofMinutes(5),
                INTERVAL,
                PROBE_TIMEOUT,
                AWS_SETTINGS.scanMaxAge(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(4),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                5);
    }

    static Endpoint endpoint(Address address) {
        return new Endpoint(address, "http://" + address + ":2379", "http://" + address + ":2380");
    }

    private final class MachineClock implements SteadyClock {
        @Override
        public Instant instant() {
            return now();
        }

        @Override
        public Instant told(Instant moment) {
            return moment;
        }
    }

    private Instant now() {
        return EPOCH.plus(clockOffset).plusMillis(world.time().now());
    }

    private Duration jittered(Duration pause) {
        return Duration.ofMillis((long) (pause.toMillis() * (0.9 + 0.2 * random.nextDouble())));
    }

    // Life and death.

    boolean alive() {
        return alive;
    }

    /** Has it crash at one of its next calls to anything outside of it. */
    void crashAfter(int calls) {
        callsUntilCrash = calls;
    }

    /** Counts a call; whether the program is still there to make it. */
    boolean calls() {
        if (alive && callsUntilCrash >= 0 && callsUntilCrash-- == 0) {
            world.crash(this);
        }
        return alive;
    }

    /** From now on, nothing reaches it. */
    void die() {
        if (alive) {
            alive = false;
            world.stage().stop(actor);
        }
    }

    private void ended(@Nullable Outcome outcome, @Nullable Throwable failure) {
        if (!alive) {
            return;
        }
        if (outcome == null || outcome.exitCode() == ExitCode.BUG) {
            world.broke(this, outcome == null ? String.valueOf(failure) : outcome.message());
            return;
        }
        alive = false;
        world.ended(this, outcome);
    }

    @Override
    public String toString() {
        return "program on " + machine.id;
    }

    private final class Listener implements RoundListener {
        @Override
        public void began(Instant at) {}

        @Override
        public void ended(Round round) {
            if (alive) {
                last = round;
                world.round(Daemon.this, round);
            }
        }

        @Override
        public void changed(Audit audit) {}
    }

    /** The last decision, if there was one. */
    Optional<Decision> decision() {
        return Optional.ofNullable(last).flatMap(Round::decision);
    }
}
