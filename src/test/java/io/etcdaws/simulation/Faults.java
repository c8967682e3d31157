package io.etcdaws.simulation;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.simulation.EtcdModel.Request;
import io.etcdaws.simulation.Launcher.PeersFileText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Does to a group what a step says. */
final class Faults {
    private static final int MOST_NODES = 7;
    private static final int CALLS_OF_A_CHANGE = 6;

    /** The name of an etcd that an operator has started by mistake. */
    private static final String STRAY = "stray";

    private final Simulation world;
    private final List<Machine> stopped = new ArrayList<>();
    private final Set<ClusterId> strays = new HashSet<>();

    Faults(Simulation world) {
        this.world = world;
    }

    void apply(Step step) {
        List<Machine> machines = world.aws().machines().stream()
                .filter(machine -> machine.runs() && world.aws().holds(machine))
                .toList();
        if (machines.isEmpty()) {
            return;
        }
        Machine machine = machines.get(step.who() % machines.size());
        world.note("world", step.kind() + " " + machine + " (" + step.amount() + ")");
        switch (step.kind()) {
            case CRASH, CRASH_AT_CALL, TWIN, REBOOT, LOSE_DISK, FULL_DISK -> onMachine(step, machine);
            case PAUSE, PAUSE_IN_CHANGE, PAUSE_MACHINE, CLOCK_JUMP -> onTime(step, machine);
            case KILL_ETCD, FREEZE_ETCD -> onEtcd(step, machine);
            case STRAY_ETCD -> startStray(step, machine);
            case TERMINATE,
                    STOP,
                    RETIRE,
                    REFRESH,
                    SCALE_OUT,
                    SCALE_IN,
                    STANDBY,
                    DETACH,
                    INTERRUPT,
                    REBALANCE,
                    READDRESS -> onGroup(step, machine);
            case ISOLATE, CUT_ONE_WAY -> onNetwork(step, machine, machines);
            case LOSE_MESSAGES, SLOW_MESSAGES, AWS_FAILS, AWS_ANSWERS_IN_PART, AWS_LAGS, AWS_MIXES_ADDRESSES ->
                onWeather(step);
            case OPERATOR_REMOVES, OPERATOR_ADDS -> byOperator(step, machine);
            case OPERATOR_HOST -> addHost(step);
        }
    }

    private void later(Step step, Runnable action) {
        world.time().after(step.amount() * 1000L, action);
    }

    private void onMachine(Step step, Machine machine) {
        switch (step.kind()) {
            case CRASH -> {
                List.copyOf(machine.daemons).forEach(world::stop);
                world.restart(machine, step.amount() * 1000L);
            }
            case CRASH_AT_CALL -> machine.daemons.forEach(daemon -> daemon.crashAfter(step.amount()));
            case TWIN -> world.startDaemon(machine);
            case FULL_DISK -> {
                machine.fileUnwritable = true;
                later(step, () -> machine.fileUnwritable = false);
            }
            case LOSE_DISK -> {
                machine.data = null;
                machine.peersFile = step.amount() % 2 == 0 ? null : machine.peersFile;
                world.reboot(machine);
            }
            default -> world.reboot(machine);
        }
    }

    private void onTime(Step step, Machine machine) {
        long millis = step.amount() * 1000L;
        switch (step.kind()) {
            case PAUSE -> machine.daemons.forEach(daemon -> world.pause(daemon, millis));
            case PAUSE_IN_CHANGE ->
                machine.daemons.forEach(daemon -> daemon.pauseInChange(step.amount() % CALLS_OF_A_CHANGE, millis));
            case PAUSE_MACHINE -> {
                machine.daemons.forEach(daemon -> world.pause(daemon, millis));
                freeze(step, machine);
            }
            default -> {
                machine.wallAhead += (step.amount() % 4 < 2 ? 60 : -60) * millis;
                if (step.amount() % 2 == 1) {
                    List.copyOf(machine.daemons).forEach(world::crash);
                }
            }
        }
    }

