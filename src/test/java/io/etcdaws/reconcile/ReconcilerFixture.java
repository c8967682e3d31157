package io.etcdaws.reconcile;

import static io.etcdaws.reconcile.Samples.A;
import static io.etcdaws.reconcile.Samples.B;
import static io.etcdaws.reconcile.Samples.C;
import static io.etcdaws.reconcile.Samples.SELF;
import static io.etcdaws.reconcile.Samples.T0;
import static io.etcdaws.reconcile.Samples.group;
import static io.etcdaws.reconcile.Samples.instance;
import static io.etcdaws.reconcile.Samples.serving;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.AwsFailures;
import io.etcdaws.aws.GroupScanner;
import io.etcdaws.aws.GroupScanner.Depth;
import io.etcdaws.aws.GroupScanner.Scan;
import io.etcdaws.aws.GroupSteward;
import io.etcdaws.aws.MetadataReader;
import io.etcdaws.aws.NoticeWatcher;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.MembershipChanger;
import io.etcdaws.etcd.MembershipChanger.Apply;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.peersfile.ChangeCommandRunner;
import io.etcdaws.peersfile.PeersFileWriter;
import io.etcdaws.peersfile.PeersFileWriter.Write;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A reconciler with everybody else played by the test. */
abstract class ReconcilerFixture {
    static final Duration TIMEOUT = Duration.ofMinutes(5);
    static final Duration STABLE_MARGIN = Duration.ofSeconds(5);
    static final Duration CONFIRM_AFTER = Duration.ofSeconds(10);
    static final Duration REFUSAL_DELAY = Duration.ofSeconds(2);
    static final int REFUSALS = 3;
    static final Duration INTERVAL = Duration.ofSeconds(30);

    /** Between rounds that wait, one after the other; the last is the longest. */
    static final List<Duration> PAUSES =
            List.of(Duration.ofMillis(100), Duration.ofMillis(150), Duration.ofMillis(225), Duration.ofMillis(300));

    static final Path PATH = Path.of("/etc/sysconfig/etcd-peers");
    static final Group ALONE = group(instance(1));
    static final Group PAIR = group(instance(1), instance(2));
    static final Group THREE = group(instance(1), instance(2), instance(3));

    final ActorTestKit testKit = ActorTestKit.create(OneThread.config());
    final TestProbe<MetadataReader.Command> metadata = testKit.createTestProbe();
    final TestProbe<GroupScanner.Command> aws = testKit.createTestProbe();
    final TestProbe<MembershipChanger.Command> changer = testKit.createTestProbe();
    final TestProbe<PeersFileWriter.Command> writer = testKit.createTestProbe();
    final TestProbe<GroupSteward.Command> steward = testKit.createTestProbe();
    final TestProbe<ChangeCommandRunner.Command> changeCommand = testKit.createTestProbe();
    final List<Round> rounds = new ArrayList<>();
    final List<Audit> audits = new ArrayList<>();
    final FakePeers etcd = new FakePeers();
    final List<Outcome> outcomes = new ArrayList<>();

    DataDirectory data = DataDirectory.UNKNOWN;
    boolean peersFile;
    boolean breakingChanger;
    boolean withChangeCommand;

    @Nullable
    ActorRef<NoticeWatcher.Event> notices;

    LocalFiles files = () -> new LocalFiles.Found(data, peersFile);
    Function<Address, Endpoint> endpoints = Samples::endpoint;

    private final RoundListener listener = new RoundListener() {
        @Override
        public void began(Instant at) {}

        @Override
        public void ended(Round round) {
            rounds.add(round);
        }

        @Override
        public void changed(Audit audit) {
            audits.add(audit);
        }
    };
    private final ManualTime time = ManualTime.get(testKit.system());
    private Instant now = T0;
    Duration machineAhead = Duration.ZERO;

    private final class HandClock implements SteadyClock {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public Instant told(Instant moment) {
            return moment.plus(machineAhead);
        }
    }

    @AfterEach
    void shutdown() {
        testKit.shutdownTestKit();
    }

