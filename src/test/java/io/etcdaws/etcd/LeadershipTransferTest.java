package io.etcdaws.etcd;

import static io.etcdaws.etcd.FakeEtcd.endpoint;
import static io.etcdaws.etcd.FakeEtcd.member;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.MemberId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeadershipTransferTest {
    private final FakeEtcd etcd = new FakeEtcd(3);
    private final List<Duration> pauses = new ArrayList<>();

    @Test
    void looksAtTheVoterHandsOverAndReadsBackWithoutTheLock() {
        Changed outcome = assertInstanceOf(Changed.class, run(transfer(2)));
        assertEquals(etcd.list(), outcome.after());
        assertEquals(List.of("10.0.0.1 hand over to 2"), etcd.log);
        assertEquals(new MemberId(2), etcd.leads);
        assertEquals(List.of(), pauses);
    }

    @Test
    void nothingMovesToAVoterThatDoesNotServeNow() {
        etcd.frozen.add("10.0.0.2");
        Refused outcome = assertInstanceOf(Refused.class, run(transfer(2)));
        assertFalse(outcome.permanent());
        assertTrue(outcome.message().contains("10.0.0.2 hangs"), outcome.message());
        assertEquals(List.of(), etcd.log);
    }

    @Test
    void nothingMovesToALearner() {
        etcd.put(member(4, true));
        assertInstanceOf(Refused.class, run(transfer(4)));
        assertEquals(List.of(), etcd.log);
    }

    @Test
    void isDoneIfItLeadsAlready() {
        LeadershipTransfer transfer = transfer(2);
        etcd.leads = new MemberId(2);
        assertInstanceOf(Changed.class, run(transfer));
        assertEquals(List.of(), etcd.log);
    }

    @Test
    void isRefusedButNeverForGoodWhereEtcdCannotDoIt() {
        etcd.movesTakeEffect = false;
        for (Kind kind : List.of(Kind.UNSUPPORTED, Kind.NOT_NOW, Kind.DENIED)) {
            etcd.moveFailure = Optional.of(new EtcdException(kind, "etcd says " + kind));
            Refused outcome = assertInstanceOf(Refused.class, run(transfer(2)));
            assertFalse(outcome.permanent());
            assertTrue(outcome.message().contains("etcd says " + kind), outcome.message());
        }
        assertEquals(List.of(), pauses);
    }

    @Test
    void afterATimeOutTheMembersTellWhoLeads() {
        etcd.moveFailure = Optional.of(new EtcdException(Kind.TIMED_OUT, "hangs"));
        assertInstanceOf(Changed.class, run(transfer(2)));
        etcd.movesTakeEffect = false;
        assertTrue(assertInstanceOf(Refused.class, run(transfer(3))).message().contains("hangs"));
        assertEquals(List.of(LockedChange.LONGER_THAN_AN_ELECTION, LockedChange.LONGER_THAN_AN_ELECTION), pauses);
    }

    @Test
    void isUncertainIfNobodyTellsWhoLeads() {
        etcd.moveFailure = Optional.of(new EtcdException(Kind.BROKEN, "broke"));
        etcd.beforeMove = () -> etcd.frozen.addAll(List.of("10.0.0.1", "10.0.0.2"));
        assertInstanceOf(Uncertain.class, run(transfer(2)));
    }

    @Test
    void whatWasGivenUpIsNeverSent() {
        LeadershipTransfer transfer = transfer(2);
        assertTrue(transfer.abandon());
        assertInstanceOf(Refused.class, run(transfer));
        assertEquals(List.of(), etcd.log);
    }

    private LeadershipTransfer transfer(int to) {
        return new LeadershipTransfer(
                etcd,
                this::pause,
                etcd.members.getOrDefault(new MemberId(to), member(to, false)),
                etcd.view(),
                endpoint(1),
                Duration.ofSeconds(2));
    }

    private static ChangeOutcome run(LeadershipTransfer transfer) {
        CompletableFuture<ChangeOutcome> outcome = transfer.run().toCompletableFuture();
        assertTrue(outcome.isDone());
        return outcome.join();
    }

    private CompletableFuture<Void> pause(Duration duration) {
        pauses.add(duration);
        return CompletableFuture.runAsync(() -> {}, Runnable::run);
    }
}
