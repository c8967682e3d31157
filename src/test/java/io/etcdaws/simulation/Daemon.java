package io.etcdaws.simulation;

import io.etcdaws.aws.AwsSettings;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.cli.MonotonicClock;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.membership.Decision;
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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
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
    static final Duration INTERVAL = Duration.ofSeconds(30);
    static final Duration TAKE_OVER_AFTER = INTERVAL.multipliedBy(3);
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
    final long startedAt;
    private final Simulation world;
    private final RandomGenerator random;
    private final SteadyClock clock;
    private final VirtualTime.Stoppable process = new VirtualTime.Stoppable();
    private final ActorRef<?> actor;
    private boolean alive = true;
    private boolean settled;
    private int callsUntilCrash = -1;
    private int callsUntilPause = -1;
    private long pause;
    private long pausedAt = Long.MIN_VALUE / 2;
    private long roundBegan;
    private long missedAt = Long.MIN_VALUE / 2;
    private Set<Guard> firedBefore = Set.of();

    /** The last round, if there was one. */
    @Nullable
    Round last;

    Daemon(Simulation world, Machine machine, long seed) {
        this.world = world;
        this.machine = machine;
        this.startedAt = world.time().now();
        this.random = new SplittableRandom(seed);
        this.clock = new MonotonicClock(this::wallClock, this::nanoTime);
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        this.actor = world.stage().start(reconciler(outcome), process);
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
                subscriber -> NoticeWatcher.create(aws, Duration.ofSeconds(10), subscriber, random),
                new Observer.Sources(
                        context.spawn(GroupScanner.create(aws, AWS_SETTINGS, clock, random), "group-scanner"),
                        etcd,
                        PROBE_TIMEOUT),
                self -> MembershipChanger.create(
                        etcd, self.id() + " at " + self.address(), CHANGE_TIMEOUT, this::nanoTime),
                context.spawn(GroupSteward.create(aws), "group-steward"),
                context.spawn(PeersFileWriter.create(disk, FILE_SETTINGS), "peers-file-writer"),
                Optional.empty(),
                disk,
                world::endpoint,
                Runnable::run,
                clock,
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
                        ? Optional.of(new Policy.Staying(LEARNER_TIMEOUT, TAKE_OVER_AFTER))
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

    /** The machine's clock that may be set at any time. */
    private Instant wallClock() {
        return EPOCH.plusMillis(machine.wallAhead + world.time().now());
    }

    /** The machine's clock that nobody sets. */
    private long nanoTime() {
        return TimeUnit.MILLISECONDS.toNanos(world.time().now());
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

    /** Has it pause for that many milliseconds after so many calls of its next membership change. */
    void pauseInChange(int calls, long millis) {
        callsUntilPause = calls;
        pause = millis;
    }

    /** Counts a call of a membership change. */
    void changes() {
        if (alive && callsUntilPause >= 0 && callsUntilPause-- == 0) {
            world.pause(this, pause);
        }
    }

    /** Counts a call; whether the program is still there to make it. */
    boolean calls() {
        if (alive && callsUntilCrash >= 0 && callsUntilCrash-- == 0) {
            world.crash(this);
        }
        return alive;
    }

    /** Has it take note of an answer: now, once it goes on, or never, if it does not live. */
    void hears(Runnable answer) {
        world.time().as(process, () -> {
            if (alive) {
                answer.run();
            }
        });
    }

    void pause() {
        pausedAt = world.time().now();
        world.time().stop(process);
    }

    boolean paused() {
        return process.stopped();
    }

    /** Goes on with all that has reached it meanwhile. */
    void goOn() {
        pausedAt = world.time().now();
        world.time().goOn(process);
    }

    /** Whether it has been paused at any time since that moment. */
    boolean pausedSince(long moment) {
        return paused() || pausedAt >= moment;
    }

    /** From now on, nothing reaches it. */
    void die() {
        if (alive) {
            alive = false;
            world.time().goOn(process);
            world.stage().stop(actor);
        }
    }

    /** An etcd that would have answered was not reached, since messages were lost or late. */
    void missed() {
        missedAt = world.time().now();
    }

    /** Whether that has happened at any time since that moment. */
    boolean missedSince(long moment) {
        return missedAt >= moment;
    }

    /** Which of these guards have said no in this round, and not in the one before. */
    Set<Guard> newly(Set<Guard> fired) {
        if (fired.isEmpty()) {
            firedBefore = fired;
            return fired;
        }
        Set<Guard> newly = EnumSet.copyOf(fired);
        newly.removeAll(firedBefore);
        firedBefore = fired;
        return newly;
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
        public void began(Instant at) {
            roundBegan = world.time().now();
        }

        @Override
        public void ended(Round round) {
            if (alive) {
                last = round;
                world.round(Daemon.this, round);
                settled = round.settled();
            }
        }

        @Override
        public void changed(Audit audit) {}
    }

    /** When the round that goes on, or went on last, began to look. */
    long roundBegan() {
        return roundBegan;
    }

    /** Whether the file was in place before this round. */
    boolean settledBefore() {
        return settled;
    }

    /** The last decision, if there was one. */
    Optional<Decision> decision() {
        return Optional.ofNullable(last).flatMap(Round::decision);
    }
}
