package io.etcdaws.etcd;

import static io.etcdaws.etcd.FakeEtcd.endpoint;
import static io.etcdaws.etcd.FakeEtcd.member;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.Serving;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a leader hands over. */
class LeadershipTransferTest {
    private final FakeEtcd etcd = new FakeEtcd(3);

    private ChangeOutcome handOver() {
        return new LeadershipTransfer(etcd, member(2, false), etcd.view(), endpoint(1), Duration.ofSeconds(2))
                .run()
                .toCompletableFuture()
                .join();
    }

    private void probed(int leader) {
        etcd.probe = Optional.of(() -> CompletableFuture.completedFuture(new Serving(
                FakeEtcd.CLUSTER,
                new MemberId(1),
                etcd.list(),
                Optional.of(new MemberId(leader)),
                true,
                false,
                "3.5.16",
                2,
                9,
                Api.V3)));
    }

    @Test
    void asksTheLeaderAndTakesNoLock() {
        assertInstanceOf(Changed.class, handOver());
        assertEquals(List.of("10.0.0.1 hand over to 2"), etcd.log);
    }

    @Test
    void looksWhoLeadsWhenTheLeaderDoesNotSay() {
        etcd.handOverFailure = Optional.of(new EtcdException(Kind.TIMED_OUT, "hangs"));
        probed(2);
        assertInstanceOf(Changed.class, handOver());
    }

    @Test
    void isRefusedForNowIfTheOldLeaderStillLeads() {
        etcd.handOverFailure = Optional.of(new EtcdException(Kind.UNDECIDED, "leader transfer timed out"));
        probed(1);
        Refused refused = assertInstanceOf(Refused.class, handOver());
        assertFalse(refused.permanent());
        assertTrue(refused.message().contains("leader transfer timed out"), refused.message());
    }

    @Test
    void isRefusedForGoodWhereTheApiCannotDoIt() {
        etcd.handOverFailure =
                Optional.of(new EtcdException(Kind.UNSUPPORTED, "the v2 API does not hand leadership over"));
        probed(1);
        assertTrue(assertInstanceOf(Refused.class, handOver()).permanent());
    }
}
