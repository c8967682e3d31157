package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Outcome;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.reconcile.Round;
import io.etcdaws.simulation.EtcdModel.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * One schedule: a group of machines, each with the real program and a modelled etcd, from the first instance's launch until all
 * faults have stopped and the group has converged. Everything happens on one thread, and in the same way each time.
 */
final class Simulation implements EtcdModel.Watcher, AwsModel.Watcher {
    /** How long after the last fault the group may take to converge, in milliseconds. */
    static final long PATIENCE = 600_000;

    private static final long BOOT = 1_500;
    private static final long ETCD_RESTART = 2_000;
    private static final long WRITE_EVERY = 4_000;
    private static final int MOST_EVENTS = 400_000;

    private final Plan plan;
    private final Stage stage;
    private final RandomGenerator random;
    private final Network network;
    private final Weather weather;
    private final EtcdModel etcd;
    private final EtcdApi api;
    private final AwsModel aws;
    private final Launcher launcher;
    private final List<Invariant> invariants;
    private final Coverage coverage;
    private final Consumer<String> transcript;
    private final boolean recording;
    private final List<InFlight> inFlight = new ArrayList<>();
    private final List<Runnable> thawed = new ArrayList<>();
    private final Map<Address, Endpoint> endpoints = new HashMap<>();
    private final List<Machine> outsiders = new ArrayList<>();
    private final Faults faults;
    private long disturbedAt = Long.MIN_VALUE / 2;
    private long convergedAt = -1;
    private boolean quiet;
    private boolean hopeless;
    private boolean mutant;
    private boolean panicked;
    private Optional<Violation> violation = Optional.empty();

    private Simulation(Plan plan, Stage stage, Coverage coverage, Consumer<String> transcript, boolean recording) {
        this.plan = plan;
        this.stage = stage;
        this.coverage = coverage;
        this.transcript = transcript;
        this.recording = recording;
        this.random = new SplittableRandom(plan.seed());
        this.network = new Network(stage.time());
        this.weather = new Weather(random);
        this.etcd = new EtcdModel(stage.time(), network, random, plan.version(), this);
        this.api = new EtcdApi(etcd, network, stage.time());
        this.aws = new AwsModel(stage.time(), random, plan.hooks(), plan.addressesReused(), this);
        this.launcher = new Launcher(etcd, network, stage.time());
        this.invariants = Invariants.all(this);
        this.faults = new Faults(this);
    }

    /** Runs a schedule; the violation it ended with, if it did. */
    static Optional<Violation> run(Plan plan, Stage stage, Coverage coverage) {
        return new Simulation(plan, stage, coverage, line -> {}, false).run();
    }

    /** Runs a schedule with guards switched off. */
    static Optional<Violation> runWithout(Plan plan, Stage stage, Guard guard, Optional<Guard> another) {
        Guard.switchOff(Optional.of(guard), another);
        try {
            Simulation simulation = new Simulation(plan, stage, new Coverage(), line -> {}, false);
            simulation.mutant = true;
            return simulation.run();
        } finally {
            Guard.switchOff(Optional.empty(), Optional.empty());
        }
    }

    /** Runs a schedule, and tells what happens. */
    static Optional<Violation> tell(Plan plan, Stage stage, Consumer<String> transcript) {
        return new Simulation(plan, stage, new Coverage(), transcript, true).run();
    }

    private Optional<Violation> run() {
        try {
            begin();
            int events = 0;
            while (violation.isEmpty() && !over() && time().step(plan.quietAt() + PATIENCE)) {
                if (++events > MOST_EVENTS) {
                    check(() -> {
                        throw new Violation("EventsAreBounded", "more than " + MOST_EVENTS + " events");
                    });
                }
            }
            each(Invariant::over);
            return violation;
        } finally {
            aws.machines().forEach(machine -> List.copyOf(machine.daemons).forEach(Daemon::die));
            stage.clear();
            coverage.schedule();
        }
    }

    private void each(Consumer<Invariant> look) {
        for (Invariant invariant : invariants) {
            check(() -> look.accept(invariant));
        }
    }

