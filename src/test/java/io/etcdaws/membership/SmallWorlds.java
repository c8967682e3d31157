package io.etcdaws.membership;

import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * All small worlds: up to five instances, and everything that can be seen of each, whether it fits together or not. The
 * others are interchangeable, so that each choice of them is made once, whatever its order.
 */
final class SmallWorlds {
    private static final Instant NOW = Scene.NOW;
    private static final ClusterId OTHER_CLUSTER = new ClusterId(0xc2);
    /** This node is in the middle, so that members with lower and with higher ids are its others. */
    private static final int SELF = 3;

    private static final int[] OTHERS = {1, 2, 4, 5};

    private SmallWorlds() {}

    /**
     * A world.
     *
     * @param members the list that everybody tells in the cluster that has quorum, if one has
     */
    record World(Observation observation, Policy policy, List<Member> members) {}

    /** What a probe sees. */
    enum Seen {
        LEADS,
        SERVES,
        WITHOUT_QUORUM,
        LEARNER,
        OTHER_CLUSTER,
        HOLDS_DATA,
        FORMS_WITH_US,
        FORMS_WITHOUT_US,
        NOT_SERVING,
        SILENT,
        REJECTED
    }

    /** How the cluster lists an instance. */
    enum Listed {
        NOT,
        VOTER,
        LEARNER,
        UNNAMED,
        NAMED_NEVER_STARTED,
        FOREIGN_NAME
    }

    /** What is known of the instance behind a member. */
    enum Fate {
        FINE,
        TERMINATED,
        UNKNOWN_SHORTLY,
        UNKNOWN_LONG,
        STOPPED_LONG,
        OUTSIDE_LONG,
        NEVER_WAS_SHORTLY,
        NEVER_WAS
    }

    /** What the group says of an instance. */
    enum Place {
        IN_SERVICE,
        LEAVING,
        WARM,
        WITHOUT_ADDRESS,
        OVER,
        NOT_HELD
    }

    /** Another instance. */
    record Other(Seen seen, Listed listed, Fate fate, Place place) {}

    /** How the operator set the node up, and which etcd runs. */
    enum Setup {
        AUTO,
        VOTER_OLD_ETCD,
        LEARNER,
        FORCE,
        PROXY
    }

    /** This node. */
    record Own(
            DataDirectory data,
            boolean file,
            Listed listed,
            Seen seen,
            Place place,
            boolean mark,
            boolean stable,
            Setup setup) {}

    /** Makes every world, and says how many there are. */
    static long each(Consumer<World> check) {
        List<Other> all = others(Seen.values(), Listed.values(), Fate.values(), Place.values());
        List<Other> key = keyOthers();
        List<Other> few = Stream.concat(
                        others(
                                new Seen[] {Seen.LEADS, Seen.SERVES, Seen.NOT_SERVING, Seen.SILENT},
                                new Listed[] {Listed.VOTER, Listed.UNNAMED},
                                new Fate[] {Fate.FINE, Fate.TERMINATED},
                                new Place[] {Place.IN_SERVICE})
                                .stream(),
                        Stream.of(
                                new Other(Seen.HOLDS_DATA, Listed.VOTER, Fate.FINE, Place.IN_SERVICE),
                                new Other(Seen.NOT_SERVING, Listed.NOT, Fate.FINE, Place.IN_SERVICE)))
                .toList();
        return worlds(1, List.of(), owns(Size.FULL), check)
                + worlds(2, all, owns(Size.SMALL), check)
                + worlds(3, key, owns(Size.LARGE), check)
                + worlds(4, key, owns(Size.TINY), check)
                + worlds(5, few, owns(Size.TINY), check);
    }

    private static List<Other> others(Seen[] seen, Listed[] listed, Fate[] fates, Place[] places) {
        List<Other> others = new ArrayList<>();
        for (Seen see : seen) {
            for (Listed list : listed) {
                for (Fate fate : fates) {
                    for (Place place : places) {
                        // Nobody looks for the instance of a member that is not listed.
                        if (list != Listed.NOT || fate == Fate.FINE) {
                            others.add(new Other(see, list, fate, place));
                        }
                    }
                }
            }
        }
        return others;
    }

