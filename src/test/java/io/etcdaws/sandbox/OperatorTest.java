package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.etcdaws.sandbox.Command.Deed;
import io.etcdaws.sandbox.Machine.EtcdState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OperatorTest {
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"RESUME", "HEAL"})
    void doesMostThingsToANodeThatRuns(Deed deed) {
        assertDoesNotThrow(() -> Operator.check(deed, Sights.node(1, true)));
    }

    @ParameterizedTest
    @CsvSource({"KILL, kill", "HANG, hang"})
    void doesNothingToAnEtcdThatIsDown(Deed deed, String verb) {
        NodeSight node = Sights.node(2, EtcdState.DOWN, false, "keep the peers file", "");
        assertEquals(
                "cannot " + verb + " etcd of node 2: it does not run",
                assertThrows(Misuse.class, () -> Operator.check(deed, node)).getMessage());
    }

    @ParameterizedTest
    @CsvSource({"RESUME, cannot resume etcd of node 1: it does not hang", "HEAL, cannot heal node 1: it is not cut off"
    })
    void undoesNothingThatWasNotDone(Deed deed, String message) {
        assertEquals(
                message,
                assertThrows(Misuse.class, () -> Operator.check(deed, Sights.node(1, true)))
                        .getMessage());
    }

    @Test
    void resumesAnEtcdThatHangs() {
        NodeSight node = Sights.node(2, EtcdState.HANGS, false, "keep the peers file", "");
        assertDoesNotThrow(() -> Operator.check(Deed.RESUME, node));
    }

    @Test
    void doesNothingToAMachineThatIsOff() {
        NodeSight node = new NodeSight(
                Sights.instance(4, "Pending"), Optional.empty(), false, Optional.empty(), Optional.empty(), List.of());
        assertEquals(
                "cannot wipe node 4: its machine does not run",
                assertThrows(Misuse.class, () -> Operator.check(Deed.WIPE, node))
                        .getMessage());
    }
}
