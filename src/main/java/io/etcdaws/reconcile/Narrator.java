package io.etcdaws.reconcile;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log what is seen and decided, a line a step. What is the same in the next round is not told again, but a wait
 * is brought to mind from time to time.
 */
final class Narrator {
    private static final Logger log = LoggerFactory.getLogger(Narrator.class);
    private static final Duration REMINDER = Duration.ofSeconds(10);

    private Set<String> seenBefore = Set.of();
    private String waitingBefore = "";
    private Instant waitTold = Instant.MIN;

    /** Tells what is new. */
    void observed(Observation observation) {
        List<String> lines = lines(observation);
        lines.stream().filter(line -> !seenBefore.contains(line)).forEach(log::info);
        seenBefore = new HashSet<>(lines);
    }

    /** What was seen, a line for the group, each peer, and this node's disk. */
    static List<String> lines(Observation observation) {
        Group group = observation.group();
        List<String> lines = new ArrayList<>();
        lines.add("group " + group.name() + ": " + group.expected().size() + " instances expected of "
                + group.desiredCapacity() + " desired"
                + group.clusterMark()
                        .map(mark -> ", marked as holding cluster " + mark)
                        .orElse(""));
        Set<Address> told = new HashSet<>();
        for (Instance instance : group.instances()) {
            String etcd = instance.address()
                    .filter(told::add)
                    .map(address -> observation.peers().get(address))
                    .map(state -> " " + Describe.state(state))
                    .orElse("");
            String self = instance.id().equals(observation.self().id()) ? ", this node," : "";
            lines.add(Describe.instance(instance) + self + etcd);
        }
        observation.peers().entrySet().stream()
                .filter(peer -> !told.contains(peer.getKey()))
                .sorted(java.util.Map.Entry.comparingByKey())
                .forEach(peer -> lines.add(peer.getKey() + " " + Describe.state(peer.getValue())));
        lines.add("this node's data directory: "
                + switch (observation.dataDirectory()) {
                    case HOLDS_DATA -> "holds data";
                    case EMPTY -> "is empty";
                    case UNKNOWN -> "nothing seen, which proves nothing";
                }
                + "; peers file: " + (observation.peersFilePresent() ? "in place" : "none yet"));
        return lines;
    }

    /** Tells a decision; a wait only when it is another one, or was not told for a while. */
    void decided(Decision decision, Instant now, Duration left) {
        if (!(decision instanceof Wait wait)) {
            log.info(
                    "decided to {}: {}, by {}",
                    whatIsDone(decision),
                    decision.reason().why(),
                    decision.reason().rule());
            return;
        }
        String because = wait.reason().rule() + wait.reason().why();
        if (!because.equals(waitingBefore) || Duration.between(waitTold, now).compareTo(REMINDER) >= 0) {
            waitingBefore = because;
            waitTold = now;
            log.info(
                    "waiting for {}, for {} at most: {}, by {}",
                    wait.waitingFor(),
                    Describe.duration(left),
                    wait.reason().why(),
                    wait.reason().rule());
        }
    }

    /** What a decision has done, in a few words. */
    static String whatIsDone(Decision decision) {
        if (decision instanceof WritePeersFile write) {
            return "write the peers file (" + write.content().state().name().toLowerCase(java.util.Locale.ROOT) + ", "
                    + write.content().entries().size() + " members)";
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
        return "refuse; way out: " + ((Refuse) decision).wayOut();
    }
}
