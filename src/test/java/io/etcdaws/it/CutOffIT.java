package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Firewall.Cut;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Nodes whose packets, or the packets to them, are dropped. */
class CutOffIT extends PeriodicTest {
    @Test
    void aNodeThatIsCutOffStaysAMember() {
        LiveGroup live = formed(3);
        for (Cut cut : Cut.values()) {
            LabNode leader = live.leader();
            live.recorder().remark("cut " + cut + " " + leader.id());
            Firewall.cut(leader, cut);
            Pauses.sleep(LONG);
            assertEquals(3, live.recorder().members().size());
            Firewall.heal(leader);
            live.awaitConverged(SOON);
        }
        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }

    @Test
    void aDeadMemberIsRemovedWhileTheNodeThatLedIsCutOff() {
        LiveGroup live = formed(5);
        LabNode cut = live.leader();
        LabNode dead = live.follower();
        Firewall.cut(cut, Cut.BOTH);
        Pauses.sleep(Duration.ofSeconds(2));

        live.replace(dead);
        Awaitility.await("the dead member to be removed")
                .atMost(SOON)
                .until(() -> live.recorder().members().stream()
                        .noneMatch(member -> member.name().equals(dead.id())));
        Firewall.heal(cut);

        live.verify();
    }

    @Test
    void twoNodesThatAreCutOffInDifferentWaysStayMembers() {
        LiveGroup live = formed(5);
        LabNode one = live.leader();
        LabNode other = live.follower();
        Firewall.cut(one, Cut.OUTBOUND);
        Firewall.cut(other, Cut.INBOUND);
        Pauses.sleep(LONG);
        Firewall.heal(one);
        Firewall.heal(other);

        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }
}