    /** Keeps the first violation: futures swallow what is thrown into them. */
    private void check(Runnable look) {
        if (violation.isEmpty()) {
            try {
                look.run();
            } catch (Violation found) {
                violation = Optional.of(found);
                note("world", "VIOLATED " + found.getMessage());
            }
        }
    }

    private void begin() {
        note("world", plan.describe());
        aws.begin(plan.nodes());
        plan.steps().forEach(step -> time().after(step.at(), () -> faults.apply(step)));
        time().after(plan.quietAt(), this::quieten);
        time().after(WRITE_EVERY, this::write);
    }

    private boolean over() {
        boolean settled = plan.mode() == Mode.PERIODIC
                ? convergedFor() > Daemon.INTERVAL.toMillis() * 5 / 4
                : time().now() > plan.quietAt() + 40_000;
        return quiet && (settled || hopeless);
    }

    private void quieten() {
        quiet = true;
        faults.stop();
        note("world", "all faults stop");
    }

    // What there is.

    /** Whether an operator has formed that cluster by mistake. */
    boolean isStray(ClusterId cluster) {
        return faults.isStray(cluster);
    }

    boolean isQuiet() {
        return quiet;
    }

    Plan plan() {
        return plan;
    }

    Stage stage() {
        return stage;
    }

    VirtualTime time() {
        return stage.time();
    }

    RandomGenerator random() {
        return random;
    }

    Network network() {
        return network;
    }

    Weather weather() {
        return weather;
    }

    EtcdModel etcd() {
        return etcd;
    }

    EtcdApi api() {
        return api;
    }

    AwsModel aws() {
        return aws;
    }

    Launcher launcher() {
        return launcher;
    }

    List<InFlight> inFlight() {
        return inFlight;
    }

    /** Where the etcd at an address is asked. */
    Endpoint endpoint(Address address) {
        return endpoints.computeIfAbsent(
                address, host -> new Endpoint(host, "http://" + host + ":2379", "http://" + host + ":2380"));
    }

    boolean reachable(EtcdProcess from, MemberId member) {
        return etcd.processes().stream()
                .anyMatch(process -> process.self().equals(member) && etcd.reach(from, process));
    }

    /** The machine that has an address now, of AWS or another. */
    Optional<Machine> machineAt(Address address) {
        for (Machine outsider : outsiders) {
            if (outsider.address.equals(address)) {
                return Optional.of(outsider);
            }
        }
        return aws.machineAt(address);
    }

    /** All machines that there have been. */
    List<Machine> machines() {
        List<Machine> all = new ArrayList<>(aws.machines());
        all.addAll(outsiders);
        return all;
    }

    List<Machine> outsiders() {
        return List.copyOf(outsiders);
    }

    /** One more machine that is none of AWS's. */
    Machine outsider() {
        int number = outsiders.size() + 1;
        Machine machine = new Machine(
                new InstanceId(String.format(Locale.ROOT, "i-%08x", 0xee00 + number)),
                Address.parse("192.168.0." + number),
                "elsewhere");
        machine.state = InstanceState.RUNNING;
        outsiders.add(machine);
        return machine;
    }

    /** Starts etcd with its data on a machine that is none of AWS's. */
    void startOutside(Machine machine) {
        if (machine.data != null && machine.etcd == null) {
            disturbed();
            etcd.start(new EtcdProcess(machine, machine.data, "backup-" + machine.address, time().now()));
        }
    }

    /** Whether the group has wanted an instance for so many milliseconds. */
    boolean expectedSince(InstanceId id, long millis) {
        return aws.everySince(
                millis, group -> group.find(id).filter(Instance::expected).isPresent());
    }

    /** Whether an instance has been about to leave the group for so many milliseconds. */
    boolean unwantedSince(InstanceId id, long millis) {
        return aws.everySince(
                millis,
                group -> group.find(id).filter(instance -> !instance.expected()).isPresent());
    }

    // Disturbances.

    /** Something has happened to the machines or between them that nobody could know of before. */
    void disturbed() {
        disturbedAt = time().now();
        convergedAt = -1;
        etcd.stir();
    }

    boolean disturbedSince(long moment) {
        return disturbedAt >= moment;
    }

