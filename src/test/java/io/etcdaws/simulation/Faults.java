package io.etcdaws.simulation;

import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.simulation.EtcdModel.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Does to a group what a step says. */
final class Faults {
    private static final int MOST_NODES = 7;

    private final Simulation world;
    private final List<Machine> stopped = new ArrayList<>();

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
            case KILL_ETCD, FREEZE_ETCD -> onEtcd(step, machine);
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
            case LOSE_MESSAGES, SLOW_MESSAGES, AWS_FAILS, AWS_ANSWERS_IN_PART, AWS_LAGS -> onWeather(step);
            case OPERATOR_REMOVES, OPERATOR_ADDS -> byOperator(step, machine);
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

    private void onEtcd(Step step, Machine machine) {
        EtcdProcess process = machine.etcd;
        if (process == null) {
            return;
        }
        world.disturbed();
        if (step.kind() == Step.Kind.KILL_ETCD) {
            world.etcd().kill(process);
            world.startEtcdLater(machine);
            return;
        }
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
            default -> weather.awsLag = 500L * step.amount();
        }
        later(step, weather::clear);
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

    /** All faults stop; what they have done stays. */
    void stop() {
        world.weather().clear();
        world.network().heal();
        List.copyOf(stopped).forEach(this::start);
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
            machine.daemons.forEach(daemon -> daemon.crashAfter(-1));
        }
        world.disturbed();
    }
}
