package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Machines and disks that fail, one or two at once: the members become the group again, and nothing is lost. */
class FaultIT extends PeriodicTest {
    @Test
    void twoOfFiveMachinesThatAreGoneAtOnceAreReplaced() {
        LiveGroup live = formed(5);
        LabNode leader = live.leader();
        LabNode follower = live.follower();

        live.terminate(leader);
        live.terminate(follower);
        live.join();
        live.join();

        live.verify();
    }

    @Test
    void aMachineThatHangsStaysAMemberAndGoesOn() {
        LiveGroup live = formed(3);
        LabNode leader = live.leader();

        leader.machine().freeze();
        Pauses.sleep(LONG);
        assertEquals(3, live.recorder().members().size());
        leader.machine().thaw();

        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }

    @Test
    void aMachineThatHangsAndIsTerminatedIsReplaced() {
        LiveGroup live = formed(3);
        LabNode hung = live.follower();

        hung.machine().freeze();
        Pauses.sleep(Duration.ofSeconds(2));
        live.replace(hung);

        live.verify();
    }

    @Test
    void aNodeWhoseDiskWasWipedComesBackAsAnotherMember() {
        LiveGroup live = formed(3);
        LabNode wiped = live.leader();
        live.mayLeave(wiped);

        wiped.machine().loseDisk();

        Awaitility.await("its place to be given up")
                .atMost(SOON)
                .until(() -> !live.recorder().transitions().isEmpty());
        live.verify();
    }

    @Test
    void aDiskIsWipedWhileAnotherMachineIsTerminated() {
        LiveGroup live = formed(5);
        LabNode wiped = live.leader();
        LabNode dead = live.follower();
        live.mayLeave(wiped);

        wiped.machine().loseDisk();
        live.replace(dead);

        Awaitility.await("both places to be given up")
                .atMost(SOON)
                .until(() -> live.recorder().transitions().size() >= 4);
        live.verify();
    }

    @Test
    void aQuorumThatIsLostForAWhileIsWaitedForAndNothingIsChanged() {
        LiveGroup live = formed(3);
        LabNode one = live.leader();
        LabNode other = live.follower();

        one.machine().powerOff();
        other.machine().powerOff();
        Pauses.sleep(LONG);
        one.machine().boot();
        other.machine().boot();

        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }
}
