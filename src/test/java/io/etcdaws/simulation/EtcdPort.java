package io.etcdaws.simulation;

import io.etcdaws.etcd.Call;
import io.etcdaws.etcd.EtcdClient;
import io.etcdaws.etcd.EtcdException;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.simulation.EtcdModel.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** How one copy of the program reaches the etcds: over a network that may be cut, lose, and take its time. */
final class EtcdPort implements EtcdClient {
    private static final PeerState SILENT = new PeerState.Silent("no answer");

    private final Simulation world;
    private final Daemon daemon;

    /** Whether a change of the membership has been begun, and not ended. */
    private boolean changing;

    EtcdPort(Simulation world, Daemon daemon) {
        this.world = world;
        this.daemon = daemon;
    }

    @Override
    public Call<PeerState> probe(Endpoint peer, Duration deadline) {
        CompletableFuture<PeerState> answer = new CompletableFuture<>();
        daemon.calls();
        if (changing) {
            daemon.changes();
        }
        long patience = deadline.toMillis() - 100;
        long there = world.weather().way();
        long back = world.weather().way();
        if (world.weather().loses() || there + back >= patience) {
            daemon.missed();
            world.time().after(patience, () -> complete(answer, SILENT));
        } else {
            world.time().after(there, () -> arrive(peer.address(), answer, back, patience - there));
        }
        return new Probing(answer);
    }

    /** A probe gets to an address. */
    private void arrive(Address to, CompletableFuture<PeerState> answer, long back, long patience) {
        PeerState seen = reachable(to) ? world.api().look(to) : SILENT;
        world.time().after(seen instanceof PeerState.Silent ? patience : back, () -> complete(answer, seen));
    }

    private record Probing(CompletionStage<PeerState> answer) implements Call<PeerState> {
        @Override
        public void cancel() {}

        @Override
        public String pending() {
            return "";
        }
    }

    @Override
    public CompletionStage<MemberList> members(Endpoint via, boolean quorumRead) {
        return ask(via.address(), () -> world.api().members(via.address(), quorumRead));
    }

    @Override
    public CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner) {
        return change(via.address(), new MembershipChange.Add(peerUrl, learner));
    }

    @Override
    public CompletionStage<List<Member>> remove(Endpoint via, MemberId member) {
        return change(via.address(), new MembershipChange.Remove(listed(via.address(), member)));
    }

    @Override
    public CompletionStage<List<Member>> promote(Endpoint via, MemberId member) {
        return change(via.address(), new MembershipChange.Promote(listed(via.address(), member)));
    }

    @Override
    public CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl) {
        return change(via.address(), new MembershipChange.Update(listed(via.address(), member), peerUrl));
    }

    /** The entry behind an id: the model's changes name members, etcd's calls only ids. */
    private Member listed(Address via, MemberId id) {
        return world.etcd().at(via).stream()
                .flatMap(process -> process.disk.members().stream())
                .filter(member -> member.id().equals(id))
                .findFirst()
                .orElseGet(() -> new Member(id, "", List.of(PeerUrl.parse("http://0.0.0.0:2380")), List.of(), false));
    }

    private CompletionStage<List<Member>> change(Address via, MembershipChange change) {
        InFlight flight = world.sent(daemon, change, via);
        Request request = new Request(daemon.toString(), change.toString(), daemon, flight.sentAt, flight);
        long until = world.time().now() + Daemon.CHANGE_TIMEOUT.toMillis();
        return this.<List<Member>>ask(via, () -> world.api().change(via, change, request, until))
                .whenComplete((list, failure) -> world.answered(flight));
    }

    @Override
    public CompletionStage<Void> moveLeader(Endpoint leader, MemberId target) {
        return ask(leader.address(), () -> world.api().moveLeader(leader.address(), target));
    }

    @Override
    public CompletionStage<LockAttempt> lock(Endpoint via, String holder) {
        changing = true;
        long until = world.time().now() + Daemon.CHANGE_TIMEOUT.toMillis();
        return ask(via.address(), () -> world.api().lock(via.address(), holder, request("lock"), until));
    }

    @Override
    public CompletionStage<Void> unlock(Endpoint via, Lock lock) {
        changing = false;
        long until = world.time().now() + Daemon.CHANGE_TIMEOUT.toMillis();
        return ask(via.address(), () -> world.api().unlock(via.address(), lock, request("unlock"), until));
    }

    private Request request(String what) {
        return new Request(daemon.toString(), what, daemon, world.time().now(), null);
    }

    private <T> CompletionStage<T> ask(Address to, Supplier<CompletableFuture<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (!daemon.calls()) {
            return answer;
        }
        if (changing) {
            daemon.changes();
        }
        world.time().after(Daemon.CHANGE_TIMEOUT.toMillis(), () -> fail(answer, Kind.TIMED_OUT, "no answer in time"));
        if (!world.weather().loses()) {
            world.time().after(world.weather().way(), () -> arrive(to, question, answer));
        }
        // A crash directly after something was sent is a step of its own.
        daemon.calls();
        return answer;
    }

    private <T> void arrive(Address to, Supplier<CompletableFuture<T>> question, CompletableFuture<T> answer) {
        if (!reachable(to)) {
            return;
        }
        EtcdProcess there = world.etcd().at(to).orElse(null);
        if (there == null) {
            reply(() -> fail(answer, Kind.CONNECTION_REFUSED, "connection refused"), 1);
        } else if (there.frozen) {
            world.whenThawed(there, () -> arrive(to, question, answer));
        } else {
            long back = world.weather().way();
            boolean lost = world.weather().loses();
            CompletionStage<T> asked = question.get();
            asked.whenComplete((value, failure) -> {
                if (!lost && reachable(to)) {
                    reply(() -> finish(answer, value, failure), back);
                }
            });
        }
    }

    private <T> void finish(CompletableFuture<T> answer, T value, Throwable failure) {
        daemon.hears(() -> {
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
    }

    private void reply(Runnable delivery, long way) {
        world.time().after(way, delivery);
    }

    private <T> void complete(CompletableFuture<T> answer, T value) {
        daemon.hears(() -> answer.complete(value));
    }

    private void fail(CompletableFuture<?> answer, Kind kind, String message) {
        if (!answer.isDone()) {
            daemon.hears(() -> answer.completeExceptionally(new EtcdException(kind, message)));
        }
    }

    private boolean reachable(Address to) {
        if (!world.network().connected(daemon.machine.address, to)) {
            return false;
        }
        Optional<Machine> there = world.machineAt(to);
        return there.isPresent() && there.get().runs();
    }
}
