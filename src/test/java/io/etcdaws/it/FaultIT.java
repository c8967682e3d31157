package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Firewall.Cut;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Machines, disks and networks that fail, one or two at once: the members become the group again, and nothing is lost. */
class FaultIT extends PeriodicTest {
    /** Longer than any of the times after which a member may be removed. */
    private static final Duration LONG = Duration.ofSeconds(12);

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

    @ParameterizedTest
    @EnumSource(Cut.class)
    void aNodeThatIsCutOffStaysAMember(Cut cut) {
        LiveGroup live = formed(3);
        LabNode leader = live.leader();

        live.recorder().remark("cut " + cut + " " + leader.id());
        Firewall.cut(leader, cut);
        Pauses.sleep(LONG);
        assertEquals(3, live.recorder().members().size());
        Firewall.heal(leader);

        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }

    @Test
    void aNodeIsReplacedWhileAnotherIsCutOff() {
        LiveGroup live = formed(5);
        LabNode cut = live.leader();
        Firewall.cut(cut, Cut.BOTH);
        Pauses.sleep(Duration.ofSeconds(2));

        LabNode dead = live.running().stream()
                .filter(node -> node != cut)
                .findFirst()
                .orElseThrow();
        live.replace(dead);
        Awaitility.await("the dead member to be removed")
                .atMost(SOON)
                .until(() -> live.recorder().members().stream()
                        .noneMatch(member -> member.name().equals(dead.id())));
        Firewall.heal(cut);

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

    /** What AWS or the metadata can do that is no answer. */
    @ParameterizedTest
    @ValueSource(strings = {"throttled", "failing", "empty", "garbage", "hanging", "metadata"})
    void nothingIsChangedWhileAwsCannotBeBelieved(String fault) {
        LiveGroup live = formed(3);
        breakAws(live, fault);
        Pauses.sleep(LONG);
        assertEquals(List.of(), live.recorder().transitions());
        assertEquals(3, live.recorder().members().size());

        live.aws().delete("/lab/faults");
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok"));
        live.replace(live.follower());
        live.verify();
    }

    private static void breakAws(LiveGroup live, String fault) {
        EmulatedAws aws = live.aws();
        switch (fault) {
            case "throttled" -> aws.post("/lab/faults", Map.of("action", "*", "code", "Throttling", "status", 400));
            case "failing" -> aws.post("/lab/faults", Map.of("action", "*", "code", "InternalFailure", "status", 500));
            case "empty" -> aws.post("/lab/faults", Map.of("action", "*", "empty", true));
            case "garbage" -> aws.post("/lab/faults", Map.of("action", "*", "garbage", true));
            case "hanging" -> aws.post("/lab/faults", Map.of("action", "*", "hang", true));
            default -> aws.post("/lab/imds", Map.of("address", "*", "mode", "down"));
        }
    }

    @Test
    void twoInstancesThatTheGroupLosesAtOnceWithoutAWordOfEc2AreKept() {
        LiveGroup live = formed(5);
        LabNode one = live.node(3);
        LabNode other = live.node(4);

        one.pretend(Map.of("hidden", true));
        other.pretend(Map.of("hidden", true));
        Awaitility.await("the reason to be said").atMost(SOON).until(() -> live.running().stream()
                .anyMatch(node -> DaemonLogs.said(node, "has lost 2 instances at once")));
        Pauses.sleep(LONG);
        assertEquals(List.of(), live.recorder().transitions());
        assertEquals(5, live.recorder().members().size());

        one.pretend(Map.of("hidden", false));
        other.pretend(Map.of("hidden", false));
        live.verify();
        assertTrue(live.recorder().transitions().isEmpty());
    }
}
