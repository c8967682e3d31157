package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An instance: its disk, its etcd, and the copies of the program that run on it. */
final class Machine {
    final InstanceId id;
    Address address;
    final String zone;
    final List<Daemon> daemons = new ArrayList<>();

    InstanceState state = InstanceState.PENDING;
    Optional<Notice> notice = Optional.empty();

    @Nullable
    EtcdProcess etcd;

    @Nullable
    DataDisk data;

    @Nullable
    String peersFile;

    /** Whether the file was put in place, or found right, since this machine has started. */
    boolean fileReady;

    /** When it has last booted, in milliseconds since the beginning. */
    long bootedAt;

    /** How far its wall clock is ahead, in milliseconds. */
    long wallAhead;

    /** Whether the disk refuses the peers file. */
    boolean fileUnwritable;

    Machine(InstanceId id, Address address, String zone) {
        this.id = id;
        this.address = address;
        this.zone = zone;
    }

    boolean runs() {
        return state == InstanceState.RUNNING;
    }

    Node node() {
        return new Node(id, address, "eu-central-1", zone);
    }

    @Override
    public String toString() {
        return id + " (" + address + ")";
    }
}
