package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Says in a few words what was seen, for logs, plans and reasons. */
public final class Describe {
    private Describe() {}

    /** What was seen of a peer. */
    public static String state(PeerState state) {
        if (state instanceof PeerState.Serving serving) {
            return "serves cluster " + serving.cluster() + " (etcd " + serving.version()
                    + (serving.learner() ? ", learner" : "")
                    + (serving.leads() ? ", leader" : "")
                    + (serving.leader().isEmpty() ? ", sees no leader" : "")
                    + (serving.healthy() ? "" : ", no quorum") + ")";
        }
        if (state instanceof PeerState.Forming forming) {
            return "is forming cluster " + forming.cluster() + " of " + urls(forming.members());
        }
        if (state instanceof PeerState.HoldsData data) {
            return "holds data of cluster " + data.cluster() + " and has no quorum since its start";
        }
        if (state instanceof PeerState.Silent silent) {
            return "is silent: " + silent.detail();
        }
        if (state instanceof PeerState.Rejected rejected) {
            return "rejects us: " + rejected.detail();
        }
        return "runs no etcd: both ports refuse connections";
    }

    /** What is known of the instance behind a member. */
    public static String sighting(Sighting sighting) {
        String instance = sighting.instance().map(id -> id + " ").orElse("");
        String state = sighting.state() == InstanceState.NOT_FOUND ? "not known to EC2" : lowerCase(sighting.state());
        return instance + state + (sighting.inGroup() ? ", in the group" : ", outside the group") + ", for "
                + duration(sighting.lasting()) + " in " + sighting.reads()
                + (sighting.reads() == 1 ? " look-up" : " look-ups");
    }

    /** An instance with the states that Auto Scaling and EC2 give. */
    public static String instance(Instance instance) {
        return instance.id() + " at "
                + instance.address().map(Address::toString).orElse("no address yet") + " ("
                + instance.lifecycle().map(LifecycleState::apiName).orElse("outside the group") + ", "
                + lowerCase(instance.state()) + ")";
    }

    /** What was seen of each peer, in the order of their addresses. */
    static List<String> peers(Observation observation) {
        return observation.peers().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(peer -> peer.getKey() + " " + state(peer.getValue()))
                .toList();
    }

    /** What was seen, a line for the group, each peer, and this node's disk. */
    public static List<String> observation(Observation observation) {
        Group group = observation.group();
        List<String> lines = new ArrayList<>();
        lines.add("group " + group.name() + ": " + count(group.expected().size(), "instance") + " expected of "
                + group.desiredCapacity() + " desired"
                + group.clusterMark()
                        .map(mark -> ", marked as holding cluster " + mark)
                        .orElse(""));
        Set<Address> told = new HashSet<>();
        for (Instance instance : group.instances()) {
            String etcd = instance.address()
                    .filter(told::add)
                    .map(address -> observation.peers().get(address))
                    .map(state -> " " + state(state))
                    .orElse("");
            String self = instance.id().equals(observation.self().id()) ? ", this node," : "";
            lines.add(instance(instance) + self + etcd);
        }
        observation.peers().entrySet().stream()
                .filter(peer -> !told.contains(peer.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .forEach(peer -> lines.add(peer.getKey() + " " + state(peer.getValue())));
        lines.add("this node's data directory: "
                + switch (observation.dataDirectory()) {
                    case HOLDS_DATA -> "holds data";
                    case EMPTY -> "is empty";
                    case UNKNOWN -> "nothing seen, which proves nothing";
                }
                + "; peers file: " + (observation.peersFilePresent() ? "in place" : "none yet"));
        return lines;
    }

    /** What a decision has done, in a few words. */
    public static String decision(Decision decision) {
        if (decision instanceof WritePeersFile write) {
            return "write the peers file (" + write.content().state().name().toLowerCase(Locale.ROOT) + ", "
                    + count(write.content().entries().size(), "peer URL") + ")";
        }
        if (decision instanceof KeepPeersFile) {
            return "keep the peers file";
        }
        if (decision instanceof ChangeMembership change) {
            return change.change().toString();
        }
        if (decision instanceof Wait wait) {
            return "wait for " + wait.waitingFor();
        }
        if (decision instanceof Refuse refuse) {
            return "refuse; way out: " + refuse.wayOut();
        }
        return upkeep(decision);
    }

    /** What only the periodic mode decides. */
    private static String upkeep(Decision decision) {
        if (decision instanceof MoveLeadership move) {
            return "have " + move.to() + " lead";
        }
        if (decision instanceof WriteMark mark) {
            return "record cluster " + mark.cluster() + " on the group";
        }
        if (decision instanceof CompleteLifecycle complete) {
            return "complete the lifecycle action of " + lowerCase(complete.transition());
        }
        if (decision instanceof HoldLifecycle hold) {
            return "hold the lifecycle action of " + lowerCase(hold.transition()) + " and wait for "
                    + hold.waitingFor();
        }
        if (decision instanceof LeaveToOther left) {
            return "leave to the node of " + left.to() + " to " + left.change();
        }
        return "leave all as it is";
    }

    private static String count(int number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** A duration in seconds, or minutes and seconds. */
    public static String duration(Duration duration) {
        if (duration.isNegative()) {
            return duration(Duration.ZERO);
        }
        long seconds = duration.toSeconds();
        if (seconds < 10) {
            return seconds + "." + duration.toMillisPart() / 100 + " s";
        }
        return seconds < 120 ? seconds + " s" : seconds / 60 + " min " + seconds % 60 + " s";
    }

    /** Peer URLs of members, for people. */
    static String urls(List<Member> members) {
        return members.stream()
                .flatMap(member -> member.peerUrls().stream())
                .map(PeerUrl::text)
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static String lowerCase(Enum<?> state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