    private static List<Other> keyOthers() {
        Fate[] fine = {Fate.FINE};
        Place[] held = {Place.IN_SERVICE};
        return Stream.of(
                        others(Seen.values(), new Listed[] {Listed.NOT, Listed.VOTER}, fine, held),
                        others(
                                new Seen[] {Seen.NOT_SERVING, Seen.SILENT},
                                new Listed[] {Listed.VOTER},
                                new Fate[] {Fate.TERMINATED, Fate.UNKNOWN_SHORTLY, Fate.UNKNOWN_LONG, Fate.OUTSIDE_LONG
                                },
                                new Place[] {Place.NOT_HELD}),
                        others(
                                new Seen[] {Seen.NOT_SERVING},
                                new Listed[] {Listed.VOTER, Listed.FOREIGN_NAME},
                                new Fate[] {Fate.STOPPED_LONG, Fate.NEVER_WAS},
                                held),
                        others(
                                new Seen[] {Seen.SERVES, Seen.LEARNER, Seen.NOT_SERVING},
                                new Listed[] {Listed.LEARNER, Listed.UNNAMED},
                                fine,
                                held))
                .flatMap(List::stream)
                .toList();
    }

    /** How much is varied of this node. */
    private enum Size {
        FULL,
        LARGE,
        SMALL,
        TINY
    }

