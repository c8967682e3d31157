package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.InitialCluster.State;
import io.etcdaws.membership.MembershipChange.Add;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.PeerState.HoldsData;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerState.Silent;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.SmallWorlds.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What must hold of every decision in every world. Worked out anew from what was seen, with none of the helpers that the
 * rules use.
 */
enum Invariants {
    NOBODY_IS_REMOVED_WHO_SERVES_REJECTS_OR_HOLDS_DATA {
        @Override
        boolean holds(World world, Decision decision) {
            return removed(decision)
                    .map(member -> statesOf(member, world)
                            .allMatch(state -> state instanceof NotServing
                                    || state instanceof Silent
                                    || (state instanceof Serving serving
                                            && !(serving.self().equals(member.id())
                                                    && serving.cluster().equals(basis(decision))))))
                    .orElse(true);
        }
    },
    NO_REMOVAL_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            return removed(decision)
                    .map(member -> {
                        List<Member> left = world.members().stream()
                                .filter(other -> !other.learner() && !other.equals(member))
                                .toList();
                        return 2 * healthy(left, world, decision) > left.size();
                    })
                    .orElse(true);
        }
    },
    NO_REMOVAL_WITHOUT_PROOF_THAT_THE_INSTANCE_IS_OVER {
        @Override
        boolean holds(World world, Decision decision) {
            if (decision.reason().rule() == Rule.REPLACE) {
                return true;
            }
            return removed(decision)
                    .map(member -> world.observation().sightings().get(member.id()))
                    .map(sighting -> {
                        Duration lasting = Duration.between(sighting.since(), sighting.lastRead());
                        boolean confirmed = sighting.reads() >= 2 && lasting.toSeconds() >= 10;
                        boolean settled = sighting.reads() >= 2 && lasting.toSeconds() >= 60;
                        return switch (sighting.state()) {
                            case TERMINATED, SHUTTING_DOWN -> true;
                            case NOT_FOUND ->
                                !sighting.inGroup() && (sighting.instance().isPresent() ? confirmed : settled);
                            case STOPPED, STOPPING -> settled;
                            case RUNNING, PENDING -> settled && !sighting.inGroup();
                        };
                    })
                    .orElse(true);
        }
    },
    NO_FOREIGN_MEMBER_IS_REMOVED {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() == Rule.REPLACE
                    || removed(decision)
                            .map(member -> member.name().isEmpty()
                                    || member.name().startsWith("i-")
                                    || Optional.ofNullable(world.observation()
                                                    .sightings()
                                                    .get(member.id()))
                                            .flatMap(Sighting::instance)
                                            .isPresent())
                            .orElse(true);
        }
    },
    ONLY_AN_EMPTY_DIRECTORY_WITHOUT_ETCD_IS_REPLACED {
        @Override
        boolean holds(World world, Decision decision) {
            return decision.reason().rule() != Rule.REPLACE
                    || decision instanceof Wait
                    || (world.observation().dataDirectory() == DataDirectory.EMPTY
                            && here(world) instanceof NotServing
                            && removed(decision)
                                    .filter(member -> isSelf(member, world))
                                    .isPresent());
        }
    },
    NO_ADDITION_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            if (!(change(decision) instanceof Add add) || add.learner()) {
                return true;
            }
            List<Member> voters = world.members().stream().filter(Member::voter).toList();
            boolean asked = world.policy().joinAs() == JoinAs.VOTER && voters.size() == 1;
            return asked || 2 * healthy(voters, world, decision) > voters.size() + 1;
        }
    },
    NO_PROMOTION_LEAVES_THE_HEALTHY_BELOW_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            if (!(change(decision) instanceof Promote promote)) {
                return true;
            }
            List<Member> voters = world.members().stream()
                    .filter(member -> member.voter() || member.equals(promote.member()))
                    .toList();
            return healthy(List.of(promote.member()), world, decision) == 1
                    && 2 * healthy(voters, world, decision) > voters.size();
        }
    },
    ONLY_THIS_NODE_IS_ADDED_AND_ONLY_IF_IT_CAN_JOIN {
        @Override
        boolean holds(World world, Decision decision) {
            Observation seen = world.observation();
            return !(change(decision) instanceof Add add)
                    || (add.peerUrl().host().equals(seen.self().address())
                            && seen.dataDirectory() != DataDirectory.HOLDS_DATA
                            && (here(world) instanceof NotServing || here(world) instanceof Silent)
                            && world.members().stream().noneMatch(member -> isSelf(member, world))
                            && world.members().stream().allMatch(Member::started)
                            && expected(world).stream()
                                    .anyMatch(instance ->
                                            instance.id().equals(seen.self().id())));
        }
    },
    CHANGES_ARE_MADE_TO_THE_ONE_CLUSTER_WITH_QUORUM {
        @Override
        boolean holds(World world, Decision decision) {
            return !(decision instanceof ChangeMembership change)
                    || (serving(world).equals(Set.of(change.basis().id()))
                            && new HashSet<>(change.basis().members()).equals(new HashSet<>(world.members())));
        }
    },
    TWO_CLUSTERS_WITH_QUORUM_ARE_REFUSED {
        @Override
        boolean holds(World world, Decision decision) {
            return serving(world).size() < 2 || decision instanceof Refuse;
        }
    },
    NEW_IS_WRITTEN_ONLY_BY_MEMBERS_OR_WHERE_NO_CLUSTER_CAN_BE {
        @Override
        boolean holds(World world, Decision decision) {
            if (file(decision).filter(file -> file.state() == State.NEW).isEmpty()) {
                return true;
            }
            Collection<PeerState> seen = world.observation().peers().values();
            boolean clusterKnown =
                    seen.stream().anyMatch(state -> state instanceof Serving || state instanceof HoldsData);
            if (clusterKnown) {
                return world.members().stream().anyMatch(member -> isSelf(member, world));
            }
            return mayForm(world) && (adopted(world, decision) || complete(world));
        }

        private boolean mayForm(World world) {
            boolean marked = world.observation().group().clusterMark().isPresent()
                    && !world.policy().forceNewCluster();
            return world.observation().dataDirectory() != DataDirectory.HOLDS_DATA && !marked;
        }

        private boolean adopted(World world, Decision decision) {
            return world.observation().peers().values().stream()
                    .anyMatch(state -> state instanceof PeerState.Forming forming
                            && urls(forming.members()).equals(urls(decision))
                            && forming.members().stream()
                                    .anyMatch(member -> member.isAt(
                                            world.observation().self().address())));
        }

        private boolean complete(World world) {
            Observation seen = world.observation();
            return expected(world).size() >= seen.group().desiredCapacity()
                    && seen.groupScans() >= 2
                    && Duration.between(seen.groupUnchangedSince(), seen.groupScannedAt())
                                    .toSeconds()
                            >= 5
                    && expected(world).stream()
                            .allMatch(instance ->
                                    instance.address().map(seen.peers()::get).orElseGet(() -> new Silent(""))
                                            instanceof NotServing)
                    && seen.peers().values().stream().noneMatch(PeerState.Forming.class::isInstance);
        }
    },
    ALL_NODES_THAT_SEE_THE_SAME_GROUP_FORM_THE_SAME_LIST {
        @Override
        boolean holds(World world, Decision decision) {
            boolean forms = decision.reason().rule() == Rule.FORM
                    && decision instanceof WritePeersFile
                    && world.observation().peers().values().stream().noneMatch(PeerState.Forming.class::isInstance);
            Set<String> ofGroup = expected(world).stream()
                    .map(instance -> instance.id() + "=http://"
                            + instance.address().map(Address::inUrl).orElse("?") + ":2380")
                    .collect(Collectors.toSet());
            return !forms
                    || entries(decision)
                            .map(Entry::toString)
                            .collect(Collectors.toSet())
                            .equals(ofGroup);
        }
    },
    MEMBERS_THAT_LOST_UNSEEN_DATA_CANNOT_FORM_A_CLUSTER_OF_THE_LIST {
        @Override
        boolean holds(World world, Decision decision) {
            boolean member = decision.reason().rule() == Rule.MEMBER
                    && world.observation().dataDirectory() == DataDirectory.UNKNOWN;
            long voters = world.members().stream().filter(Member::voter).count();
            long mayBeDown = world.members().size() - (voters / 2 + 1);
            return !member
                    || urls(decision).equals(urls(world.members()))
                    || 2 * mayBeDown <= urls(decision).size();
        }
    },
    EXISTING_LISTS_EXACTLY_THE_MEMBERS {
        @Override
        boolean holds(World world, Decision decision) {
            boolean joins = decision.reason().rule() == Rule.LISTED;
            return !joins || urls(decision).equals(urls(world.members()));
        }
    },
    EVERY_LIST_HOLDS_THIS_NODE_AND_EACH_NAME_AND_URL_ONCE {
        @Override
        boolean holds(World world, Decision decision) {
            Optional<InitialCluster> file = file(decision);
            boolean unique = entries(decision).map(Entry::name).distinct().count()
                            == entries(decision).count()
                    && urls(decision).size() == entries(decision).count();
            String self = world.observation().self().id().value();
            String url = "http://" + world.observation().self().address().inUrl() + ":2380";
            return file.isEmpty()
                    || (unique
                            && file.get().name().equals(self)
                            && (file.get().proxy()
                                    || entries(decision).anyMatch(entry -> entry.equals(new Entry(self, url)))));
        }
    },
    A_PROXY_CHANGES_NOTHING_AND_WRITES_NO_MEMBER_FILE {
        @Override
        boolean holds(World world, Decision decision) {
            boolean proxy = world.policy().role() == Role.PROXY;
            boolean proxyFile =
                    decision instanceof WritePeersFile write && write.content().proxy();
            return proxy ? proxyFile || decision instanceof Wait || decision instanceof Refuse : !proxyFile;
        }
    },
    DATA_ARE_RESTARTED_ON_AND_NEVER_OVERWRITTEN {
        @Override
        boolean holds(World world, Decision decision) {
            boolean data = world.observation().dataDirectory() == DataDirectory.HOLDS_DATA;
            return data
                    ? decision.reason().rule() != Rule.FORM && !(change(decision) instanceof Add)
                    : !(decision instanceof KeepPeersFile);
        }
    },
    A_WAIT_SAYS_FOR_WHAT_AND_HOW_OUT_OF_IT {
        @Override
        boolean holds(World world, Decision decision) {
            if (decision.reason().why().isBlank()) {
                return false;
            }
            if (decision instanceof Wait wait) {
                return !wait.waitingFor().isBlank()
                        && (wait.until() != Until.SAFE || !wait.wayOut().isBlank());
            }
            return !(decision instanceof Refuse refuse) || !refuse.wayOut().isBlank();
        }
    },
    A_WAIT_FOR_TIME_ENDS_WITH_TIME {
        private static final Duration LATER = Duration.ofMinutes(5);

        @Override
        boolean holds(World world, Decision decision) {
            return !waitsForTime(decision) || !waitsForTime(Decider.decide(later(world.observation()), world.policy()));
        }

        private boolean waitsForTime(Decision decision) {
            return decision instanceof Wait wait && wait.until() == Until.TIME_PASSES;
        }

        private Observation later(Observation seen) {
            Map<MemberId, Sighting> again = new HashMap<>();
            seen.sightings()
                    .forEach((id, one) -> again.put(
                            id,
                            new Sighting(
                                    one.instance(),
                                    one.state(),
                                    one.inGroup(),
                                    one.since(),
                                    one.lastRead().plus(LATER),
                                    one.reads() + 9)));
            return new Observation(
                    seen.now().plus(LATER),
                    seen.self(),
                    seen.group(),
                    seen.groupUnchangedSince(),
                    seen.groupScannedAt().plus(LATER),
                    seen.groupScans() + 9,
                    seen.dataDirectory(),
                    seen.peersFilePresent(),
                    seen.peers(),
                    again,
                    seen.continuity());
        }
    },
    THE_SAME_OBSERVATION_GIVES_THE_SAME_DECISION {
        @Override
        boolean holds(World world, Decision decision) {
            Observation seen = world.observation();
            List<Map.Entry<Address, PeerState>> reversed =
                    new ArrayList<>(seen.peers().entrySet());
            Collections.reverse(reversed);
            Map<Address, PeerState> peers = new LinkedHashMap<>();
            reversed.forEach(entry -> peers.put(entry.getKey(), entry.getValue()));
            Observation again = new Observation(
                    seen.now(),
                    seen.self(),
                    seen.group(),
                    seen.groupUnchangedSince(),
                    seen.groupScannedAt(),
                    seen.groupScans(),
                    seen.dataDirectory(),
                    seen.peersFilePresent(),
                    peers,
                    seen.sightings(),
                    seen.continuity());
            return Decider.decide(again, world.policy()).equals(decision);
        }
    };

    abstract boolean holds(World world, Decision decision);

    private static Optional<InitialCluster> file(Decision decision) {
        return decision instanceof WritePeersFile write ? Optional.of(write.content()) : Optional.empty();
    }

    private static Stream<Entry> entries(Decision decision) {
        return file(decision).stream().flatMap(file -> file.entries().stream());
    }

    private static Set<String> urls(Decision decision) {
        return entries(decision).map(Entry::peerUrl).collect(Collectors.toSet());
    }

    private static Set<String> urls(List<Member> members) {
        return members.stream()
                .flatMap(member -> member.peerUrls().stream())
                .map(PeerUrl::text)
                .collect(Collectors.toSet());
    }

    private static Optional<MembershipChange> changed(Decision decision) {
        return decision instanceof ChangeMembership change ? Optional.of(change.change()) : Optional.empty();
    }

    /** The change, or something that is none. */
    private static Object change(Decision decision) {
        return changed(decision).<Object>map(change -> change).orElse("none");
    }

    private static Optional<Member> removed(Decision decision) {
        return changed(decision)
                .filter(Remove.class::isInstance)
                .map(Remove.class::cast)
                .map(Remove::member);
    }

    private static ClusterId basis(Decision decision) {
        return decision instanceof ChangeMembership change ? change.basis().id() : new ClusterId(0);
    }

    private static Stream<PeerState> statesOf(Member member, World world) {
        return member.peerUrls().stream()
                .map(url -> world.observation().peers().getOrDefault(url.host(), new Rejected("not asked")));
    }

    private static PeerState here(World world) {
        Address self = world.observation().self().address();
        return world.observation().peers().getOrDefault(self, new Rejected("not asked"));
    }

    private static boolean isSelf(Member member, World world) {
        Node self = world.observation().self();
        boolean otherInstance = member.name().startsWith("i-")
                && !member.name().equals(self.id().value());
        return member.isAt(self.address()) && !otherInstance;
    }

    private static long healthy(List<Member> members, World world, Decision decision) {
        return members.stream()
                .filter(member -> statesOf(member, world)
                        .anyMatch(state -> state instanceof Serving serving
                                && serving.healthy()
                                && serving.self().equals(member.id())
                                && serving.cluster().equals(basis(decision))))
                .count();
    }

    private static Set<ClusterId> serving(World world) {
        return world.observation().peers().values().stream()
                .filter(Serving.class::isInstance)
                .map(Serving.class::cast)
                .filter(Serving::healthy)
                .map(Serving::cluster)
                .collect(Collectors.toSet());
    }

    private static List<Instance> expected(World world) {
        Set<String> leavingOrNotYet = Set.of("Terminating:Wait", "Warmed:Running");
        return world.observation().group().instances().stream()
                .filter(instance -> instance.state() != InstanceState.TERMINATED)
                .filter(instance -> instance.lifecycle()
                        .filter(state -> !leavingOrNotYet.contains(state.apiName()))
                        .isPresent())
                .toList();
    }
}