    void whenThawed(EtcdProcess process, Runnable arrival) {
        // What waits in a frozen process's socket may be read when it goes on, though nobody waits for it any more.
        if (random.nextBoolean()) {
            thawed.add(() -> {
                if (process.machine.etcd == process) {
                    arrival.run();
                }
            });
        }
    }

    void thaw(EtcdProcess process) {
        process.frozen = false;
        disturbed();
        List<Runnable> arrivals = List.copyOf(thawed);
        thawed.clear();
        arrivals.forEach(Runnable::run);
    }

    // Machines.

    @Override
    public void started(Machine machine) {
        note(machine.id.value(), "boots at " + machine.address);
        machine.fileReady = false;
        machine.bootedAt = time().now();
        restart(machine, BOOT);
    }

    @Override
    public void changed() {
        convergedAt = -1;
    }

    @Override
    public void ended(Machine machine) {
        note(machine.id.value(), "ends: " + machine.state);
        halt(machine);
    }

    void startDaemon(Machine machine) {
        if (machine.runs()) {
            machine.daemons.add(new Daemon(this, machine, random.nextLong()));
        }
    }

    void stop(Daemon daemon) {
        daemon.die();
        daemon.machine.daemons.remove(daemon);
    }

    /** The program dies between two steps; the service manager starts it again. */
    void crash(Daemon daemon) {
        note(daemon.machine.id.value(), "the program crashes");
        stop(daemon);
        restart(daemon.machine, 2_000 + random.nextLong(8_000));
    }

    /** The program does nothing for a while, and goes on as if that time had not been. */
    void pause(Daemon daemon, long millis) {
        note(daemon.machine.id.value(), "the program is paused");
        daemon.pause();
        time().after(millis, () -> goOn(daemon));
    }

    void goOn(Daemon daemon) {
        if (daemon.paused()) {
            note(daemon.machine.id.value(), "the program goes on");
            daemon.goOn();
        }
    }

    void restart(Machine machine, long after) {
        time().after(after, () -> {
            if (machine.daemons.isEmpty()) {
                startDaemon(machine);
            }
        });
    }

    void ended(Daemon daemon, Outcome outcome) {
        note(daemon.machine.id.value(), "the program ends: " + outcome.message());
        daemon.machine.daemons.remove(daemon);
        if (outcome.exitCode() == ExitCode.DONE) {
            daemon.machine.fileReady = true;
            startEtcd(daemon.machine);
        } else {
            restart(daemon.machine, 5_000);
        }
    }

    void broke(Daemon daemon, String how) {
        check(() -> {
            throw new Violation("TheProgramNeverBreaks", daemon + ": " + how);
        });
    }

    void startEtcd(Machine machine) {
        if (!machine.runs() || machine.etcd != null || !machine.fileReady || machine.peersFile == null) {
            return;
        }
        Launcher.Result result = launcher.start(machine);
        if (result instanceof Launcher.Refused refused) {
            note(machine.id.value(), "etcd does not start: " + refused.why());
            startEtcdLater(machine);
        } else {
            EtcdProcess process = ((Launcher.Started) result).process();
            note(machine.id.value(), "etcd starts as " + process.self() + " of cluster " + process.disk.cluster);
            if (aws.holds(machine)) {
                convergedAt = -1;
            }
        }
    }

    void startEtcdLater(Machine machine) {
        time().after(ETCD_RESTART + random.nextLong(3_000), () -> startEtcd(machine));
    }

    // What happens.

    void round(Daemon daemon, Round round) {
        coverage.round(round, daemon.policy(), countsGuards() ? daemon.newly(Guard.fired()) : Set.of());
        if (recording) {
            note(daemon.machine.id.value(), Telling.round(round));
        }
        if (round.settled() && !daemon.machine.fileReady) {
            daemon.machine.fileReady = true;
            time().after(200, () -> startEtcd(daemon.machine));
        }
        if (quiet) {
            round.decision().ifPresent(decision -> operate(daemon.machine, decision));
            lookForConvergence();
            hopeless = time().now() > plan.quietAt() + 60_000 && needsOperator();
        }
        each(invariant -> invariant.round(daemon, round));
    }

