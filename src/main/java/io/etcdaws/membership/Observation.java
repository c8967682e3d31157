package io.etcdaws.membership;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Everything that was seen in one round; the only thing a decision rests on beside the {@link Policy}.
 *
 * @param now when the round's last answer came
 * @param self the instance this program runs on
 * @param group the group whose instances are to be the members
 * @param groupUnchangedSince when the group's expected instances and their addresses were first seen as they are now, with no
 *     etcd on any of them that may hold data
 * @param groupScannedAt when they were last seen so
 * @param groupScans how many scans in a row have shown them so
 * @param dataDirectory what is known of this node's data directory
 * @param peersFilePresent whether a peers file is in place
 * @param peers what was seen of each peer, by address: the group's instances, and members that are none of them
 * @param sightings what is known of the instance behind each member that any peer lists
 * @param continuity what a program that stays knows beyond this round
 */
public record Observation(
        Instant now,
        Node self,
        Group group,
        Instant groupUnchangedSince,
        Instant groupScannedAt,
        int groupScans,
        DataDirectory dataDirectory,
        boolean peersFilePresent,
        Map<Address, PeerState> peers,
        Map<MemberId, Sighting> sightings,
        Continuity continuity) {
    public Observation {
        peers = Map.copyOf(peers);
        sightings = Map.copyOf(sightings);
    }

    /** The same, with what is known beyond this round. */
    public Observation with(Continuity known) {
        return new Observation(
                now,
                self,
                group,
                groupUnchangedSince,
                groupScannedAt,
                groupScans,
                dataDirectory,
                peersFilePresent,
                peers,
                sightings,
                known);
    }

    /**
     * For how long the group's expected instances have been seen as they are: from the first scan to the last, since
     * nothing is known of the time after.
     */
    public Duration groupStableFor() {
        return Duration.between(groupUnchangedSince, groupScannedAt);
    }
}
