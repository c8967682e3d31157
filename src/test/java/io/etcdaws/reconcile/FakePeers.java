package io.etcdaws.reconcile;

import io.etcdaws.etcd.Call;
import io.etcdaws.etcd.EtcdClient;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Peers that answer a probe when the test has them answer, and nothing but probes. For a single thread. */
final class FakePeers implements EtcdClient {
    private final Map<Address, PeerState> states = new HashMap<>();
    private final Map<Address, CompletableFuture<PeerState>> waiting = new HashMap<>();

    /** Whether it fails where it must not. */
    boolean breaks;

    /** Who was asked, in that order. */
    final List<String> asked = new ArrayList<>();

    /** Whose probes were given up, or had nothing left to close when they ended. */
    final List<String> closed = new ArrayList<>();

    /** The peer answers so: now if it was asked already, and each time that it is asked from now on. */
    void answer(int number, PeerState state) {
        Address address = Samples.address(number);
        states.put(address, state);
        CompletableFuture<PeerState> asking = waiting.remove(address);
        if (asking != null) {
            asking.complete(state);
        }
    }

    @Override
    public Call<PeerState> probe(Endpoint peer, Duration deadline) {
        if (breaks) {
            throw new IllegalStateException("unforeseen");
        }
        asked.add(peer.toString());
        CompletableFuture<PeerState> answer = new CompletableFuture<>();
        PeerState state = states.get(peer.address());
        if (state == null) {
            waiting.put(peer.address(), answer);
        } else {
            answer.complete(state);
        }
        return new Call<>() {
            @Override
            public CompletionStage<PeerState> answer() {
                return answer;
            }

            @Override
            public void cancel() {
                closed.add(peer.toString());
            }

            @Override
            public String pending() {
                return "";
            }
        };
    }

    @Override
    public CompletionStage<MemberList> members(Endpoint via, boolean quorumRead) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<List<Member>> remove(Endpoint via, MemberId member) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<List<Member>> promote(Endpoint via, MemberId member) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<Void> moveLeader(Endpoint leader, MemberId target) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<LockAttempt> lock(Endpoint via, String holder) {
        throw onlyProbes();
    }

    @Override
    public CompletionStage<Void> unlock(Endpoint via, Lock lock) {
        throw onlyProbes();
    }

    private static AssertionError onlyProbes() {
        return new AssertionError("who observes asks for nothing but probes");
    }
}
