package io.etcdaws.membership;

import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Policy.Staying;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * An observation and a policy in the making, in the spellings of {@link Lines}. Unless told otherwise: a group that has
 * been stable for a minute, an empty data directory, no peers file, no mark, etcd 3.5.16 everywhere.
 */
final class Scene {
    static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    static final MemberId LEADER_ELSEWHERE = new MemberId(0xeeee);

    private final Node self;
    private final List<Instance> instances = new ArrayList<>();
    private final Map<String, List<Member>> lists = new HashMap<>();
    private final Map<Address, String> peers = new TreeMap<>();
    private final Map<MemberId, Sighting> sightings = new HashMap<>();
    private Optional<Integer> desired = Optional.empty();
    private Optional<String> mark = Optional.empty();
    private Duration stableFor = Duration.ofMinutes(1);
    private Duration lastScanAgo = Duration.ZERO;
    private int scans = 6;
    private DataDirectory data = DataDirectory.EMPTY;
    private boolean peersFile = false;
    private Optional<ClusterId> cluster = Optional.of(new ClusterId(0xc1));
    private Policy policy = policy();
    private boolean settled = false;
    private Optional<Notice> notice = Optional.empty();
    private final Map<InstanceId, Sighting> lost = new HashMap<>();
    private final Map<MemberId, Instant> learnersIdleSince = new HashMap<>();
    private Optional<String> overdue = Optional.empty();
    private Optional<Instant> unmarkedSince = Optional.empty();
    private boolean markRefused = false;
    private Optional<ClusterId> clusterSeen = Optional.empty();
    private boolean lifecycleHandled = false;
    private boolean handedOver = false;

    private Scene(Node self) {
        this.self = self;
        lists.put("members", List.of());
    }

    /** Of the node that decides, such as {@code i-0000000a 10.0.0.1}. */
    static Scene of(String node) {
        return new Scene(Lines.node(node));
    }

    /** The defaults. */
    static Policy policy() {
        return new Policy(
                Role.MEMBER,
                JoinAs.AUTO,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "http",
                2380,
                false,
                "etcd-cluster",
                Optional.empty());
    }

    Scene instances(String... lines) {
        Stream.of(lines).map(Lines::instance).forEach(instances::add);
        return this;
    }

    Scene desired(int capacity) {
        desired = Optional.of(capacity);
        return this;
    }

    Scene mark(String id) {
        mark = Optional.of(id);
        return this;
    }

    Scene stable(Duration duration, int scansInARow) {
        stableFor = duration;
        scans = scansInARow;
        return this;
    }

    /** The group was last scanned that long ago. */
    Scene lastScan(Duration ago) {
        lastScanAgo = ago;
        return this;
    }

    Scene data(DataDirectory known) {
        data = known;
        return this;
    }

    Scene peersFile() {
        peersFile = true;
        return this;
    }

    /** The id of the cluster whose members are listed. */
    Scene cluster(String hex) {
        cluster = Optional.of(ClusterId.parseHex(hex));
        return this;
    }

    /** The cluster's id is the one that the members' URLs give at a bootstrap. */
    Scene bootstrapped() {
        cluster = Optional.empty();
        return this;
    }

    Scene members(String... lines) {
        return list("members", List.of(lines));
    }

    /** Another list that a peer can tell: {@code serving list NAME}, {@code holds-data list NAME}, {@code forming list NAME}. */
    Scene list(String name, List<String> lines) {
        lists.put(name, lines.stream().map(Lines::member).toList());
        return this;
    }

    /** What is seen at an address, such as {@code serving leader}. */
    Scene peer(String address, String seen) {
        peers.put(Address.parse(address), seen);
        return this;
    }

    Scene sighting(long member, String line) {
        return sighting(member, Lines.sighting(line));
    }

    Scene sighting(long member, Sighting known) {
        sightings.put(new MemberId(member), known);
        return this;
    }

