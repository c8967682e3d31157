package io.etcdaws.membership;

import io.etcdaws.membership.Continuity.Overdue;
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
    record World(Observation observation, Policy policy, List<Member> members) {
        /** The same some rounds later, with a change that is still due. */
        World overdue(MembershipChange change, Duration lasting) {
            Continuity now = observation.continuity();
            return with(new Continuity(
                    now.settled(),
                    now.clusterSeen(),
                    now.notice(),
                    now.lost(),
                    now.learnersIdleSince(),
                    Optional.of(new Overdue(change, NOW.minus(lasting))),
                    now.unmarkedSince(),
                    now.markRefused(),
                    now.lifecycleHandled(),
                    now.handedOver()));
        }

        private World with(Continuity continuity) {
            Observation seen = observation;
            return new World(
                    new Observation(
                            seen.now(),
                            seen.self(),
                            seen.group(),
                            seen.groupUnchangedSince(),
                            seen.groupScannedAt(),
                            seen.groupScans(),
                            seen.dataDirectory(),
                            seen.peersFilePresent(),
                            seen.peers(),
                            seen.sightings(),
                            continuity),
                    policy,
                    members);
        }
    }

    /** What a probe sees. */
    enum Seen {
        LEADS,
        SERVES,
        WITHOUT_QUORUM,
        LEARNER,
        /** A learner that is behind, and makes progress. */
        CATCHES_UP,
        /** A learner that is behind, and makes none. */
        LAGS,
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
        FOREIGN_NAME,
        UNNAMED_LEARNER,
        FOREIGN_LEARNER,
        /** A voter that is listed at an address that its instance no longer has. */
        MOVED;

        boolean learner() {
            return this == LEARNER || this == UNNAMED_LEARNER || this == FOREIGN_LEARNER;
        }
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
        LAUNCHING,
        LEAVING,
        WARM,
        /** On its way to the warm pool. */
        WARMING,
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

    /** Which program runs, and what it knows beyond this look. */
    enum Mode {
        ONE_SHOT,
        /** The periodic mode, before it has put the file in place. */
        STAYING,
        SETTLED,
        /** With a mark of another cluster. */
        MISMARKED,
        ENDING,
        ENDING_EARLY,
        /** In a group that is to have no instance. */
        TAKEN_DOWN,
        /** In a group that wants one instance less than it has. */
        AT_RISK,
        /** After it has handed over its leadership. */
        STILL_AT_RISK,
        LOSS;

        boolean settled() {
            return this != ONE_SHOT && this != STAYING && this != ENDING_EARLY;
        }

        Optional<Notice> notice() {
            return switch (this) {
                case ENDING, TAKEN_DOWN -> Optional.of(new Notice(Notice.Kind.TERMINATING, "Terminated"));
                case ENDING_EARLY -> Optional.of(new Notice(Notice.Kind.INTERRUPTED, "terminate"));
                case AT_RISK, STILL_AT_RISK -> Optional.of(new Notice(Notice.Kind.AT_RISK, "rebalance"));
                default -> Optional.empty();
            };
        }
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
            Setup setup,
            Mode mode) {}

    /** Makes every world, and says how many there are. */
    static long each(Consumer<World> check) {
        List<Other> all = others(BOOT_SEEN, BOOT_LISTED, Fate.values(), BOOT_PLACES);
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
                + worlds(5, few, owns(Size.TINY), check)
                + eachOfUpkeep(check);
    }

    /** Worlds in which a program that stays has a cluster to keep. */
    private static long eachOfUpkeep(Consumer<World> check) {
        List<Other> all = upkeepOthers();
        List<Other> few = all.stream()
                .filter(other -> other.place() == Place.IN_SERVICE || other.fate() == Fate.TERMINATED)
                .filter(other -> !other.listed().learner() || other.seen() == Seen.LEARNER || other.seen() == Seen.LAGS)
                .filter(other -> other.seen() != Seen.REJECTED && other.seen() != Seen.WITHOUT_QUORUM)
                .toList();
        return worlds(1, List.of(), upkeepOwns(true), check)
                + worlds(2, all, upkeepOwns(true), check)
                + worlds(3, all, upkeepOwns(true), check)
                + worlds(4, all, upkeepOwns(false), check)
                + worlds(5, few, upkeepOwns(false), check);
    }

    private static List<Other> upkeepOthers() {
        Fate[] fine = {Fate.FINE};
        Place[] held = {Place.IN_SERVICE};
        Place[] gone = {Place.NOT_HELD};
        Listed[] voter = {Listed.VOTER};
        return Stream.of(
                        others(
                                new Seen[] {
                                    Seen.LEADS,
                                    Seen.SERVES,
                                    Seen.WITHOUT_QUORUM,
                                    Seen.NOT_SERVING,
                                    Seen.SILENT,
                                    Seen.REJECTED
                                },
                                voter,
                                fine,
                                held),
                        others(new Seen[] {Seen.SERVES}, voter, fine, new Place[] {Place.LEAVING}),
                        others(new Seen[] {Seen.SERVES, Seen.NOT_SERVING}, voter, new Fate[] {Fate.OUTSIDE_LONG}, gone),
                        others(
                                new Seen[] {Seen.SILENT},
                                new Listed[] {Listed.VOTER, Listed.LEARNER},
                                new Fate[] {Fate.TERMINATED, Fate.UNKNOWN_SHORTLY},
                                gone),
                        others(
                                new Seen[] {Seen.LEARNER, Seen.CATCHES_UP, Seen.LAGS, Seen.NOT_SERVING},
                                new Listed[] {Listed.LEARNER},
                                fine,
                                held),
                        others(new Seen[] {Seen.LEARNER}, new Listed[] {Listed.LEARNER}, fine, new Place[] {
                            Place.LEAVING
                        }),
                        others(
                                new Seen[] {Seen.LEARNER},
                                new Listed[] {Listed.LEARNER},
                                new Fate[] {Fate.OUTSIDE_LONG},
                                gone),
                        others(
                                new Seen[] {Seen.NOT_SERVING},
                                new Listed[] {Listed.UNNAMED, Listed.UNNAMED_LEARNER},
                                fine,
                                held),
                        others(
                                new Seen[] {Seen.SERVES, Seen.NOT_SERVING},
                                new Listed[] {Listed.FOREIGN_NAME, Listed.FOREIGN_LEARNER},
                                new Fate[] {Fate.NEVER_WAS},
                                gone),
                        others(new Seen[] {Seen.SERVES, Seen.NOT_SERVING}, new Listed[] {Listed.MOVED}, fine, held),
                        others(
                                new Seen[] {Seen.NOT_SERVING, Seen.OTHER_CLUSTER},
                                new Listed[] {Listed.NOT},
                                fine,
                                held))
                .flatMap(List::stream)
                .toList();
    }

    /** How a node stands to the cluster that it is to keep. */
    private record Stand(Listed listed, Seen seen) {}

    private static List<Own> upkeepOwns(boolean large) {
        List<Stand> members = List.of(
                new Stand(Listed.VOTER, Seen.LEADS),
                new Stand(Listed.VOTER, Seen.SERVES),
                new Stand(Listed.LEARNER, Seen.LEARNER));
        List<Stand> others = List.of(
                new Stand(Listed.LEARNER, Seen.LAGS),
                new Stand(Listed.VOTER, Seen.NOT_SERVING),
                new Stand(Listed.LEARNER, Seen.NOT_SERVING),
                new Stand(Listed.UNNAMED, Seen.NOT_SERVING),
                new Stand(Listed.NOT, Seen.NOT_SERVING));
        List<Own> owns = new ArrayList<>();
        for (Stand stand :
                large ? Stream.concat(members.stream(), others.stream()).toList() : members) {
            boolean runs = stand.seen() != Seen.NOT_SERVING;
            owns.addAll(upkeepOwns(stand, DataDirectory.HOLDS_DATA, large));
            if (large) {
                owns.addAll(upkeepOwns(stand, runs ? DataDirectory.UNKNOWN : DataDirectory.EMPTY, true));
            }
        }
        return owns;
    }

    private static List<Own> upkeepOwns(Stand stand, DataDirectory data, boolean large) {
        List<Own> owns = new ArrayList<>();
        for (Mode mode : Mode.values()) {
            for (Place place : placesIn(mode, large)) {
                for (boolean mark : mode == Mode.SETTLED ? new boolean[] {false, true} : new boolean[] {true}) {
                    for (Setup setup : setupsIn(mode)) {
                        if (mode != Mode.ONE_SHOT) {
                            owns.add(new Own(
                                    data,
                                    mode.settled(),
                                    stand.listed(),
                                    stand.seen(),
                                    place,
                                    mark,
                                    true,
                                    setup,
                                    mode));
                        }
                    }
                }
            }
        }
        return owns;
    }

    private static List<Place> placesIn(Mode mode, boolean large) {
        if (!large) {
            return List.of(Place.IN_SERVICE);
        }
        return switch (mode) {
            case STAYING -> List.of(Place.IN_SERVICE, Place.WARMING);
            case SETTLED -> List.of(Place.IN_SERVICE, Place.LAUNCHING, Place.LEAVING, Place.WARMING, Place.NOT_HELD);
            case ENDING -> List.of(Place.IN_SERVICE, Place.LEAVING, Place.NOT_HELD);
            case TAKEN_DOWN -> List.of(Place.LEAVING);
            default -> List.of(Place.IN_SERVICE);
        };
    }

    private static List<Setup> setupsIn(Mode mode) {
        return switch (mode) {
            case STAYING -> List.of(Setup.AUTO, Setup.LEARNER);
            case MISMARKED -> List.of(Setup.AUTO, Setup.FORCE);
            default -> List.of(Setup.AUTO);
        };
    }

    private static final Seen[] BOOT_SEEN = Stream.of(Seen.values())
            .filter(seen -> seen != Seen.CATCHES_UP && seen != Seen.LAGS)
            .toArray(Seen[]::new);
    private static final Listed[] BOOT_LISTED = Stream.of(Listed.values())
            .filter(listed ->
                    listed != Listed.UNNAMED_LEARNER && listed != Listed.FOREIGN_LEARNER && listed != Listed.MOVED)
            .toArray(Listed[]::new);
    private static final Place[] BOOT_PLACES = Stream.of(Place.values())
            .filter(place -> place != Place.LAUNCHING && place != Place.WARMING)
            .toArray(Place[]::new);

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
                        others(BOOT_SEEN, new Listed[] {Listed.NOT, Listed.VOTER}, fine, held),
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
        Seen[] seen =
                full ? BOOT_SEEN : wide ? new Seen[] {Seen.NOT_SERVING, Seen.SERVES} : new Seen[] {Seen.NOT_SERVING};
        Place[] places = full ? BOOT_PLACES : new Place[] {Place.IN_SERVICE};
        Listed[] listed = size == Size.TINY ? new Listed[] {Listed.NOT, Listed.VOTER, Listed.UNNAMED} : BOOT_LISTED;
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
                                            owns.add(new Own(
                                                    data, file, list, see, place, mark, stable, setup, Mode.ONE_SHOT));
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
                own.mode() == Mode.ONE_SHOT
                        ? Optional.empty()
                        : Optional.of(new Staying(Duration.ofMinutes(5), Duration.ofSeconds(10))));
        ClusterId cluster = own.listed() == Listed.NAMED_NEVER_STARTED ? bootstrapId(members) : new ClusterId(0xc1);
        Telling telling = new Telling(cluster, members, setup == Setup.VOTER_OLD_ETCD);
        Map<Address, PeerState> peers = new HashMap<>();
        for (int i = 0; i < others.size(); i++) {
            peers.put(address(OTHERS[i]), telling.state(OTHERS[i], others.get(i).seen(), others.size()));
            if (others.get(i).listed() == Listed.MOVED) {
                peers.put(formerAddress(OTHERS[i]), new Silent("no answer"));
            }
        }
        peers.put(address(SELF), telling.state(SELF, own.seen(), others.size()));
        Observation observation = new Observation(
                NOW,
                new Node(id(SELF), address(SELF), "eu-central-1", "a"),
                new Group(
                        "etcd",
                        desired(own, others),
                        instances,
                        own.mark() ? Optional.of(mark(own)) : Optional.empty()),
                NOW.minusSeconds(own.stable() ? 60 : 6),
                own.stable() ? NOW : NOW.minusSeconds(2),
                own.stable() ? 6 : 2,
                own.data(),
                own.file(),
                peers,
                sightings,
                continuity(own, others));
        return new World(observation, policy, ofTheOneWithQuorum(peers, instances, members));
    }

    private static int desired(Own own, List<Other> others) {
        return switch (own.mode()) {
            case TAKEN_DOWN -> 0;
            case AT_RISK, STILL_AT_RISK -> Math.max(1, others.size());
            default -> others.size() + 1;
        };
    }

    private static String mark(Own own) {
        return own.mode() == Mode.MISMARKED ? "c9" : "c1";
    }

    private static Continuity continuity(Own own, List<Other> others) {
        if (own.mode() == Mode.ONE_SHOT) {
            return Continuity.none();
        }
        Map<MemberId, Instant> idle = new HashMap<>();
        for (int i = 0; i < others.size(); i++) {
            if (others.get(i).listed().learner() && others.get(i).seen() != Seen.CATCHES_UP) {
                idle.put(new MemberId(OTHERS[i]), NOW.minus(Duration.ofMinutes(10)));
            }
        }
        Map<InstanceId, Sighting> lost = own.mode() == Mode.LOSS
                ? Map.of(
                        id(0),
                        Sighting.once(Optional.of(id(0)), InstanceState.NOT_FOUND, false, NOW),
                        id(5),
                        Sighting.once(Optional.of(id(5)), InstanceState.TERMINATED, false, NOW))
                : Map.of();
        return new Continuity(
                own.mode().settled(),
                Optional.empty(),
                own.mode().notice(),
                lost,
                idle,
                Optional.empty(),
                // Long enough for the first in rank to take over, and not for the second.
                own.mark() ? Optional.empty() : Optional.of(NOW.minusSeconds(15)),
                false,
                false,
                own.mode() == Mode.STILL_AT_RISK);
    }

    /** A cluster that answers nowhere in the group is none of its own. */
    private static List<Member> ofTheOneWithQuorum(
            Map<Address, PeerState> peers, List<Instance> instances, List<Member> members) {
        List<PeerState> inGroup = Stream.concat(
                        Stream.of(address(SELF)), instances.stream().flatMap(instance -> instance.address().stream()))
                .flatMap(address -> Optional.ofNullable(peers.get(address)).stream())
                .toList();
        boolean first = inGroup.stream()
                .anyMatch(state -> state instanceof HoldsData
                        || (state instanceof Serving serving
                                && !serving.cluster().equals(OTHER_CLUSTER)));
        List<Serving> healthy = peers.values().stream()
                .filter(Serving.class::isInstance)
                .map(Serving.class::cast)
                .filter(serving ->
                        serving.healthy() && (first || serving.cluster().equals(OTHER_CLUSTER)))
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
        String name = switch (listed) {
            case UNNAMED, UNNAMED_LEARNER -> "";
            case FOREIGN_NAME, FOREIGN_LEARNER -> "etcd" + number;
            default -> id(number).value();
        };
        boolean started = !name.isEmpty() && listed != Listed.NAMED_NEVER_STARTED;
        Address address = listed == Listed.MOVED ? formerAddress(number) : address(number);
        return new Member(
                new MemberId(number),
                name,
                List.of(PeerUrl.of("http", address, 2380)),
                started ? List.of("http://" + address + ":2379") : List.of(),
                listed.learner());
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
            case LAUNCHING -> "Pending:Wait";
            case LEAVING -> "Terminating:Wait";
            case WARM -> "Warmed:Running";
            case WARMING -> "Warmed:Pending:Wait";
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

    private static Address formerAddress(int number) {
        return FORMER_ADDRESSES[number];
    }

    private static final Address[] FORMER_ADDRESSES = Stream.of("0", "1", "2", "3", "4", "5")
            .map(n -> Address.parse("10.0.1." + n))
            .toArray(Address[]::new);

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
        private static final long IN_STEP = 50_000;
        private static final long BEHIND = 10;

        PeerState state(int number, Seen seen, int others) {
            return switch (seen) {
                case LEADS -> serving(number, cluster, members, Optional.of(new MemberId(number)), true, IN_STEP);
                case SERVES -> serving(number, cluster, members, Optional.of(Scene.LEADER_ELSEWHERE), true, IN_STEP);
                case WITHOUT_QUORUM -> serving(number, cluster, members, Optional.empty(), false, IN_STEP);
                case LEARNER -> learner(number, IN_STEP);
                case CATCHES_UP, LAGS -> learner(number, BEHIND);
                case OTHER_CLUSTER ->
                    serving(
                            number,
                            SmallWorlds.OTHER_CLUSTER,
                            List.of(member(number, Listed.VOTER)),
                            Optional.of(new MemberId(number)),
                            true,
                            IN_STEP);
                case HOLDS_DATA -> new HoldsData(cluster, members, "3.5.0");
                case FORMS_WITH_US -> forming(true, others);
                case FORMS_WITHOUT_US -> forming(false, others);
                case NOT_SERVING -> new NotServing();
                case SILENT -> new Silent("no answer");
                case REJECTED -> new Rejected("certificate required");
            };
        }

        private PeerState learner(int number, long index) {
            return new Serving(
                    cluster,
                    new MemberId(number),
                    List.of(),
                    Optional.of(Scene.LEADER_ELSEWHERE),
                    true,
                    true,
                    version(),
                    clusterVersion(),
                    2,
                    index,
                    api());
        }

        private PeerState serving(
                int number, ClusterId id, List<Member> told, Optional<MemberId> leader, boolean healthy, long index) {
            return new Serving(
                    id,
                    new MemberId(number),
                    told,
                    leader,
                    healthy,
                    false,
                    version(),
                    clusterVersion(),
                    2,
                    index,
                    api());
        }

        private String version() {
            return old ? "3.3.27" : "3.5.16";
        }

        private String clusterVersion() {
            return old ? "3.3.0" : "3.5.0";
        }

        private Api api() {
            return old ? Api.V2 : Api.V3;
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