    /** What would be done without a guard cannot be asked while one is switched off. */
    private boolean countsGuards() {
        return !mutant;
    }

    /** What an operator does about what the program says that it cannot do by itself. */
    private void operate(Machine machine, Decision decision) {
        boolean stuck = decision instanceof Refuse
                || (decision instanceof Wait wait && wait.until() == Until.SAFE)
                || !plan.dataSeen();
        boolean late = time().now() > plan.quietAt() + 20_000;
        if (stuck && late && machine.data != null && foreignData(machine)) {
            note("operator", "stops etcd on " + machine.id + ", moves its data away, and starts the program anew");
            machine.data = null;
            reboot(machine);
        }
    }

    void reboot(Machine machine) {
        halt(machine);
        started(machine);
    }

    /** Ends all that runs on a machine. */
    void halt(Machine machine) {
        List.copyOf(machine.daemons).forEach(this::stop);
        Optional.ofNullable(machine.etcd).ifPresent(etcd::kill);
        disturbed();
    }

    /** Whether a machine's data belong to no member of the cluster that serves. */
    private boolean foreignData(Machine machine) {
        DataDisk data = Objects.requireNonNull(machine.data);
        Optional<EtcdProcess> leader = leader();
        return leader.isPresent()
                && !(leader.get().disk.cluster.equals(data.cluster)
                        && Objects.requireNonNull(leader.get().disk.committed)
                                .state()
                                .members()
                                .containsKey(data.self));
    }

    InFlight sent(Daemon daemon, MembershipChange change, Address via) {
        InFlight flight = new InFlight(daemon, change, via, time().now());
        note(daemon.machine.id.value(), "sends: " + change + " via " + via);
        inFlight.add(flight);
        each(invariant -> invariant.sent(flight));
        convergedAt = -1;
        return flight;
    }

    void answered(InFlight flight) {
        inFlight.remove(flight);
    }

    void wrote(Daemon daemon, String text) {
        note(daemon.machine.id.value(), "writes " + text.replace("\n", " | "));
        each(invariant -> invariant.wrote(daemon, text));
        startEtcdLater(daemon.machine);
    }

    @Override
    public void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {
        each(invariant -> invariant.committed(leader, entry, request));
        Entry before = entry.before();
        if (before == null || before.state().members().equals(entry.state().members())) {
            return;
        }
        if (recording) {
            note("etcd", "members are now " + entry.state().list());
        }
        request.flatMap(asked -> Optional.ofNullable(asked.flight()))
                .ifPresent(flight -> each(invariant -> invariant.changed(leader, entry, flight)));
    }

    @Override
    public void elected(EtcdProcess leader) {
        note(leader.machine.id.value(), "its etcd leads in term " + leader.disk.term);
        each(invariant -> invariant.elected(leader));
    }

    @Override
    public void ready(EtcdProcess process) {
        note(process.machine.id.value(), "its etcd serves");
        each(invariant -> invariant.ready(process));
    }

    @Override
    public void exited(EtcdProcess process, int code, String why) {
        note(process.machine.id.value(), "its etcd ends with " + code + ": " + why);
        panicked |= code == 2;
        startEtcdLater(process.machine);
        if (aws.holds(process.machine)) {
            disturbed();
        }
    }

    // A client that writes.

    private void write() {
        List<EtcdProcess> serving = etcd.processes().stream()
                .filter(process -> process.ready && !process.frozen && !faults.isStray(process.disk.cluster))
                .toList();
        if (!serving.isEmpty()) {
            EtcdProcess via = serving.get(random.nextInt(serving.size()));
            CompletionStage<Entry> written =
                    api.put(via.address(), new Request("client", "put", null, time().now(), null));
            written.thenAccept(this::acknowledged);
        }
        time().after(WRITE_EVERY / 2 + random.nextLong(WRITE_EVERY), this::write);
    }

    private void acknowledged(Entry entry) {
        for (Invariant invariant : invariants) {
            if (invariant instanceof Invariants.NoWriteIsLost writes) {
                writes.acknowledged(entry);
            }
        }
    }

    // How it ends.