    /** Starts a run; nobody has answered anything yet. */
    ActorRef<Reconciler.Command> spawn(Mode mode) {
        Policy policy = new Policy(
                Role.MEMBER,
                JoinAs.AUTO,
                STABLE_MARGIN,
                Duration.ofMinutes(1),
                CONFIRM_AFTER,
                "http",
                2380,
                false,
                "etcd-cluster",
                mode == Mode.PERIODIC
                        ? Optional.of(new Policy.Staying(Duration.ofMinutes(5), INTERVAL.multipliedBy(3)))
                        : Optional.empty());
        ReconcileSettings settings = new ReconcileSettings(
                mode,
                TIMEOUT,
                INTERVAL,
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                PAUSES.get(0),
                PAUSES.get(PAUSES.size() - 1),
                REFUSAL_DELAY,
                REFUSAL_DELAY,
                REFUSALS);
        Reconciler.Services services = new Reconciler.Services(
                metadata.ref(),
                subscriber -> {
                    notices = subscriber;
                    return Behaviors.empty();
                },
                new Observer.Sources(aws.ref(), etcd, Duration.ofSeconds(2)),
                self -> Behaviors.receiveMessage(message -> {
                    if (breakingChanger) {
                        throw new IllegalStateException("unforeseen");
                    }
                    changer.ref().tell(message);
                    return Behaviors.same();
                }),
                steward.ref(),
                writer.ref(),
                withChangeCommand ? Optional.of(changeCommand.ref()) : Optional.empty(),
                () -> files.read(),
                address -> endpoints.apply(address),
                this::execute,
                new HandClock(),
                pause -> pause,
                listener);
        return testKit.spawn(Reconciler.create(services, policy, settings, new CompletableFuture<>() {
            @Override
            public boolean complete(Outcome outcome) {
                outcomes.add(outcome);
                return super.complete(outcome);
            }
        }));
    }

    /** Reads the files at once; a test may have them take longer. */
    void execute(Runnable reading) {
        reading.run();
    }

    /** Starts a run of a node that knows who it is. */
    ActorRef<Reconciler.Command> start(Mode mode) {
        ActorRef<Reconciler.Command> reconciler = spawn(mode);
        metadata.expectMessageClass(MetadataReader.Read.class).replyTo().tell(new MetadataReader.Identified(SELF));
        return reconciler;
    }

    ActorRef<Reconciler.Command> start() {
        return start(Mode.ONCE);
    }

    void pass(Duration duration) {
        now = now.plus(duration);
        time.timePasses(duration);
    }

    /** There is no round for exactly that long. */
    void rests(Duration pause) {
        pass(pause.minusMillis(1));
        aws.expectNoMessage(Duration.ZERO);
        assertEquals(List.of(), outcomes);
        pass(Duration.ofMillis(1));
    }

    /** The next scan's question, which must be that. */
    void scanned(Group group, Depth depth) {
        Scan scan = aws.expectMessageClass(Scan.class);
        assertEquals(depth, scan.depth());
        scan.replyTo().tell(new GroupScanner.Scanned(group, now));
    }

    /** AWS answers to the scan of the round that has begun. */
    void scanned(Group group) {
        aws.expectMessageClass(Scan.class).replyTo().tell(new GroupScanner.Scanned(group, now));
    }

    void scanFails(Kind kind) {
        aws.expectMessageClass(Scan.class)
                .replyTo()
                .tell(new GroupScanner.ScanFailed(AwsFailures.of(kind, "it is " + kind)));
    }

    /** This node's member has run, and its data cannot be seen: the file is written. */
    Group asMember() {
        etcd.answer(1, new NotServing());
        etcd.answer(2, serving(2, B, A));
        return PAIR;
    }

    /** Two others serve, led by the third, and this node is to be added. */
    Group asJoiner() {
        etcd.answer(1, new NotServing());
        etcd.answer(2, serving(2, C, B));
        etcd.answer(3, serving(3, C, B));
        return THREE;
    }

    /** Nobody serves, and half of the group is missing. */
    Group halfAGroup() {
        etcd.answer(1, new NotServing());
        return new Group("etcd", 2, ALONE.instances(), ALONE.clusterMark());
    }

    /** Nobody else is to be, and no etcd runs: a cluster is formed once the group was seen for long enough. */
    Group alone() {
        etcd.answer(1, new NotServing());
        return ALONE;
    }

    Write told(State state) {
        Write write = writer.expectMessageClass(Write.class);
        assertEquals(state, write.cluster().state());
        return write;
    }

    void canBeWritten() {
        writer.expectMessageClass(PeersFileWriter.Check.class).replyTo().tell(new PeersFileWriter.Writable());
    }

    /** The change that is asked for, once it is known that the peers file can be written. */
    Apply applied() {
        canBeWritten();
        return changer.expectMessageClass(Apply.class);
    }

    void changeEnds(ChangeOutcome outcome) {
        applied().replyTo().tell(outcome);
    }

    Outcome ended(ExitCode exitCode, String message) {
        assertEquals(1, outcomes.size());
        Outcome outcome = outcomes.get(0);
        assertEquals(exitCode, outcome.exitCode(), outcome.message());
        assertTrue(outcome.message().contains(message), outcome.message());
        return outcome;
    }
}
