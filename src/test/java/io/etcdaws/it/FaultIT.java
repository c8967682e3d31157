package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Firewall.Cut;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Machines, disks and networks that fail in a group of three: the members become the group again, and nothing is lost. */
class FaultIT extends SharedGroupTest {
    FaultIT() {
        super(3);
    }

    @Test
    void aMachineThatHangsStaysAMemberAndGoesOn() {
        LiveGroup live = live();
        LabNode leader = live.leader();

        leader.machine().freeze();
        Pauses.sleep(LONG);
        assertEquals(3, live.recorder().members().size());
        leader.machine().thaw();

        assertConvergedUnchanged();
    }

    @Test
    void aMachineThatHangsAndIsTerminatedIsReplaced() {
        LiveGroup live = live();
        LabNode hung = live.follower();

        hung.machine().freeze();
        Pauses.sleep(Duration.ofSeconds(2));
        live.replace(hung);
    }

    @Test
    void aNodeWhoseDiskWasWipedComesBackAsAnotherMember() {
        LiveGroup live = live();
        LabNode wiped = live.leader();
        live.mayLeave(wiped);

        wiped.machine().loseDisk();

        Awaitility.await("its place to be given up")
                .atMost(SOON)
                .until(() -> !transitions().isEmpty());
    }

    @Test
    void aQuorumThatIsLostForAWhileIsWaitedForAndNothingIsChanged() {
        LiveGroup live = live();
        LabNode one = live.leader();
        LabNode other = live.follower();

        one.machine().powerOff();
        other.machine().powerOff();
        Pauses.sleep(LONG);
        one.machine().boot();
        other.machine().boot();

        assertConvergedUnchanged();
    }

    @Test
    void aNodeThatIsCutOffStaysAMember() {
        LiveGroup live = live();
        for (Cut cut : Cut.values()) {
            LabNode leader = live.leader();
            live.recorder().remark("cut " + cut + " " + leader.id());
            Firewall.cut(leader, cut);
            Pauses.sleep(LONG);
            assertEquals(3, live.recorder().members().size());
            Firewall.heal(leader);
            live.awaitConverged(SOON);
        }
        assertConvergedUnchanged();
    }
}
