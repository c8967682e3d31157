package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.BootstrapIds;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerUrl;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What an etcd does at its start with what is in its data directory and in the peers file. */
final class Launcher {
    static final String TOKEN = "etcd-cluster";
    static final String DUPLICATE = "--initial-cluster has duplicate URLs";

    private final EtcdModel etcd;
    private final Network network;
    private final VirtualTime time;

    Launcher(EtcdModel etcd, Network network, VirtualTime time) {
        this.etcd = etcd;
        this.network = network;
        this.time = time;
    }

    /** How a start went. */
    sealed interface Result {}

    record Started(EtcdProcess process) implements Result {}

    /** It ended at once. */
    record Refused(String why) implements Result {}

    /** Starts etcd on a machine where none runs. */
    Result start(Machine machine) {
        Optional<PeersFileText> file = Optional.ofNullable(machine.peersFile).flatMap(PeersFileText::parse);
        if (file.isEmpty()) {
            return new Refused("the peers file cannot be read");
        }
        Judgement judged = judge(machine, file.get());
        if (judged.refusal().isPresent()) {
            return new Refused(judged.refusal().get());
        }
        judged.fresh().ifPresent(fresh -> machine.data = fresh);
        DataDisk disk = java.util.Objects.requireNonNull(machine.data, "data after a start");
        EtcdProcess process = new EtcdProcess(machine, disk, file.get().name(), time.now());
        etcd.start(process);
        return new Started(process);
    }

    /** What etcd would make of that file: the data it would begin with if it has none, or why it would not start. */
    record Judgement(Optional<DataDisk> fresh, Optional<String> refusal) {
        static Judgement no(String why) {
            return new Judgement(Optional.empty(), Optional.of(why));
        }

        static Judgement with(DataDisk fresh) {
            return new Judgement(Optional.of(fresh), Optional.empty());
        }
    }

    /** Judges a file for a machine, as things are at this moment. */
    Judgement judge(Machine machine, PeersFileText file) {
        if (machine.data != null) {
            return new Judgement(Optional.empty(), Optional.empty());
        }
        List<PeerUrl> all = file.urls().values().stream().flatMap(List::stream).toList();
        if (Set.copyOf(all).size() < all.size()) {
            return Judgement.no(DUPLICATE);
        }
        PeerUrl own = PeerUrl.of("http", machine.address, 2380);
        List<PeerUrl> ownUrls = file.urls().getOrDefault(file.name(), List.of());
        if (!ownUrls.equals(List.of(own))) {
            return Judgement.no("--initial-cluster has " + ownUrls + " for " + file.name() + ", not " + own);
        }
        return file.isNew() ? judgeNew(machine, file, own) : judgeExisting(machine, file, own);
    }

    private Judgement judgeNew(Machine machine, PeersFileText file, PeerUrl own) {
        Entry root = etcd.root(initial(file.urls()));
        MemberId self = BootstrapIds.member(List.of(own), TOKEN);
        boolean bootstrapped =
                told(machine, file).stream().anyMatch(member -> member.id().equals(self) && member.started());
        return bootstrapped
                ? Judgement.no("member " + self + " has already been bootstrapped")
                : Judgement.with(new DataDisk(root.state().cluster(), self, List.of(), root));
    }

    private static Entry.State initial(Map<String, List<PeerUrl>> urls) {
        Map<MemberId, Member> members = new TreeMap<>();
        urls.forEach((name, each) -> {
            MemberId id = BootstrapIds.member(each, TOKEN);
            members.put(id, new Member(id, name, each, List.of(), false));
        });
        return new Entry.State(BootstrapIds.cluster(urls.values(), TOKEN), members, Set.of(), Optional.empty());
    }

    private Judgement judgeExisting(Machine machine, PeersFileText file, PeerUrl own) {
        Optional<EtcdProcess> teller = teller(machine, file);
        if (teller.isEmpty()) {
            return Judgement.no("cannot fetch cluster info from peer urls");
        }
        List<Member> members = teller.get().disk.members();
        if (members.size() != file.urls().size()) {
            return Judgement.no("error validating peerURLs: member count is unequal");
        }
        Set<String> listed = members.stream()
                .flatMap(member -> member.peerUrls().stream())
                .map(PeerUrl::text)
                .collect(Collectors.toSet());
        Set<String> given = file.urls().values().stream()
                .flatMap(List::stream)
                .map(PeerUrl::text)
                .collect(Collectors.toSet());
        if (!listed.equals(given)) {
            return Judgement.no("error validating peerURLs: unmatched member");
        }
        MemberId self = members.stream()
                .filter(member -> member.peerUrls().contains(own))
                .findFirst()
                .orElseThrow()
                .id();
        return Judgement.with(new DataDisk(teller.get().disk.cluster, self, members, null));
    }

    private List<Member> told(Machine machine, PeersFileText file) {
        return teller(machine, file).map(process -> process.disk.members()).orElse(List.of());
    }

    /** The first of the peers whose peer port answers; it does as soon as its etcd runs. */
    private Optional<EtcdProcess> teller(Machine machine, PeersFileText file) {
        return file.urls().values().stream()
                .flatMap(List::stream)
                .map(PeerUrl::host)
                .filter(host -> !host.equals(machine.address))
                .sorted()
                .flatMap(host -> answering(machine.address, host).stream())
                .findFirst();
    }

    private Optional<EtcdProcess> answering(Address from, Address host) {
        return etcd.at(host).filter(process -> !process.frozen && network.connected(from, host));
    }

    /** What a peers file says, as etcd reads it. */
    record PeersFileText(boolean isNew, String name, Map<String, List<PeerUrl>> urls) {
        static Optional<PeersFileText> parse(String text) {
            Map<String, String> lines = new LinkedHashMap<>();
            for (String line : text.stripTrailing().split("\n", -1)) {
                int equals = line.indexOf('=');
                if (equals < 0) {
                    return Optional.empty();
                }
                lines.put(line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
            }
            String state = lines.getOrDefault("ETCD_INITIAL_CLUSTER_STATE", "");
            String name = lines.getOrDefault("ETCD_NAME", "");
            String list = lines.getOrDefault("ETCD_INITIAL_CLUSTER", "");
            if (!(state.equals("new") || state.equals("existing")) || name.isEmpty() || list.isEmpty()) {
                return Optional.empty();
            }
            Map<String, List<PeerUrl>> urls = new TreeMap<>();
            for (String entry : list.split(",", -1)) {
                int equals = entry.indexOf('=');
                urls.merge(
                        entry.substring(0, equals),
                        List.of(PeerUrl.parse(entry.substring(equals + 1))),
                        (one, more) -> java.util.stream.Stream.concat(one.stream(), more.stream())
                                .toList());
            }
            return Optional.of(new PeersFileText(state.equals("new"), name, urls));
        }
    }
}