    private void onEtcd(Step step, Machine machine) {
        EtcdProcess process = machine.etcd;
        if (process != null && step.kind() == Step.Kind.KILL_ETCD) {
            world.disturbed();
            world.etcd().kill(process);
            world.startEtcdLater(machine);
        } else {
            freeze(step, machine);
        }
    }

    private void freeze(Step step, Machine machine) {
        EtcdProcess process = machine.etcd;
        if (process == null) {
            return;
        }
        world.disturbed();
        process.frozen = true;
        later(step, () -> {
            if (machine.etcd == process) {
                world.thaw(process);
            }
        });
    }

    private void onGroup(Step step, Machine machine) {
        AwsModel aws = world.aws();
        switch (step.kind()) {
            case TERMINATE -> aws.terminate(machine);
            case STOP -> stop(step, machine);
            case RETIRE -> aws.retire(machine);
            case REFRESH -> refresh(aws.machines().stream().filter(aws::holds).toList(), 0);
            case SCALE_OUT -> aws.want(Math.min(MOST_NODES, aws.desired() + 1 + step.amount() % 2));
            case SCALE_IN -> aws.want(Math.max(1, aws.desired() - 1));
            case STANDBY -> {
                aws.standby(machine, true);
                later(step, () -> aws.standby(machine, false));
            }
            case DETACH -> aws.detach(machine);
            case READDRESS -> {
                if (machine.etcd != null && machine.etcd.ready) {
                    readdress(machine);
                }
            }
            default -> notice(step, machine);
        }
    }

    private void stop(Step step, Machine machine) {
        world.aws().suspend(true);
        stopped.add(machine);
        world.aws().stop(machine);
        later(step, () -> start(machine));
    }

    private void start(Machine machine) {
        if (stopped.remove(machine)) {
            world.aws().start(machine);
            world.aws().suspend(!stopped.isEmpty());
        }
    }

    private void refresh(List<Machine> machines, int next) {
        if (next < machines.size()) {
            world.aws().retire(machines.get(next));
            world.time().after(30_000, () -> refresh(machines, next + 1));
        }
    }

    private void readdress(Machine machine) {
        world.halt(machine);
        world.aws().readdress(machine);
        world.started(machine);
    }

    private void notice(Step step, Machine machine) {
        if (step.kind() == Step.Kind.INTERRUPT) {
            machine.notice = Optional.of(new Notice(Notice.Kind.INTERRUPTED, "spot interruption"));
            world.time().after(30_000, () -> world.aws().terminate(machine));
            return;
        }
        machine.notice = Optional.of(new Notice(Notice.Kind.AT_RISK, "rebalance recommendation"));
        world.aws().launch();
        world.time().after(45_000, () -> world.aws().retire(machine));
    }

    private void onNetwork(Step step, Machine machine, List<Machine> machines) {
        if (step.kind() == Step.Kind.ISOLATE) {
            machines.stream().filter(other -> other != machine).forEach(other -> {
                world.network().cut(machine.address, other.address);
                world.network().cut(other.address, machine.address);
            });
        } else {
            Machine other = machines.get((step.who() + 1 + step.amount()) % machines.size());
            world.network().cut(machine.address, other.address);
        }
        world.disturbed();
        later(step, () -> {
            world.network().heal();
            world.disturbed();
        });
    }

    private void onWeather(Step step) {
        Weather weather = world.weather();
        switch (step.kind()) {
            case LOSE_MESSAGES -> weather.lost = 5 + step.amount() / 2;
            case SLOW_MESSAGES -> weather.slow = 10 + step.amount();
            case AWS_FAILS -> weather.awsFailing = 20 + step.amount();
            case AWS_ANSWERS_IN_PART -> weather.awsPartial = 20 + step.amount();
            case AWS_MIXES_ADDRESSES -> weather.awsMixes = true;
            default -> weather.awsLag = 500L * step.amount();
        }
        later(step, this::clearWeather);
    }

