package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdClient.Lock;
import io.etcdaws.etcd.EtcdClient.LockAttempt;
import io.etcdaws.etcd.EtcdClient.MemberList;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** One of etcd's two APIs at one member, within one {@link Conversation}. Methods as in {@link EtcdClient}. */
interface MembersApi {
    /**
     * How a member is spoken to.
     *
     * @param api the API
     * @param prefix what the paths of the v3 gateway begin with; empty in v2
     * @param version the member's version
     */
    record Dialect(PeerState.Api api, String prefix, EtcdVersion version) {
        /** Whether a member list can be asked for that a quorum has confirmed. */
        boolean readsThroughQuorum() {
            return api == PeerState.Api.V3 && version.atLeast(3, 5);
        }
    }

    /**
     * What a member says of itself, without asking others.
     *
     * @param term its raft term; 0 if the API does not tell
     * @param index its applied raft index; 0 if the API does not tell
     */
    record Status(
            ClusterId cluster, MemberId self, Optional<MemberId> leader, boolean learner, long term, long index) {}

    Dialect dialect();

    CompletionStage<Status> status();

    CompletionStage<MemberList> members(boolean quorumRead);

    CompletionStage<List<Member>> add(PeerUrl peerUrl, boolean learner);

    CompletionStage<List<Member>> remove(MemberId member);

    CompletionStage<List<Member>> promote(MemberId member);

    CompletionStage<List<Member>> update(MemberId member, PeerUrl peerUrl);

    CompletionStage<Void> moveLeader(MemberId target);

    CompletionStage<LockAttempt> lock(String holder, Duration timeToLive);

    CompletionStage<Void> unlock(Lock lock);
}