    private static List<Own> owns(Size size) {
        boolean full = size == Size.FULL;
        boolean wide = full || size == Size.LARGE;
        Seen[] seen = full
                ? Seen.values()
                : wide ? new Seen[] {Seen.NOT_SERVING, Seen.SERVES} : new Seen[] {Seen.NOT_SERVING};
        Place[] places = full ? Place.values() : new Place[] {Place.IN_SERVICE};
        Listed[] listed = size == Size.TINY ? new Listed[] {Listed.NOT, Listed.VOTER, Listed.UNNAMED} : Listed.values();
        Setup[] setups = size == Size.TINY ? new Setup[] {Setup.AUTO} : Setup.values();
        boolean[] both = {false, true};
        List<Own> owns = new ArrayList<>();
        for (DataDirectory data : DataDirectory.values()) {
            for (Listed list : listed) {
                for (Seen see : seen) {
                    for (Place place : places) {
                        for (Setup setup : setups) {
                            for (boolean mark : wide ? both : new boolean[] {false}) {
                                for (boolean stable : full ? both : new boolean[] {true}) {
                                    for (boolean file : full ? both : new boolean[] {mark}) {
                                        if (matters(data, mark, setup)) {
                                            owns.add(new Own(data, file, list, see, place, mark, stable, setup));
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
        return owns;
    }

    /** The operator's word matters only where there is a mark, and to a proxy little matters of itself. */
    private static boolean matters(DataDirectory data, boolean mark, Setup setup) {
        return switch (setup) {
            case FORCE -> mark;
            case PROXY -> !mark && data != DataDirectory.UNKNOWN;
            default -> true;
        };
    }

    private static long worlds(int instances, List<Other> choices, List<Own> owns, Consumer<World> check) {
        List<List<Other>> chosen = new ArrayList<>();
        choose(instances - 1, 0, choices, new ArrayList<>(), chosen);
        return chosen.parallelStream()
                .mapToLong(others -> {
                    owns.forEach(own -> check.accept(world(own, others)));
                    return owns.size();
                })
                .sum();
    }

    private static void choose(int left, int from, List<Other> choices, List<Other> taken, List<List<Other>> chosen) {
        if (left == 0) {
            chosen.add(List.copyOf(taken));
            return;
        }
        for (int next = from; next < choices.size(); next++) {
            taken.add(choices.get(next));
            choose(left - 1, next, choices, taken, chosen);
            taken.remove(taken.size() - 1);
        }
    }

    private static World world(Own own, List<Other> others) {
        List<Member> members = new ArrayList<>();
        List<Instance> instances = new ArrayList<>();
        Map<MemberId, Sighting> sightings = new HashMap<>();
        for (int i = 0; i < others.size(); i++) {
            Other other = others.get(i);
            add(OTHERS[i], other.listed(), other.fate(), other.place(), members, instances, sightings);
        }
        add(SELF, own.listed(), Fate.FINE, own.place(), members, instances, sightings);
        Setup setup = own.setup();
        Policy policy = new Policy(
                setup == Setup.PROXY ? Role.PROXY : Role.MEMBER,
                setup == Setup.VOTER_OLD_ETCD ? JoinAs.VOTER : setup == Setup.LEARNER ? JoinAs.LEARNER : JoinAs.AUTO,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "http",
                2380,
                setup == Setup.FORCE,
                "etcd-cluster",
                Optional.empty());
        ClusterId cluster = own.listed() == Listed.NAMED_NEVER_STARTED ? bootstrapId(members) : new ClusterId(0xc1);
        Telling telling = new Telling(cluster, members, setup == Setup.VOTER_OLD_ETCD);
        Map<Address, PeerState> peers = new HashMap<>();
        for (int i = 0; i < others.size(); i++) {
            peers.put(address(OTHERS[i]), telling.state(OTHERS[i], others.get(i).seen(), others.size()));
        }
        peers.put(address(SELF), telling.state(SELF, own.seen(), others.size()));
        Observation observation = new Observation(
                NOW,
                new Node(id(SELF), address(SELF), "eu-central-1", "a"),
                new Group("etcd", others.size() + 1, instances, own.mark() ? Optional.of("c1") : Optional.empty()),
                NOW.minusSeconds(own.stable() ? 60 : 6),
                own.stable() ? NOW : NOW.minusSeconds(2),
                own.stable() ? 6 : 2,
                own.data(),
                own.file(),
                peers,
                sightings,
                Continuity.none());
        return new World(observation, policy, ofTheOneWithQuorum(peers, members));
    }

    private static List<Member> ofTheOneWithQuorum(Map<Address, PeerState> peers, List<Member> members) {
        List<Serving> healthy = peers.values().stream()
                .filter(Serving.class::isInstance)
                .map(Serving.class::cast)
                .filter(Serving::healthy)
                .toList();
        boolean onlyTheOther = healthy.size() == 1 && healthy.get(0).cluster().equals(OTHER_CLUSTER);
        return onlyTheOther ? healthy.get(0).members() : List.copyOf(members);
    }

    private static void add(
            int number,
            Listed listed,
            Fate fate,
            Place place,
            List<Member> members,
            List<Instance> instances,
            Map<MemberId, Sighting> sightings) {
        if (place != Place.NOT_HELD) {
            instances.add(instance(number, place));
        }
        if (listed != Listed.NOT) {
            Member member = member(number, listed);
            members.add(member);
            sightings.put(member.id(), sighting(number, fate));
        }
    }

    private static final Map<Listed, Map<Integer, Member>> MEMBERS = new ConcurrentHashMap<>();

    private static Member member(int number, Listed listed) {
        return MEMBERS.computeIfAbsent(listed, any -> new ConcurrentHashMap<>())
                .computeIfAbsent(number, any -> newMember(number, listed));
    }

    private static Member newMember(int number, Listed listed) {
        boolean started = listed != Listed.UNNAMED && listed != Listed.NAMED_NEVER_STARTED;
        String name = switch (listed) {
            case UNNAMED -> "";
            case FOREIGN_NAME -> "etcd" + number;
            default -> id(number).value();
        };
        return new Member(
                new MemberId(number),
                name,
                List.of(PeerUrl.of("http", address(number), 2380)),
                started ? List.of("http://" + address(number) + ":2379") : List.of(),
                listed == Listed.LEARNER);
    }

    private static Sighting sighting(int number, Fate fate) {
        Optional<InstanceId> instance = Optional.of(id(number));
        Instant long_ = NOW.minus(Duration.ofHours(1));
        return switch (fate) {
            case FINE -> new Sighting(instance, InstanceState.RUNNING, true, long_, NOW, 99);
            case TERMINATED -> Sighting.once(instance, InstanceState.TERMINATED, false, NOW);
            // By now it is long enough ago; from read to read it was not.
            case UNKNOWN_SHORTLY ->
                new Sighting(instance, InstanceState.NOT_FOUND, false, NOW.minusSeconds(12), NOW.minusSeconds(4), 2);
            case UNKNOWN_LONG -> new Sighting(instance, InstanceState.NOT_FOUND, false, long_, NOW, 99);
            case STOPPED_LONG -> new Sighting(instance, InstanceState.STOPPED, true, long_, NOW, 99);
            case OUTSIDE_LONG -> new Sighting(instance, InstanceState.RUNNING, false, long_, NOW, 99);
            case NEVER_WAS_SHORTLY ->
                new Sighting(Optional.empty(), InstanceState.NOT_FOUND, false, NOW.minusSeconds(30), NOW, 9);
            case NEVER_WAS -> new Sighting(Optional.empty(), InstanceState.NOT_FOUND, false, long_, NOW, 99);
        };
    }

    private static Instance instance(int number, Place place) {
        String lifecycle = switch (place) {
            case LEAVING -> "Terminating:Wait";
            case WARM -> "Warmed:Running";
            default -> "InService";
        };
        return new Instance(
                id(number),
                Optional.of(new LifecycleState(lifecycle)),
                place == Place.OVER ? InstanceState.TERMINATED : InstanceState.RUNNING,
                place == Place.WITHOUT_ADDRESS ? Optional.empty() : Optional.of(address(number)),
                Set.of(),
                "a");
    }

    private static final Address[] ADDRESSES = Stream.of("0", "1", "2", "3", "4", "5")
            .map(n -> Address.parse("10.0.0." + n))
            .toArray(Address[]::new);

    private static Address address(int number) {
        return ADDRESSES[number];
    }

    private static final InstanceId[] IDS = Stream.of("0", "1", "2", "3", "4", "5")
            .map(n -> new InstanceId("i-0000000" + n))
            .toArray(InstanceId[]::new);

    private static InstanceId id(int number) {
        return IDS[number];
    }

    private static ClusterId bootstrapId(List<Member> members) {
        return BootstrapId.of(members.stream().map(Member::peerUrls).toList(), "etcd-cluster");
    }

    /** What those in the cluster tell of it. */
    private record Telling(ClusterId cluster, List<Member> members, boolean old) {
        PeerState state(int number, Seen seen, int others) {
            return switch (seen) {
                case LEADS -> serving(number, cluster, members, Optional.of(new MemberId(number)), true, false);
                case SERVES -> serving(number, cluster, members, Optional.of(Scene.LEADER_ELSEWHERE), true, false);
                case WITHOUT_QUORUM -> serving(number, cluster, members, Optional.empty(), false, false);
                case LEARNER -> serving(number, cluster, List.of(), Optional.of(Scene.LEADER_ELSEWHERE), true, true);
                case OTHER_CLUSTER ->
                    serving(
                            number,
                            SmallWorlds.OTHER_CLUSTER,
                            List.of(member(number, Listed.VOTER)),
                            Optional.of(new MemberId(number)),
                            true,
                            false);
                case HOLDS_DATA -> new HoldsData(cluster, members, "3.5.0");
                case FORMS_WITH_US -> forming(true, others);
                case FORMS_WITHOUT_US -> forming(false, others);
                case NOT_SERVING -> new NotServing();
                case SILENT -> new Silent("no answer");
                case REJECTED -> new Rejected("certificate required");
            };
        }

        private PeerState serving(
                int number,
                ClusterId id,
                List<Member> told,
                Optional<MemberId> leader,
                boolean healthy,
                boolean learner) {
            return new Serving(
                    id,
                    new MemberId(number),
                    told,
                    leader,
                    healthy,
                    learner,
                    old ? "3.3.27" : "3.5.16",
                    2,
                    10,
                    old ? Api.V2 : Api.V3);
        }

        private static PeerState forming(boolean withUs, int others) {
            List<Member> list = new ArrayList<>();
            for (int i = 0; i < others; i++) {
                list.add(member(OTHERS[i], Listed.NAMED_NEVER_STARTED));
            }
            if (withUs) {
                list.add(member(SELF, Listed.NAMED_NEVER_STARTED));
            }
            return new PeerState.Forming(bootstrapId(list), list);
        }
    }
}