    Scene policy(Policy changed) {
        policy = changed;
        return this;
    }

    /** Of the periodic mode, before this process has put the file in place. */
    Scene staying() {
        return policy(staying(policy));
    }

    /** Of the periodic mode, after this process has put the file in place. */
    Scene settled() {
        settled = true;
        return staying().peersFile();
    }

    /** A policy, in the periodic mode. */
    static Policy staying(Policy usual) {
        return new Policy(
                usual.role(),
                usual.joinAs(),
                usual.stableMargin(),
                usual.removeAfter(),
                usual.confirmAfter(),
                usual.peerScheme(),
                usual.peerPort(),
                usual.forceNewCluster(),
                usual.clusterToken(),
                Optional.of(new Staying(Duration.ofMinutes(5), Duration.ofSeconds(10))));
    }

    Scene notice(Notice.Kind kind) {
        notice = Optional.of(new Notice(kind, "told so"));
        return this;
    }

    Scene lost(String instance, String sighting) {
        lost.put(new InstanceId(instance), Lines.sighting(sighting));
        return this;
    }

    Scene learnerIdle(long member, Duration lasting) {
        learnersIdleSince.put(new MemberId(member), NOW.minus(lasting));
        return this;
    }

    /** A change that has been due, such as {@code promote 3 for 20s}. */
    Scene overdue(String line) {
        overdue = Optional.of(line);
        return this;
    }

    /** Nothing has been left to do but to record the mark for so long. */
    Scene unmarked(Duration lasting) {
        unmarkedSince = Optional.of(NOW.minus(lasting));
        return this;
    }

    Scene lifecycleHandled() {
        lifecycleHandled = true;
        return this;
    }

    Scene clusterSeen(String id) {
        clusterSeen = Optional.of(ClusterId.parseHex(id));
        return this;
    }

    Scene markRefused() {
        markRefused = true;
        return this;
    }

    Scene handedOver() {
        handedOver = true;
        return this;
    }

    Policy thePolicy() {
        return policy;
    }

    Decision decide() {
        return Decider.decide(observation(), policy);
    }

    Observation observation() {
        Group group = new Group("etcd", desired.orElse(instances.size()), instances, mark);
        Map<Address, PeerState> states = new HashMap<>();
        peers.forEach((address, seen) -> states.put(address, state(address, seen, group)));
        Map<MemberId, Sighting> all = new HashMap<>();
        lists.values()
                .forEach(list -> list.forEach(
                        member -> usual(member, group).ifPresent(sighting -> all.put(member.id(), sighting))));
        all.putAll(sightings);
        return new Observation(
                NOW,
                self,
                group,
                NOW.minus(lastScanAgo).minus(stableFor),
                NOW.minus(lastScanAgo),
                scans,
                data,
                peersFile,
                states,
                all,
                continuity());
    }

    private Continuity continuity() {
        return new Continuity(
                settled,
                clusterSeen,
                notice,
                lost,
                learnersIdleSince,
                overdue.map(line -> Lines.overdue(line, namedList("members"))),
                unmarkedSince,
                markRefused,
                lifecycleHandled,
                handedOver);
    }

    /** A member whose instance the group holds has been seen there for an hour. */
    private static Optional<Sighting> usual(Member member, Group group) {
        Optional<Instance> instance = InstanceId.fromName(member.name())
                .map(group::find)
                .orElseGet(() -> member.peerUrls().stream()
                        .flatMap(url -> group.findAt(url.host()).stream())
                        .findFirst());
        return instance.map(held ->
                new Sighting(Optional.of(held.id()), held.state(), true, NOW.minus(Duration.ofHours(1)), NOW, 100));
    }

