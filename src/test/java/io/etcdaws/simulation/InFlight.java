package io.etcdaws.simulation;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.MembershipChange;

/** A change of the membership that a copy of the program has sent. */
final class InFlight {
    final Daemon daemon;
    final MembershipChange change;
    final Address via;
    final long sentAt;

    InFlight(Daemon daemon, MembershipChange change, Address via, long sentAt) {
        this.daemon = daemon;
        this.change = change;
        this.via = via;
        this.sentAt = sentAt;
    }

    @Override
    public String toString() {
        return daemon + ": " + change + " via " + via;
    }
}
