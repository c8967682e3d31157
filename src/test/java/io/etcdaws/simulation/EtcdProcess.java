package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An etcd that runs. */
final class EtcdProcess {
    final Machine machine;
    final DataDisk disk;
    final String name;
    final long startedAt;

    /** Whether the client port answers: it does once a quorum was there. */
    boolean ready;

    /** Stopped by a signal: connects, and does nothing. */
    boolean frozen;

    /** Who leads, as far as this member knows. */
    @Nullable
    MemberId leader;

    /** Since when it has missed a leader, or as one its quorum; negative if it does not. */
    long missingSince = -1;

    /** As a leader: how far each follower has come. */
    final Map<MemberId, Integer> matched = new HashMap<>();

    EtcdProcess(Machine machine, DataDisk disk, String name, long startedAt) {
        this.machine = machine;
        this.disk = disk;
        this.name = name;
        this.startedAt = startedAt;
    }

    MemberId self() {
        return disk.self;
    }

    Address address() {
        return machine.address;
    }

    boolean leads() {
        return disk.self.equals(leader);
    }

    /** Its own entry in the list, as far as it has applied the log. */
    Optional<Member> own() {
        return Optional.ofNullable(disk.committed)
                .map(entry -> entry.state().members().get(self()));
    }

    boolean voter() {
        return own().filter(Member::voter).isPresent();
    }

    /** Follows that leader from now on. */
    void follow(MemberId whom, int term) {
        disk.term = term;
        leader = whom;
        missingSince = -1;
        matched.clear();
    }
}
