package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.BootstrapIds;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerUrl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A whole group at one moment, as coarse as it may be: what is on disks, which etcd runs, who is listed, and what each node has
 * decided and not done yet. Etcd is at rest: who has quorum serves, and its list is everybody's.
 *
 * @param nodes the group's instances, those that have ended, and spare ones that the group launches in their place
 * @param clusters the clusters that have a member somewhere, by id
 * @param mark the mark on the group
 * @param faults how many more may happen
 */
record CoreWorld(List<CoreNode> nodes, Map<ClusterId, Cluster> clusters, Optional<ClusterId> mark, int faults) {
    /** Where an instance is in its life. */
    enum Life {
        SPARE,
        IN_GROUP,
        ENDED
    }

    /** What a node has decided to do. */
    sealed interface Act {}

    record Write(InitialCluster content) implements Act {}

    record Change(ClusterId cluster, MembershipChange change, List<Member> basis, Set<MemberId> healthy)
            implements Act {}

    record Mark(ClusterId cluster) implements Act {}

    /**
     * A data directory.
     *
     * @param log whether there is anything in its log
     */
    record Disk(ClusterId cluster, MemberId self, boolean log) {}

    /**
     * A node.
     *
     * @param running whether its etcd runs
     * @param settled whether its program has put the file in place since it has started
     */
    record CoreNode(
            int number,
            Life life,
            Optional<InitialCluster> file,
            Optional<Disk> disk,
            boolean running,
            boolean settled,
            Optional<Act> act) {
        String name() {
            return "i-0000000" + number;
        }

        Address address() {
            return Address.parse("10.0.0." + number);
        }

        PeerUrl url() {
            return PeerUrl.of("http", address(), 2380);
        }

        CoreNode having(Optional<Act> decided) {
            return new CoreNode(number, life, file, disk, running, settled, decided);
        }

        CoreNode settledNow() {
            return new CoreNode(number, life, file, disk, running, true, Optional.empty());
        }

        CoreNode with(InitialCluster content) {
            return new CoreNode(number, life, Optional.of(content), disk, running, true, Optional.empty());
        }

        CoreNode runs(Optional<Disk> on) {
            return new CoreNode(number, life, file, on, true, settled, act);
        }

        CoreNode stopped() {
            return new CoreNode(number, life, file, disk, false, settled, act);
        }

        /** Its program has crashed, and was started again. */
        CoreNode crashed() {
            return new CoreNode(number, life, file, disk, running, false, Optional.empty());
        }

        CoreNode as(Life other) {
            return new CoreNode(number, other, Optional.empty(), Optional.empty(), false, false, Optional.empty());
        }
    }

    /**
     * A cluster.
     *
     * @param members as they are committed
     * @param formed whether it has ever had quorum
     */
    record Cluster(List<Member> members, boolean formed) {
        List<Member> voters() {
            return members.stream().filter(Member::voter).toList();
        }

        Optional<Member> find(MemberId id) {
            return members.stream().filter(member -> member.id().equals(id)).findFirst();
        }
    }

    /** A group of so many new instances, with as many spare ones as faults may need. */
    static CoreWorld launched(int instances, int faults) {
        List<CoreNode> nodes = new ArrayList<>();
        for (int number = 1; number <= instances + faults + 1; number++) {
            Life life = number <= instances ? Life.IN_GROUP : Life.SPARE;
            nodes.add(new CoreNode(number, life, Optional.empty(), Optional.empty(), false, false, Optional.empty()));
        }
        return new CoreWorld(List.copyOf(nodes), Map.of(), Optional.empty(), faults);
    }

    CoreNode node(int number) {
        return nodes.get(number - 1);
    }

    /** A cluster that has a member somewhere. */
    Cluster cluster(ClusterId id) {
        return Objects.requireNonNull(clusters.get(id), "a cluster without a member");
    }

    List<CoreNode> group() {
        return nodes.stream().filter(node -> node.life() == Life.IN_GROUP).toList();
    }

    CoreWorld with(CoreNode changed) {
        List<CoreNode> more = new ArrayList<>(nodes);
        more.set(changed.number() - 1, changed);
        return new CoreWorld(List.copyOf(more), clusters, mark, faults);
    }

