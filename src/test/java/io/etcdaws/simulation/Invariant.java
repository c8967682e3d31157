package io.etcdaws.simulation;

import io.etcdaws.reconcile.Round;
import io.etcdaws.simulation.EtcdModel.Request;
import java.util.Optional;

/** Something that must always hold. Told of what happens, it looks at the world and throws a {@link Violation}. */
abstract class Invariant {
    final Simulation world;

    Invariant(Simulation world) {
        this.world = world;
    }

    /** A leader has committed an entry. */
    void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {}

    /** A change of the membership by a copy of the program was committed. */
    void changed(EtcdProcess leader, Entry entry, InFlight flight) {}

    /** A member leads. */
    void elected(EtcdProcess leader) {}

    /** A member has begun to answer its clients. */
    void ready(EtcdProcess process) {}

    /** A copy of the program has sent a change of the membership. */
    void sent(InFlight flight) {}

    /** A copy of the program has put a peers file in place. */
    void wrote(Daemon daemon, String text) {}

    /** A round has ended. */
    void round(Daemon daemon, Round round) {}

    /** The schedule is over. */
    void over() {}

    final Violation violated(String message) {
        return new Violation(getClass().getSimpleName(), message);
    }
}