    private void startStray(Step step, Machine machine) {
        if (machine.data != null || machine.etcd != null) {
            return;
        }
        Map<String, List<PeerUrl>> list = new HashMap<>();
        list.put(STRAY, List.of(PeerUrl.of("http", machine.address, 2380)));
        if (step.amount() % 2 == 0 || world.leader().isEmpty()) {
            list.put("nobody", List.of(PeerUrl.parse("http://10.9.9.99:2380")));
        }
        PeersFileText file = new PeersFileText(true, STRAY, list);
        world.launcher().judge(machine, file).fresh().ifPresent(disk -> {
            machine.data = disk;
            strays.add(disk.cluster);
            world.disturbed();
            world.etcd()
                    .start(new EtcdProcess(machine, disk, STRAY, world.time().now()));
        });
    }

    /** Whether an operator has formed that cluster by mistake. */
    boolean isStray(ClusterId cluster) {
        return strays.contains(cluster);
    }

    /** The operator takes it all back, also what has joined it. */
    private void wipeStray(Machine machine) {
        if (machine.data != null && isStray(machine.data.cluster)) {
            machine.data = null;
            world.reboot(machine);
        }
    }

    private void clearWeather() {
        if (!world.weather().awsIsHonest(world.time().now())) {
            world.weather().lies(world.time().now());
        }
        world.weather().clear();
    }

    private void byOperator(Step step, Machine machine) {
        Optional<EtcdProcess> leader = world.leader();
        if (leader.isEmpty()) {
            return;
        }
        Optional<Member> member = Optional.ofNullable(machine.etcd).flatMap(EtcdProcess::own);
        MembershipChange change = step.kind() == Step.Kind.OPERATOR_ADDS
                ? new MembershipChange.Add(
                        PeerUrl.parse("http://10.9.9." + step.amount() + ":2380"), step.amount() % 2 == 0)
                : member.<MembershipChange>map(MembershipChange.Remove::new).orElse(null);
        if (change != null) {
            world.disturbed();
            Request request = new Request(
                    "operator", change.toString(), null, world.time().now(), null);
            CompletionStage<List<Member>> unused = world.api()
                    .change(
                            leader.get().address(),
                            change,
                            request,
                            world.time().now() + 5_000);
        }
    }

    /** A machine that is none of AWS's, with a voter. */
    private void addHost(Step step) {
        Optional<EtcdProcess> leader = world.leader();
        if (leader.isEmpty()) {
            return;
        }
        Machine host = world.outsider();
        PeerUrl url = PeerUrl.of("http", host.address, 2380);
        MembershipChange change = new MembershipChange.Add(url, false);
        Request request =
                new Request("operator", change.toString(), null, world.time().now(), null);
        world.disturbed();
        CompletionStage<Void> unused = world.api()
                .change(leader.get().address(), change, request, world.time().now() + 5_000)
                .thenAccept(members -> startHost(host, url, members, leader.get()));
        later(step, () -> {
            EtcdProcess process = host.etcd;
            if (process != null && !world.isQuiet()) {
                world.disturbed();
                world.etcd().kill(process);
            }
        });
    }

    private void startHost(Machine host, PeerUrl url, List<Member> members, EtcdProcess leader) {
        members.stream()
                .filter(member -> member.peerUrls().contains(url))
                .findFirst()
                .ifPresent(own -> {
                    host.data = new DataDisk(leader.disk.cluster, own.id(), members, null);
                    world.startOutside(host);
                });
    }

    /** All faults stop; what they have done stays. */
    void stop() {
        clearWeather();
        world.network().heal();
        List.copyOf(stopped).forEach(this::start);
        world.outsiders().forEach(world::startOutside);
        world.machines().forEach(this::wipeStray);
        for (Machine machine : world.aws().machines()) {
            machine.fileUnwritable = false;
            if (machine.etcd != null && machine.etcd.frozen) {
                world.thaw(machine.etcd);
            }
            while (machine.daemons.size() > 1) {
                world.stop(machine.daemons.get(1));
            }
            if (machine.daemons.isEmpty()) {
                world.restart(machine, 1_000);
            }
            for (Daemon daemon : machine.daemons) {
                daemon.crashAfter(-1);
                daemon.pauseInChange(-1, 0);
                world.goOn(daemon);
            }
        }
        world.disturbed();
    }
}
