package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Which machine's packets reach which other machine. A machine always reaches itself. */
final class Network {
    private record Way(Address from, Address to) {}

    private final VirtualTime time;
    private final Set<Way> cut = new HashSet<>();
    private final Map<Way, Long> changedAt = new HashMap<>();

    Network(VirtualTime time) {
        this.time = time;
    }

    /** Drops all packets in one direction from now on. */
    void cut(Address from, Address to) {
        if (cut.add(new Way(from, to))) {
            changedAt.put(new Way(from, to), time.now());
        }
    }

    /** Lets all packets through. */
    void heal() {
        cut.forEach(way -> changedAt.put(way, time.now()));
        cut.clear();
    }

    /** Whether a question gets there and its answer back. */
    boolean connected(Address one, Address other) {
        return one.equals(other)
                || cut.isEmpty()
                || !(cut.contains(new Way(one, other)) || cut.contains(new Way(other, one)));
    }

    /** Since when the connection has been as it is, in milliseconds since the beginning. */
    long since(Address one, Address other) {
        return Math.max(
                changedAt.getOrDefault(new Way(one, other), 0L), changedAt.getOrDefault(new Way(other, one), 0L));
    }
}