    CoreWorld with(ClusterId id, Cluster cluster) {
        Map<ClusterId, Cluster> more = new HashMap<>(clusters);
        more.put(id, cluster);
        return new CoreWorld(nodes, Map.copyOf(more), mark, faults);
    }

    CoreWorld marked(ClusterId id) {
        return new CoreWorld(nodes, clusters, Optional.of(id), faults);
    }

    CoreWorld withFaults(int left) {
        return new CoreWorld(nodes, clusters, mark, left);
    }

    // etcd.

    /** The nodes whose etcd runs as a member of that cluster. */
    List<CoreNode> running(ClusterId id) {
        return nodes.stream()
                .filter(node -> node.running()
                        && node.disk().filter(disk -> disk.cluster().equals(id)).isPresent())
                .toList();
    }

    Set<MemberId> runningMembers(ClusterId id) {
        Set<MemberId> ids = new HashSet<>();
        running(id).forEach(node -> ids.add(node.disk().orElseThrow().self()));
        return ids;
    }

    boolean quorate(ClusterId id) {
        return quorate(id, runningMembers(id));
    }

    private boolean quorate(ClusterId id, Set<MemberId> up) {
        Cluster cluster = clusters.get(id);
        if (cluster == null) {
            return false;
        }
        List<Member> voters = cluster.voters();
        return voters.stream().filter(voter -> up.contains(voter.id())).count() >= ClusterView.quorumOf(voters.size());
    }

    /** The member that leads, where there is quorum: the voter of the lowest id that runs. */
    Optional<MemberId> leader(ClusterId id) {
        Set<MemberId> up = runningMembers(id);
        return cluster(id).voters().stream()
                .map(Member::id)
                .filter(up::contains)
                .sorted()
                .findFirst();
    }

    /** Starts a node's etcd with what is on its disk; empty if it would not run. */
    Optional<CoreWorld> started(CoreNode node) {
        if (node.life() != Life.IN_GROUP || node.running() || node.file().isEmpty()) {
            return Optional.empty();
        }
        if (node.disk().isPresent()) {
            Disk disk = node.disk().get();
            boolean listed = cluster(disk.cluster()).find(disk.self()).isPresent();
            return listed ? Optional.of(with(node.runs(node.disk())).atRest()) : Optional.empty();
        }
        InitialCluster file = node.file().get();
        return file.state() == InitialCluster.State.NEW ? startedNew(node, file) : startedExisting(node, file);
    }

    private Optional<CoreWorld> startedNew(CoreNode node, InitialCluster file) {
        Map<String, PeerUrl> urls = new TreeMap<>();
        file.entries().forEach(entry -> urls.put(entry.name(), PeerUrl.parse(entry.peerUrl())));
        if (!node.url().equals(urls.get(node.name()))) {
            return Optional.empty();
        }
        ClusterId id = BootstrapIds.cluster(urls.values().stream().map(List::of).toList(), Launcher.TOKEN);
        MemberId self = BootstrapIds.member(List.of(node.url()), Launcher.TOKEN);
        Cluster known = clusters.get(id);
        boolean bootstrapped = known != null
                && !running(id).isEmpty()
                && known.find(self).filter(member -> !member.started()).isEmpty();
        if (bootstrapped) {
            return Optional.empty();
        }
        CoreWorld formed = known != null ? this : with(id, first(urls));
        return Optional.of(
                formed.with(node.runs(Optional.of(new Disk(id, self, false)))).atRest());
    }

    private static Cluster first(Map<String, PeerUrl> urls) {
        List<Member> members = new ArrayList<>();
        urls.forEach((name, url) -> members.add(
                new Member(BootstrapIds.member(List.of(url), Launcher.TOKEN), name, List.of(url), List.of(), false)));
        return new Cluster(sorted(members), false);
    }

