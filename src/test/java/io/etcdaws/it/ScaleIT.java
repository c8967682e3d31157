package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Groups that grow, shrink and are replaced on purpose, and instances that are told that they end. */
class ScaleIT extends SharedGroupTest {
    ScaleIT() {
        super(3);
    }

    @BeforeAll
    void holdUpInstances() {
        live().holdsUpInstances();
    }

    /** Where nothing fails, a leader that was frozen by a busy machine is the worst that may happen. */
    private static void assertWritesWentOn(LiveGroup live) {
        Duration silence = live.writer().longestSilence();
        assertTrue(silence.compareTo(Duration.ofSeconds(5)) < 0, () -> "no write was acknowledged for " + silence);
    }

    @Test
    void aGroupGrowsFromThreeToFiveAndShrinksBack() {
        LiveGroup live = live();
        live.group().desire(5);

        LabNode fourth = live.join();
        LabNode fifth = live.join();
        live.awaitConverged(SOON);
        live.awaitInService(fourth);
        live.awaitInService(fifth);

        live.group().desire(3);
        LabNode leader = live.leader();
        LabNode other = live.follower();
        live.retire(leader);
        live.retire(other);
        live.awaitGone(leader);
        live.awaitGone(other);

        live.awaitConverged(SOON);
        assertWritesWentOn(live);
    }

    @Test
    void allNodesAreReplacedOneAfterAnotherByAnInstanceRefresh() {
        LiveGroup live = live();

        for (LabNode old : List.copyOf(live.running())) {
            LabNode fresh = live.join();
            live.awaitInService(fresh);
            live.retire(old);
            live.awaitGone(old);
        }

        live.awaitConverged(SOON);
        assertWritesWentOn(live);
    }

    @Test
    void aLaunchIsNotCompletedBeforeTheNodeIsAHealthyVoter() {
        LiveGroup live = live();
        live.group().desire(4);
        LabNode fresh = live.launched();

        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals("Pending:Wait", live.lifecycle(fresh));

        live.switchOn(fresh);
        live.awaitInService(fresh);
        assertTrue(live.recorder().healthyNodes().contains(fresh.id()));

        live.group().desire(3);
        live.retire(fresh);
        live.awaitGone(fresh);
    }

    @Test
    void anInstanceIsHeldForAsLongAsItsMemberMayNotLeave() {
        LiveGroup live = live();
        LabNode leaving = live.leader();
        LabNode hung = live.follower();
        hung.machine().freeze();
        live.retire(leaving);

        Awaitility.await("a heartbeat for the instance that waits")
                .atMost(SOON)
                .until(() -> live.aws().heartbeats().contains(leaving.id()));
        assertEquals("Terminating:Wait", live.lifecycle(leaving));
        assertEquals(3, live.recorder().members().size());

        hung.machine().thaw();
        live.awaitGone(leaving);
        live.join();
    }

    @Test
    void theMemberOfASpotInstanceThatIsToEndLeavesBeforeIt() {
        LiveGroup live = live();
        LabNode leaving = live.leader();
        live.mayLeave(leaving);
        leaving.pretend(Map.of("spot", Map.of("action", "terminate", "time", "2030-01-01T00:00:00Z")));

        live.awaitLeft(leaving);
        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals(2, live.recorder().members().size(), "it does not come back");

        live.terminate(leaving);
        live.join();
    }

    @Test
    void theLeaderOnAnInstanceAtRiskHandsOverAndLeavesWhenItsReplacementVotes() {
        LiveGroup live = live();
        LabNode leaving = live.leader();
        leaving.pretend(Map.of("rebalance", Map.of("noticeTime", "2030-01-01T00:00:00Z")));

        Awaitility.await("another leader")
                .atMost(SOON)
                .until(() -> !live.leader().equals(leaving));
        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals(3, live.recorder().members().size(), "without a replacement it stays");
        assertFalse(live.leader().equals(leaving));

        live.mayLeave(leaving);
        live.join();
        live.awaitLeft(leaving);
        live.terminate(leaving);
    }

    @Test
    void aRestartOfTheServiceNeverRemovesTheMember() {
        LiveGroup live = live();
        LabNode leader = live.leader();

        leader.machine().daemon().stop(Duration.ofSeconds(5));
        Pauses.sleep(Duration.ofSeconds(3));
        assertEquals(3, live.recorder().members().size());
        leader.machine().daemon().up();
        leader.machine().reboot();

        assertConvergedUnchanged();
    }
}
