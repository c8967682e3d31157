package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.membership.LifecycleState.Standing;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every state of the Auto Scaling API counts as expected, leaving or not there yet. */
class LifecycleStateTest {
    @ParameterizedTest
    @CsvSource({
        "Pending, EXPECTED",
        "Pending:Wait, EXPECTED",
        "Pending:Proceed, EXPECTED",
        "Quarantined, EXPECTED",
        "InService, EXPECTED",
        "EnteringStandby, EXPECTED",
        "Standby, EXPECTED",
        "ReplacingRootVolume, EXPECTED",
        "ReplacingRootVolume:Wait, EXPECTED",
        "ReplacingRootVolume:Proceed, EXPECTED",
        "RootVolumeReplaced, EXPECTED",
        "Terminating, LEAVING",
        "Terminating:Wait, LEAVING",
        "Terminating:Proceed, LEAVING",
        "Terminating:Retained, LEAVING",
        "Terminated, LEAVING",
        "Detaching, LEAVING",
        "Detached, LEAVING",
        "Warmed:Pending, NOT_YET",
        "Warmed:Pending:Wait, NOT_YET",
        "Warmed:Pending:Proceed, NOT_YET",
        "Warmed:Pending:Retained, NOT_YET",
        "Warmed:Terminating, NOT_YET",
        "Warmed:Terminating:Wait, NOT_YET",
        "Warmed:Terminating:Proceed, NOT_YET",
        "Warmed:Terminating:Retained, NOT_YET",
        "Warmed:Terminated, NOT_YET",
        "Warmed:Stopped, NOT_YET",
        "Warmed:Running, NOT_YET",
        "Warmed:Hibernated, NOT_YET",
        "SomethingOfTheFuture, EXPECTED"
    })
    void everyStateHasItsStanding(String state, Standing standing) {
        assertEquals(standing, new LifecycleState(state).standing());
    }

    @ParameterizedTest
    @EnumSource(
            value = InstanceState.class,
            names = {"SHUTTING_DOWN", "TERMINATED"})
    void anInstanceThatIsOverInEc2IsNotExpectedWhateverItsGroupSays(InstanceState state) {
        String name = state.name().toLowerCase(Locale.ROOT).replace('_', '-');
        assertFalse(Lines.instance("i-0000000a 10.0.0.1 InService " + name).expected());
    }

    @Test
    void aStoppedInstanceIsStillExpected() {
        assertEquals(
                true, Lines.instance("i-0000000a 10.0.0.1 InService stopped").expected());
    }
}
