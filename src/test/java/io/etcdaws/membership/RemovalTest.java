package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.Removal.NotYet;
import io.etcdaws.membership.Removal.Removable;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Member 3 of three, whose others serve, under every guard of rule 6. */
class RemovalTest {
    private final Scene scene = Scene.of("i-0000000d 10.0.0.4")
            .instances(
                    "i-0000000a 10.0.0.1 InService running",
                    "i-0000000b 10.0.0.2 InService running",
                    "i-0000000d 10.0.0.4 InService running")
            .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
            .peer("10.0.0.1", "serving leader")
            .peer("10.0.0.2", "serving")
            .peer("10.0.0.3", "silent");

    private String verdict() {
        Observation observation = scene.observation();
        if (!(ClusterFinder.find(observation) instanceof Quorate quorate)) {
            throw new AssertionError("no quorum");
        }
        ClusterView view = quorate.view();
        Removal.Verdict verdict = Removal.judge(view.members().get(2), view, observation, scene.thePolicy());
        if (verdict instanceof NotYet notYet) {
            return notYet.timePasses() ? "wait for time" : "wait for others";
        }
        return verdict instanceof Removable ? "remove" : "stays";
    }

    @ParameterizedTest
    @CsvSource({
        // Over for good: one read is enough.
        "i-0000000c terminated outside 0s 1, remove",
        "i-0000000c shutting-down in-group 0s 1, remove",
        // Not known to EC2: two reads over ten seconds.
        "i-0000000c not-found outside 10s 2, remove",
        "i-0000000c not-found outside 9s 2, wait for time",
        "i-0000000c not-found outside 1h 1, wait for time",
        "i-0000000c not-found in-group 1h 100, stays",
        // Stopped: remove-after.
        "i-0000000c stopped outside 60s 2, remove",
        // Silent while the machine runs: it may be cut off from us alone.
        "i-0000000c running outside 1h 99, stays",
        "i-0000000c stopping in-group 1h 99, stays",
        // A dark member of the group is only down.
        "i-0000000c running in-group 24h 999, stays",
        "i-0000000c pending in-group 24h 999, stays"
    })
    void theFateOfTheInstanceDecides(String sighting, String verdict) {
        scene.sighting(3, sighting);
        assertEquals(verdict, verdict());
    }

    @ParameterizedTest
    @CsvSource({
        "i-0000000c stopping in-group 59s 9, wait for time",
        "i-0000000c running outside 60s 2, remove",
        "i-0000000c running outside 59s 9, wait for time",
        "i-0000000c pending outside 1h 1, wait for time"
    })
    void aRunningMachineOutsideTheGroupMustRefuseConnections(String sighting, String verdict) {
        scene.peer("10.0.0.3", "not-serving").sighting(3, sighting);
        assertEquals(verdict, verdict());
    }

    @ParameterizedTest
    @CsvSource({"0, 8, wait for time", "0, 9, wait for time", "0, 10, remove", "1, 10, wait for time"})
    void anInstanceIsUnknownFromTheFirstReadToTheLastAndNotUntilNow(int first, int last, String verdict) {
        Instant start = scene.observation().now().minusSeconds(10);
        scene.sighting(
                3,
                new Sighting(
                        Optional.of(new InstanceId("i-0000000c")),
                        InstanceState.NOT_FOUND,
                        false,
                        start.plusSeconds(first),
                        start.plusSeconds(last),
                        2));
        assertEquals(verdict, verdict());
    }

    @ParameterizedTest
    @CsvSource({
        "silent, remove",
        "not-serving, remove",
        "serving, stays",
        "serving no-quorum, stays",
        "rejected, stays",
        "holds-data, stays",
        "holds-data cluster c2, stays",
        "forming, stays",
        // Another member answers there: this one does not.
        "serving as 9, remove"
    })
    void aMemberWhoseEtcdMayRunStaysThoughItsInstanceIsSaidToBeTerminated(String state, String verdict) {
        scene.sighting(3, "i-0000000c terminated outside 1h 99").peer("10.0.0.3", state);
        assertEquals(verdict, verdict());
    }

    @Test
    void aMemberWhoseInstanceNobodyLookedUpStays() {
        assertEquals("stays", verdict());
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "rejected", "not-serving", "serving no-quorum"})
    void theHealthyVotersThatAreLeftMustBeAQuorum(String other) {
        scene.sighting(3, "i-0000000c terminated outside 1h 99").peer("10.0.0.2", other);
        assertEquals("wait for others", verdict());
    }

    @ParameterizedTest
    @CsvSource({
        // Remove-after, since somebody may be adding a machine by hand.
        "- not-found outside 10s 2, wait for time",
        "- not-found outside 59s 9, wait for time",
        "- not-found outside 60s 2, remove",
        // There was an instance, and it is over.
        "i-0000000c terminated outside 0s 1, remove",
        "i-0000000c running in-group 24h 999, stays"
    })
    void aMemberThatNeverStartedWhereNoInstanceIsKnownIsGivenMoreTime(String sighting, String verdict) {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 unnamed 10.0.0.3")
                .sighting(3, sighting);
        assertEquals(verdict, verdict());
    }

    @Test
    void aForeignMemberStays() {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 onprem-1 10.0.0.3")
                .sighting(3, "- not-found outside 24h 999");
        assertEquals("stays", verdict());
    }

    @Test
    void aMemberNamedOtherwiseWhoseAddressLedToAnInstanceIsNotForeign() {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 etcd2 10.0.0.3")
                .sighting(3, "i-0000000c terminated outside 1m 2");
        assertEquals("remove", verdict());
    }

    @Test
    void aDeadLearnerCostsNoQuorum() {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3 learner")
                .sighting(3, "i-0000000c terminated outside 1m 2");
        assertEquals("remove", verdict());
        scene.peer("10.0.0.2", "silent");
        assertEquals("wait for others", verdict());
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 2", "3, 2", "4, 3", "5, 3", "6, 4", "7, 4"})
    void aQuorumIsMoreThanHalf(int voters, int quorum) {
        assertEquals(quorum, ClusterView.quorumOf(voters));
    }
}
