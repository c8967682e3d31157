package io.etcdaws.etcd;

import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * What this program asks of etcd. Nothing blocks. Except for {@link #probe}, each call ends by itself after the change
 * time-out of the settings, with its connection closed, and fails with an {@link EtcdException}, possibly wrapped by the
 * stage it passed through ({@link EtcdException#of}).
 */
public interface EtcdClient {
    /** The key of the lock under which members are changed, in etcd's own key space (v2: below {@code /v2/keys/}). */
    String LOCK_KEY = "etcd-aws/membership-lock";

    /** For how long the lock is held at least. */
    Duration SHORTEST_LOCK = Duration.ofSeconds(15);

    /**
     * A member list as one member told it.
     *
     * @param cluster the cluster it is of
     * @param answeredBy the member that told it; empty if it does not say
     * @param members never empty
     * @param quorumRead whether the member asked a quorum before it answered; else it may be out of date
     */
    record MemberList(ClusterId cluster, Optional<MemberId> answeredBy, List<Member> members, boolean quorumRead) {
        public MemberList {
            members = List.copyOf(members);
        }
    }

    /**
     * The lock, held.
     *
     * @param api the API through which it was taken; v2 and v3 keys are apart
     * @param handle by which etcd knows it: the lease in v3, the index of the key in v2
     */
    record Lock(PeerState.Api api, String handle) {}

    /** How an attempt at the lock ended. */
    sealed interface LockAttempt {
        /** It is held now. It expires by itself in case this program does not live to release it. */
        record Taken(Lock lock) implements LockAttempt {}

        /** Someone else holds it. */
        record HeldBy(String holder) implements LockAttempt {}
    }

    /**
     * Looks at a peer's two ports. Never fails: what goes wrong is in the {@link PeerState}, as follows, and the answer is
     * there before the deadline, with whatever is known by then.
     *
     * <table>
     *   <caption>What the two ports say, and what is made of it</caption>
     *   <tr><th>client port</th><th>peer port: {@code not_decided}</th><th>tells a version</th><th>refused</th>
     *       <th>silent</th><th>rejects</th></tr>
     *   <tr><td>answers as a member</td><td>Serving</td><td>Serving</td><td>Serving</td><td>Serving</td><td>Serving</td></tr>
     *   <tr><td>answers, not in time</td><td>Silent</td><td>Silent</td><td>Silent</td><td>Silent</td><td>Silent</td></tr>
     *   <tr><td>connects, mute</td><td>Forming</td><td>HoldsData</td><td>Silent</td><td>Silent</td><td>Rejected</td></tr>
     *   <tr><td>no connection</td><td>Forming</td><td>Rejected</td><td>Silent</td><td>Silent</td><td>Rejected</td></tr>
     *   <tr><td>refused</td><td>Forming</td><td>Rejected</td><td>NotServing</td><td>Silent</td><td>Rejected</td></tr>
     *   <tr><td>rejects</td><td>Rejected</td><td>Rejected</td><td>Rejected</td><td>Rejected</td><td>Rejected</td></tr>
     * </table>
     *
     * <p>Only two refusals are {@code NotServing}. A client port that cannot be reached beside a peer port that tells a
     * version may belong to a member that serves well behind a filter or on another port: Rejected, never HoldsData. No
     * etcd without a decided version has ever had quorum, so Forming needs no client port.
     *
     * @param deadline how long the answer may take
     */
    Call<PeerState> probe(Endpoint peer, Duration deadline);

    /**
     * The member list.
     *
     * @param via who is asked
     * @param quorumRead whether it must come from a quorum, where etcd can do that (3.5 and later, v3); the answer says
     *     whether it did
     */
    CompletionStage<MemberList> members(Endpoint via, boolean quorumRead);

    /**
     * Adds a member.
     *
     * @return the member list afterwards
     */
    CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner);

    /**
     * Removes a member for good.
     *
     * @param via another member than that
     * @return the member list afterwards
     */
    CompletionStage<List<Member>> remove(Endpoint via, MemberId member);

    /**
     * Gives a learner its vote.
     *
     * @return the member list afterwards
     */
    CompletionStage<List<Member>> promote(Endpoint via, MemberId member);

    /**
     * Replaces a voter's peer URLs by one. Never to be called for a learner: etcd would give it a vote by that (up to 3.5.30
     * and 3.6.11).
     *
     * @return the member list afterwards
     */
    CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl);

    /**
     * Hands leadership over.
     *
     * @param leader the present leader; nobody else can do it
     * @param target the voter that is to lead
     */
    CompletionStage<Void> moveLeader(Endpoint leader, MemberId target);

    /** For how long the lock is held, counted from when it was asked for, unless it is released. */
    default Duration lockLasts() {
        return SHORTEST_LOCK;
    }

    /**
     * Tries once to take the lock for changes of the membership. It expires in time by itself, but not before {@link
     * #lockLasts} has passed.
     *
     * @param holder what others are told of who holds it
     */
    CompletionStage<LockAttempt> lock(Endpoint via, String holder);

    /** Releases the lock, if it is still held. */
    CompletionStage<Void> unlock(Endpoint via, Lock lock);
}
