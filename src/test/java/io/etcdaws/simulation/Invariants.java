package io.etcdaws.simulation;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.simulation.EtcdModel.Request;
import io.etcdaws.simulation.Launcher.PeersFileText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What must always hold, one class each. */
final class Invariants {
    /** Whoever decides has looked so shortly before; what changes within that time could not be known. */
    private static final long LOOK = 3_000;

    private Invariants() {}

    static List<Invariant> all(Simulation world) {
        return List.of(
                new OneCluster(world),
                new QuorumIsKept(world),
                new OneChangeAtATime(world),
                new NoWriteIsLost(world),
                new TheLivingStay(world),
                new ConvergedIsQuiet(world),
                new FilesAreAccepted(world),
                new ConvergesInTheEnd(world));
    }

    /** Never are two clusters formed from one group while there are data of the first, or its mark. */
    static final class OneCluster extends Invariant {
        private final Set<ClusterId> formed = new LinkedHashSet<>();

        OneCluster(Simulation world) {
            super(world);
        }

        @Override
        void ready(EtcdProcess process) {
            ClusterId id = process.disk.cluster;
            if (!formed.add(id) || formed.size() == 1) {
                return;
            }
            Set<ClusterId> others = new HashSet<>(formed);
            others.remove(id);
            boolean marked = world.aws()
                    .mark()
                    .filter(mark -> others.stream().anyMatch(each -> mark.equals(each.toString())))
                    .isPresent();
            boolean dataLeft = world.aws().machines().stream()
                    .filter(machine -> !machine.state.terminal() && world.aws().holds(machine))
                    .anyMatch(machine -> machine.data != null && others.contains(machine.data.cluster));
            if (marked || dataLeft) {
                throw violated("cluster " + id + " has formed beside " + others
                        + (marked ? ", which the group's mark names" : ", whose data are still there"));
            }
        }
    }

    /** No change by the program leaves fewer healthy voters than a quorum. */
    static final class QuorumIsKept extends Invariant {
        QuorumIsKept(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (world.disturbedSince(flight.sentAt - LOOK)) {
                return;
            }
            Entry before = Objects.requireNonNull(entry.before());
            List<Member> voters = entry.state().voters();
            boolean growsFromOne = flight.change instanceof MembershipChange.Add
                    && before.state().voters().size() == 1;
            long healthy = voters.stream()
                    .filter(voter -> world.reachable(leader, voter.id()))
                    .count();
            if (healthy < ClusterView.quorumOf(voters.size()) && !growsFromOne) {
                throw violated(flight + " left " + healthy + " healthy of " + voters.size() + " voters");
            }
        }
    }

    /** Never is a change sent to a cluster while another copy of the program waits for the answer to its own. */
    static final class OneChangeAtATime extends Invariant {
        OneChangeAtATime(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            world.inFlight().stream()
                    .filter(other -> other != flight && other.daemon.alive())
                    .findFirst()
                    .ifPresent(other -> {
                        throw violated(flight + " was sent while there was " + other);
                    });
        }
    }

    /** A write that was acknowledged is in the log of every later leader, as long as a disk with it is left. */
    static final class NoWriteIsLost extends Invariant {
        @Nullable
        private Entry acknowledged;

        NoWriteIsLost(Simulation world) {
            super(world);
        }

        void acknowledged(Entry entry) {
            if (acknowledged == null
                    || !entry.state().cluster().equals(acknowledged.state().cluster())
                    || entry.index() > acknowledged.index()) {
                acknowledged = entry;
            }
        }

        @Override
        void elected(EtcdProcess leader) {
            Entry written = acknowledged;
            if (written == null
                    || !leader.disk.cluster.equals(written.state().cluster())
                    || Objects.requireNonNull(leader.disk.last).holds(written)) {
                return;
            }
            boolean left = world.aws().machines().stream()
                    .filter(machine -> !machine.state.terminal() && machine.data != null)
                    .anyMatch(machine -> {
                        Entry last = Objects.requireNonNull(machine.data).last;
                        return last != null && last.holds(written);
                    });
            if (left) {
                throw violated("leader on " + leader.machine + " lacks the acknowledged entry " + written);
            }
        }
    }

    /** A member that serves is never removed by another node, whatever AWS says of its instance. */
    static final class TheLivingStay extends Invariant {
        TheLivingStay(Simulation world) {
            super(world);
        }

        @Override
        void changed(EtcdProcess leader, Entry entry, InFlight flight) {
            if (!(flight.change instanceof Remove remove) || world.disturbedSince(flight.sentAt - LOOK)) {
                return;
            }
            MemberId id = remove.member().id();
            boolean living = world.etcd().processes().stream()
                    .filter(each -> each.self().equals(id) && each.ready && !each.frozen)
                    .filter(each -> each.machine != flight.daemon.machine)
                    .anyMatch(each -> world.reachable(leader, id));
            if (living && remove.member().voter()) {
                throw violated(flight + " removed a member that serves");
            }
        }
    }

    /** Where all is as the group wants it, nothing is changed. */
    static final class ConvergedIsQuiet extends Invariant {
        ConvergedIsQuiet(Simulation world) {
            super(world);
        }

        @Override
        void sent(InFlight flight) {
            if (world.convergedFor() >= 0) {
                throw violated(flight + " was sent though all had converged");
            }
        }
    }

    /** Every file that is written is one with which etcd starts, as things are at that moment. */
    static final class FilesAreAccepted extends Invariant {
        private long changedAt = Long.MIN_VALUE / 2;

        FilesAreAccepted(Simulation world) {
            super(world);
        }

        @Override
        void committed(EtcdProcess leader, Entry entry, Optional<Request> request) {
            Entry before = entry.before();
            if (before != null
                    && !before.state()
                            .members()
                            .keySet()
                            .equals(entry.state().members().keySet())) {
                changedAt = world.time().now();
            }
        }

        @Override
        void wrote(Daemon daemon, String text) {
            Optional<PeersFileText> file = PeersFileText.parse(text);
            if (file.isEmpty()) {
                throw violated("etcd cannot read what " + daemon + " wrote: " + text);
            }
            long since = world.time().now() - LOOK;
            if (!world.plan().dataSeen() || changedAt >= since || world.disturbedSince(since)) {
                return;
            }
            world.launcher().judge(daemon.machine, file.get()).refusal().ifPresent(why -> {
                throw violated("etcd refuses what " + daemon + " wrote: " + why + "\n" + text);
            });
        }
    }

    /** After all faults have stopped, the members are what the group wants within a bounded time. */
    static final class ConvergesInTheEnd extends Invariant {
        ConvergesInTheEnd(Simulation world) {
            super(world);
        }

        @Override
        void over() {
            boolean excused = world.plan().mode() != io.etcdaws.reconcile.ReconcileSettings.Mode.PERIODIC
                    || world.convergedFor() >= 0
                    || world.needsOperator();
            if (!excused) {
                List<String> last = new ArrayList<>();
                for (Machine machine : world.aws().machines()) {
                    machine.daemons.forEach(daemon -> last.add("\n  " + machine + ": "
                            + (daemon.last == null ? "nothing yet" : daemon.last.result())
                            + daemon.decision()
                                    .map(decision ->
                                            " <- " + decision.getClass().getSimpleName() + " " + decision.reason())
                                    .orElse("")));
                }
                throw violated("after " + Simulation.PATIENCE / Daemon.INTERVAL.toMillis() + " intervals: "
                        + world.notConverged() + String.join("", last));
            }
        }
    }
}