    private void lookForConvergence() {
        boolean converged = notConverged().isEmpty();
        if (converged && convergedAt < 0) {
            convergedAt = time().now();
            note("world", "converged");
        } else if (!converged) {
            convergedAt = -1;
        }
    }

    /** For how long all has been as the group wants it, in milliseconds; negative if it is not. */
    long convergedFor() {
        return convergedAt < 0 ? -1 : time().now() - convergedAt;
    }

    /** A leader that serves with quorum, if there is one. */
    Optional<EtcdProcess> leader() {
        return etcd.processes().stream()
                .filter(process -> process.leads() && etcd.healthy(process))
                .findFirst();
    }

    /** What keeps the group from being converged; empty if it is. */
    String notConverged() {
        Optional<EtcdProcess> leader = leader();
        if (leader.isEmpty()) {
            return "no cluster serves with quorum";
        }
        List<Member> members =
                Objects.requireNonNull(leader.get().disk.committed).state().list();
        List<Instance> expected = aws.group().expected();
        boolean atRest = expected.size() == aws.desired()
                && expected.size() == aws.group().instances().size()
                && aws.machines().stream()
                        .noneMatch(machine -> machine.runs() && aws.holds(machine) && machine.notice.isPresent());
        if (!atRest) {
            return "the group is not what it is to be";
        }
        for (Member member : members) {
            boolean serves = member.voter()
                    && etcd.processes().stream()
                            .anyMatch(process -> process.self().equals(member.id()) && etcd.healthy(process));
            if (!serves) {
                return member + " does not serve as a voter";
            }
        }
        for (Instance instance : expected) {
            Machine machine = aws.machine(instance.id()).orElseThrow();
            EtcdProcess process = machine.etcd;
            if (process == null
                    || members.stream().noneMatch(member -> member.id().equals(process.self()))) {
                return machine + " has no member";
            }
            if (machine.daemons.isEmpty()
                    || machine.daemons.stream()
                            .anyMatch(daemon -> !(daemon.decision().orElse(null) instanceof Converged))) {
                return "the program on " + machine + " has not decided that all has converged";
            }
        }
        return "";
    }

    /**
     * Whether faults took so many machines or disks that no cluster can have quorum again without the operator. On a machine
     * that the group does not hold nobody starts etcd.
     */
    boolean dataWereLost() {
        Optional<Entry> latest = machines().stream()
                .flatMap(machine -> Optional.ofNullable(machine.data).stream())
                .flatMap(disk -> Optional.ofNullable(disk.committed).stream())
                .max((one, other) -> one.term() != other.term()
                        ? Integer.compare(one.term(), other.term())
                        : Integer.compare(one.index(), other.index()));
        if (latest.isEmpty()) {
            return aws.mark().isPresent() || clusterWasSeen();
        }
        List<Member> voters = latest.get().state().voters();
        long left = voters.stream()
                .filter(voter -> machines().stream()
                        .anyMatch(machine -> machine.state == InstanceState.RUNNING
                                && (aws.holds(machine) || machine.etcd != null)
                                && mayBe(machine, voter)))
                .count();
        return left < ClusterView.quorumOf(voters.size());
    }

    /** Whether a program of the group has seen members of a cluster, and so forms none. */
    private boolean clusterWasSeen() {
        return daemonsOfTheGroup().anyMatch(Simulation::hasSeenCluster);
    }

    private Stream<Daemon> daemonsOfTheGroup() {
        return aws.machines().stream().filter(aws::holds).flatMap(machine -> machine.daemons.stream());
    }

    private static boolean hasSeenCluster(Daemon daemon) {
        return Optional.ofNullable(daemon.last)
                .flatMap(Round::observation)
                .flatMap(seen -> seen.continuity().clusterSeen())
                .isPresent();
    }

    /** Whether a machine has a member's data, or may yet start it for the first time. */
    private boolean mayBe(Machine machine, Member member) {
        DataDisk data = machine.data;
        boolean named = member.name().isEmpty() || member.name().equals(machine.id.value());
        return data == null
                ? !member.started() && named && member.isAt(machine.address) && aws.holds(machine) && isTold(member)
                : data.self.equals(member.id());
    }