    private PeerState state(Address address, String seen, Group group) {
        Words words = new Words(seen);
        String kind = words.next();
        PeerState state = switch (kind) {
            case "not-serving" -> new NotServing();
            case "silent" -> new Silent("no answer within 2 s");
            case "rejected" -> new Rejected("certificate required");
            case "serving" -> serving(address, words);
            case "holds-data" -> new HoldsData(clusterOf(words), listOf(words, "members"), "3.5.0");
            case "forming" -> forming(words, group);
            default ->
                throw new IllegalArgumentException(
                        "'" + kind + "' is none of serving, holds-data, forming, not-serving, silent, rejected");
        };
        words.done();
        return state;
    }

    private Serving serving(Address address, Words words) {
        boolean leader = words.take("leader");
        boolean quorum = !words.take("no-quorum");
        List<Member> list = listOf(words, "members");
        MemberId id = words.value("as")
                .map(MemberId::parseDecimal)
                .or(() -> list.stream()
                        .filter(member -> member.isAt(address))
                        .map(Member::id)
                        .findFirst())
                .orElseThrow(() -> new IllegalArgumentException("no member is listed at " + address));
        boolean learner = list.stream().anyMatch(member -> member.id().equals(id) && member.learner());
        Optional<MemberId> seenLeader =
                leader ? Optional.of(id) : quorum ? Optional.of(LEADER_ELSEWHERE) : Optional.empty();
        String version = words.value("version").orElse("3.5.16");
        return new Serving(
                clusterOf(words),
                id,
                learner ? List.of() : list,
                seenLeader,
                quorum,
                learner,
                version,
                words.value("cluster-version").orElse(version.substring(0, version.lastIndexOf('.')) + ".0"),
                Long.parseLong(words.value("term").orElse("2")),
                Long.parseLong(words.value("index").orElse("10")),
                words.take("v2") ? Api.V2 : Api.V3);
    }

    private PeerState forming(Words words, Group group) {
        List<Member> list = words.value("list").map(this::namedList).orElseGet(() -> ofGroup(group));
        return new PeerState.Forming(
                words.value("cluster").map(ClusterId::parseHex).orElseGet(() -> bootstrapId(list)), list);
    }

    /** The initial cluster that the whole group forms. */
    private List<Member> ofGroup(Group group) {
        List<Member> members = new ArrayList<>();
        for (Instance instance : group.expected()) {
            instance.address()
                    .ifPresent(address -> members.add(new Member(
                            new MemberId(100 + members.size()),
                            instance.id().value(),
                            List.of(policy.peerUrl(address)),
                            List.of(),
                            false)));
        }
        return members;
    }

    private ClusterId clusterOf(Words words) {
        return words.value("cluster")
                .map(ClusterId::parseHex)
                .or(() -> cluster)
                .orElseGet(() -> bootstrapId(namedList("members")));
    }

    private ClusterId bootstrapId(List<Member> list) {
        return BootstrapId.of(list.stream().map(Member::peerUrls).toList(), policy.clusterToken());
    }

    private List<Member> listOf(Words words, String usual) {
        return namedList(words.value("list").orElse(usual));
    }

    private List<Member> namedList(String name) {
        List<Member> list = lists.get(name);
        if (list == null) {
            throw new IllegalArgumentException("there is no list '" + name + "'");
        }
        return list;
    }

    /** The words of a line, taken one by one in any order. */
    private static final class Words {
        private final List<String> left;

        Words(String line) {
            left = new ArrayList<>(Lines.words(line, 1, 20, "a state and its details"));
        }

        String next() {
            return left.remove(0);
        }

        boolean take(String word) {
            return left.remove(word);
        }

        /** The word after this one. */
        Optional<String> value(String key) {
            int at = left.indexOf(key);
            if (at < 0) {
                return Optional.empty();
            }
            if (at + 1 == left.size()) {
                throw new IllegalArgumentException("'" + key + "' wants a value");
            }
            left.remove(at);
            return Optional.of(left.remove(at));
        }

        void done() {
            if (!left.isEmpty()) {
                throw new IllegalArgumentException("'" + String.join(" ", left) + "' is not understood");
            }
        }
    }
}
