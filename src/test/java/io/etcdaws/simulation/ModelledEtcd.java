package io.etcdaws.simulation;

import io.etcdaws.etcd.EtcdException;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.simulation.EtcdModel.Request;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/** The model of etcd by itself. */
final class ModelledEtcd implements CalibratedEtcd.Subject, EtcdModel.Watcher {
    private final VirtualTime time = new VirtualTime();
    private final Network links = new Network(time);
    private final EtcdModel etcd;
    private final EtcdApi api;
    private final Launcher launcher;
    private final String network;
    private final Map<Integer, Machine> machines = new HashMap<>();

    ModelledEtcd(EtcdModel.Version version, int number) {
        this.etcd = new EtcdModel(time, links, new SplittableRandom(number), version, this);
        this.api = new EtcdApi(etcd, links, time);
        this.launcher = new Launcher(etcd, links, time);
        this.network = "127." + System.getProperty("lab.network", "100") + "." + (230 + number) + ".";
    }

    private Machine machine(int node) {
        return machines.computeIfAbsent(node, each -> {
            Machine made = new Machine(
                    new InstanceId(String.format(Locale.ROOT, "i-%08x", node)),
                    Address.parse(RealEtcd.address(network, node)),
                    "a");
            made.state = InstanceState.RUNNING;
            return made;
        });
    }

    private PeerUrl peer(int node) {
        return PeerUrl.of("http", machine(node).address, 2380);
    }

    private void pass(long millis) {
        long until = time.now() + millis;
        time.after(millis, () -> {});
        while (time.step(until)) {
            // All that happens until then.
        }
    }

    @Override
    public String start(int node, String state, List<Integer> list) {
        Machine machine = machine(node);
        machine.peersFile = "ETCD_INITIAL_CLUSTER_STATE=" + state + "\nETCD_NAME=n" + node + "\nETCD_INITIAL_CLUSTER=\""
                + list.stream().map(each -> "n" + each + "=" + peer(each)).collect(Collectors.joining(",")) + "\"\n";
        if (launcher.start(machine) instanceof Launcher.Refused) {
            return "ends";
        }
        pass(6_000);
        EtcdProcess process = machine.etcd;
        return process == null ? "ends" : process.ready ? "serves" : "forms";
    }

    @Override
    public void kill(int node) {
        etcd.kill(Objects.requireNonNull(machine(node).etcd));
    }

    @Override
    public void wipe(int node) {
        machine(node).data = null;
    }

    @Override
    public String add(int via, int node, boolean learner) {
        return changed(via, new MembershipChange.Add(peer(node), learner));
    }

    @Override
    public String remove(int via, int node) {
        return changed(via, new MembershipChange.Remove(member(via, node)));
    }

    @Override
    public String promote(int via, int node) {
        return changed(via, new MembershipChange.Promote(member(via, node)));
    }

    private Member member(int via, int node) {
        return process(machine(via)).disk.members().stream()
                .filter(member -> member.peerUrls().contains(peer(node)))
                .findFirst()
                .orElseGet(() -> new Member(new MemberId(0), "", List.of(peer(node)), List.of(), false));
    }

    private static EtcdProcess process(Machine machine) {
        return Objects.requireNonNull(machine.etcd);
    }

    private String changed(int via, MembershipChange change) {
        CompletableFuture<List<Member>> answer = api.change(
                machine(via).address, change, new Request("test", "", null, time.now(), null), time.now() + 8_000);
        pass(8_000);
        if (!answer.isDone()) {
            return "hangs";
        }
        return answer.handle((list, failure) -> failure == null
                        ? "done"
                        : String.valueOf(EtcdException.of(failure).getMessage()).replace("etcdserver: ", ""))
                .join();
    }

    @Override
    public String write(int via) {
        CompletableFuture<Entry> answer =
                api.put(machine(via).address, new Request("test", "", null, time.now(), null));
        pass(4_000);
        return answer.isDone() ? "done" : "fails";
    }

    @Override
    public String cluster(int via) {
        return process(machine(via)).disk.cluster.toString();
    }

    @Override
    public String members(int via) {
        List<Member> members = process(machine(via)).disk.members();
        return members.size() + " members, "
                + members.stream().filter(Member::learner).count() + " learners";
    }

    @Override
    public String process(int node) {
        return machine(node).etcd == null ? "ended" : "runs";
    }

    @Override
    public void rest() {
        pass(6_500);
    }

    @Override
    public void close() {}

    @Override
    public void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {}

    @Override
    public void elected(EtcdProcess leader) {}

    @Override
    public void ready(EtcdProcess process) {}

    @Override
    public void exited(EtcdProcess process, int code, String why) {}
}