    private Optional<CoreWorld> startedExisting(CoreNode node, InitialCluster file) {
        Set<String> urls = new HashSet<>();
        file.entries().forEach(entry -> urls.add(entry.peerUrl()));
        Optional<ClusterId> told = nodes.stream()
                .filter(other -> other.running() && urls.contains(other.url().text()))
                .map(other -> other.disk().orElseThrow().cluster())
                .findFirst();
        if (told.isEmpty()) {
            return Optional.empty();
        }
        List<Member> members = cluster(told.get()).members();
        Set<String> listed = new HashSet<>();
        members.forEach(member -> listed.add(member.peerUrls().get(0).text()));
        return members.stream()
                .filter(member -> listed.equals(urls) && member.peerUrls().contains(node.url()))
                .findFirst()
                .map(own -> with(node.runs(Optional.of(new Disk(told.get(), own.id(), false))))
                        .atRest());
    }

    /** After what follows by itself: removed members end, those without their log fail beside others, and who serves says so. */
    CoreWorld atRest() {
        CoreWorld next = this;
        for (CoreNode node : nodes) {
            if (node.running() && !next.mayRun(node.disk().orElseThrow())) {
                next = next.with(node.stopped());
            }
        }
        for (ClusterId id : clusters.keySet()) {
            if (next.quorate(id)) {
                next = next.serving(id);
            }
        }
        return next;
    }

    private boolean mayRun(Disk disk) {
        Cluster cluster = cluster(disk.cluster());
        Optional<Member> own = cluster.find(disk.self());
        boolean forgotten = !disk.log()
                && own.filter(Member::started).isPresent()
                && running(disk.cluster()).stream()
                        .anyMatch(other -> other.disk().orElseThrow().log());
        return own.isPresent() && !forgotten;
    }

    private CoreWorld serving(ClusterId id) {
        CoreWorld next = this;
        Cluster cluster = cluster(id);
        List<Member> members = new ArrayList<>(cluster.members());
        for (CoreNode node : running(id)) {
            Disk disk = node.disk().orElseThrow();
            members.replaceAll(member -> member.id().equals(disk.self()) ? published(member, node) : member);
            next = next.with(node.runs(Optional.of(new Disk(id, disk.self(), true))));
        }
        return next.with(id, new Cluster(sorted(members), true));
    }

    private static Member published(Member member, CoreNode node) {
        return new Member(
                member.id(),
                node.name(),
                member.peerUrls(),
                List.of("http://" + node.address() + ":2379"),
                member.learner());
    }

    private static List<Member> sorted(List<Member> members) {
        return members.stream()
                .sorted((one, other) -> one.id().compareTo(other.id()))
                .toList();
    }

    /** Changes the members, where etcd does: all or nothing, by those who are listed now. */
    Optional<CoreWorld> changed(ClusterId id, MembershipChange change) {
        Cluster cluster = cluster(id);
        if (!quorate(id) || !etcdAllows(id, cluster, change)) {
            return Optional.empty();
        }
        List<Member> members = new ArrayList<>(cluster.members());
        if (change instanceof Add add) {
            MemberId own = new MemberId(add.peerUrl().text().hashCode() * 31L + members.size());
            members.add(new Member(own, "", List.of(add.peerUrl()), List.of(), add.learner()));
        } else if (change instanceof Remove remove) {
            members.removeIf(member -> member.id().equals(remove.member().id()));
        } else if (change instanceof Promote promote) {
            members.replaceAll(member -> member.id().equals(promote.member().id())
                    ? new Member(member.id(), member.name(), member.peerUrls(), member.clientUrls(), false)
                    : member);
        }
        return Optional.of(with(id, new Cluster(sorted(members), true)).atRest());
    }

    private boolean etcdAllows(ClusterId id, Cluster cluster, MembershipChange change) {
        Set<MemberId> up = runningMembers(id);
        List<Member> voters = cluster.voters();
        long connected =
                voters.stream().filter(voter -> up.contains(voter.id())).count();
        if (change instanceof Add add) {
            boolean room = !add.learner() || cluster.members().stream().allMatch(Member::voter);
            boolean listed = cluster.members().stream()
                    .anyMatch(member -> member.peerUrls().contains(add.peerUrl()));
            return room && !listed && (voters.size() == 1 || connected >= ClusterView.quorumOf(voters.size() + 1));
        }
        if (change instanceof Promote promote) {
            return up.contains(promote.member().id());
        }
        return cluster.members().size() > 1;
    }
}