    /** Whether a member that is left knows of another, and so lets it join: the leader that committed the addition may be gone. */
    private boolean isTold(Member member) {
        return machines().stream()
                .filter(machine -> !machine.state.terminal() && machine.data != null)
                .flatMap(machine -> Objects.requireNonNull(machine.data).members().stream())
                .anyMatch(known -> known.id().equals(member.id()));
    }

    /** Whether something was done after which only an operator can help, who would have to be told what is on the disks. */
    boolean needsOperator() {
        boolean movedAmongOthers =
                plan.steps().size() > 1 && plan.steps().stream().anyMatch(step -> step.kind() == Step.Kind.READDRESS);
        return diskLostUnseen()
                || movedAmongOthers
                || learnerInNobodysWay()
                || emptyVoter()
                || allOutside()
                || listsDiffer()
                || witnessWaits()
                || markedWithoutData()
                || dataWereLost();
    }

    /** A disk was lost where the program may not look at it. */
    boolean diskLostUnseen() {
        return !plan.dataSeen() && plan.steps().stream().anyMatch(step -> step.kind() == Step.Kind.LOSE_DISK);
    }

    /** A cluster all of whose members are on machines that the group does not hold: from within the group nobody sees it. */
    private boolean allOutside() {
        return leader().filter(this::isAlone).isPresent();
    }

    private boolean isAlone(EtcdProcess leading) {
        return leading.disk.members().stream()
                .noneMatch(member -> etcd.processes().stream()
                        .anyMatch(process -> process.self().equals(member.id())
                                && process.disk.cluster.equals(leading.disk.cluster)
                                && aws.holds(process.machine)));
    }

    /** No cluster serves, and a program waits for members of one that it has seen. */
    private boolean witnessWaits() {
        return leader().isEmpty()
                && daemonsOfTheGroup()
                        .anyMatch(daemon -> daemon.decision()
                                        .filter(decision -> decision instanceof Wait
                                                && decision.reason().rule() == Rule.FORM)
                                        .isPresent()
                                && hasSeenCluster(daemon));
    }

    /** No cluster serves, and nobody in the group has data of the one that the mark names: its nodes form no other, and wait. */
    private boolean markedWithoutData() {
        return leader().isEmpty()
                && aws.mark()
                        .filter(mark -> machines().stream()
                                .filter(aws::holds)
                                .noneMatch(machine -> machine.data != null
                                        && machine.data.cluster.toString().equals(mark)))
                        .isPresent();
    }

    /**
     * Whether a node may have data that nobody sees: where the data directory is not named, before its etcd has started, as long as
     * there is no mark.
     */
    boolean dataUnseen() {
        return !plan.dataSeen() && aws.mark().isEmpty();
    }

    /** Nodes have started with different first lists, since AWS told them different things: none of them comes to a quorum. */
    private boolean listsDiffer() {
        return leader().isEmpty()
                && etcd.processes().stream()
                                .filter(process -> !process.disk.decided())
                                .map(process -> process.disk.cluster)
                                .distinct()
                                .count()
                        > 1;
    }

    /** A voter that lost its disk after it had voted, and before it told its client URL: the list says that it never started. */
    private boolean emptyVoter() {
        return panicked
                && leader().stream()
                        .flatMap(process -> process.disk.members().stream())
                        .anyMatch(member -> member.voter() && !member.started());
    }

    /** A learner that serves outside of the group is not promoted, and stays as long as every instance of the group has a member. */
    private boolean learnerInNobodysWay() {
        boolean outside = etcd.processes().stream()
                .anyMatch(process -> process.own().filter(Member::learner).isPresent() && !aws.holds(process.machine));
        return outside && aws.group().expected().stream().allMatch(this::hasMember);
    }

    private boolean hasMember(Instance instance) {
        EtcdProcess process = aws.machine(instance.id()).orElseThrow().etcd;
        return process != null
                && leader().stream()
                        .flatMap(leading -> leading.disk.members().stream())
                        .anyMatch(member -> member.id().equals(process.self()));
    }

    void note(String who, String what) {
        if (recording) {
            transcript.accept(
                    String.format(java.util.Locale.ROOT, "%7.1fs  %-10s  %s", time().now() / 1000.0, who, what));
        }
    }
}
