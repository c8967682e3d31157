package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Firewall.Cut;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Two of five nodes that fail at once: the members become the group again, and nothing is lost. */
class TwoFaultsIT extends SharedGroupTest {
    TwoFaultsIT() {
        super(5);
    }

    @Test
    void twoOfFiveMachinesThatAreGoneAtOnceAreReplaced() {
        LiveGroup live = live();
        LabNode leader = live.leader();
        LabNode follower = live.follower();

        live.terminate(leader);
        live.terminate(follower);
        live.join();
        live.join();
    }

    @Test
    void aDiskIsWipedWhileAnotherMachineIsTerminated() {
        LiveGroup live = live();
        LabNode wiped = live.leader();
        LabNode dead = live.follower();
        live.mayLeave(wiped);

        wiped.machine().loseDisk();
        live.replace(dead);

        Awaitility.await("both places to be given up")
                .atMost(SOON)
                .until(() -> transitions().size() >= 4);
    }

    @Test
    void aDeadMemberIsRemovedWhileTheNodeThatLedIsCutOff() {
        LiveGroup live = live();
        LabNode cut = live.leader();
        LabNode dead = live.follower();
        Firewall.cut(cut, Cut.BOTH);
        Pauses.sleep(Duration.ofSeconds(2));

        live.replace(dead);
        live.awaitLeft(dead);
        Firewall.heal(cut);
    }

    @Test
    void twoNodesThatAreCutOffInDifferentWaysStayMembers() {
        LiveGroup live = live();
        LabNode one = live.leader();
        LabNode other = live.follower();
        Firewall.cut(one, Cut.OUTBOUND);
        Firewall.cut(other, Cut.INBOUND);
        Pauses.sleep(LONG);
        Firewall.heal(one);
        Firewall.heal(other);

        assertConvergedUnchanged();
    }

    @Test
    void twoInstancesThatTheGroupLosesAtOnceWithoutAWordOfEc2AreKept() {
        LiveGroup live = live();
        LabNode one = live.leader();
        LabNode other = live.follower();

        one.pretend(Map.of("hidden", true));
        other.pretend(Map.of("hidden", true));
        Awaitility.await("the reason to be said")
                .atMost(SOON)
                .until(() -> live.running().stream()
                        .anyMatch(node -> DaemonLogs.said(node, "has lost 2 instances at once")));
        Pauses.sleep(LONG);
        assertEquals(List.of(), transitions());

        one.pretend(Map.of("hidden", false));
        other.pretend(Map.of("hidden", false));
        assertConvergedUnchanged();
    }
}
