package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 7b: what confirms that a group has lost instances. */
class GroupLossTest {
    private static final InstanceId B = new InstanceId("i-0000000b");
    private static final InstanceId C = new InstanceId("i-0000000c");

    private static boolean confirmed(String b, String c) {
        return GroupLoss.confirmed(Map.of(B, Lines.sighting(b), C, Lines.sighting(c)), Scene.policy());
    }

    @ParameterizedTest
    @CsvSource({
        // Over for good: one look-up.
        "i-0000000b terminated outside 0s 1, true",
        "i-0000000b shutting-down outside 0s 1, true",
        // Anything else: the same for ten seconds, in two look-ups.
        "i-0000000b not-found outside 10s 2, true",
        "i-0000000b not-found outside 9s 2, false",
        "i-0000000b not-found outside 1h 1, false",
        "i-0000000b running outside 10s 2, true",
        "i-0000000b running outside 9s 9, false",
        "i-0000000b stopped outside 0s 1, false"
    })
    void aLossIsConfirmedByWhatDirectLookUpsSay(String sighting, boolean confirmed) {
        assertEquals(confirmed, confirmed(sighting, "i-0000000c terminated outside 0s 1"));
        assertEquals(confirmed, confirmed("i-0000000b terminated outside 0s 1", sighting));
    }

    @Test
    void whatWasNotLostNeedsNoConfirmation() {
        assertTrue(GroupLoss.confirmed(Map.of(), Scene.policy()));
    }

    /** Three of five are there, and the leader knows of two dead. */
    private static Scene scene() {
        return Scene.of("i-0000000a 10.0.0.1")
                .data(DataDirectory.HOLDS_DATA)
                .instances("i-0000000a 10.0.0.1 InService running")
                .desired(3)
                .members("1 i-0000000a 10.0.0.1")
                .peer("10.0.0.1", "serving leader")
                .lost("i-0000000b", "i-0000000b not-found outside 3s 2")
                .lost("i-0000000c", "i-0000000c running outside 0s 1");
    }

    @Test
    void everyLostInstanceIsNamedWithWhatIsKnownOfIt() {
        String told = Golden.told(scene().settled().decide());
        assertTrue(told.contains("has lost 2 instances at once"), told);
        assertTrue(told.contains("look-ups that say the same of i-0000000b, i-0000000c for 10 s"), told);
        assertTrue(told.contains("i-0000000b not known to EC2, outside the group, for 3.0 s in 2 look-ups"), told);
        assertTrue(told.contains("i-0000000c running, outside the group, for 0.0 s in 1 look-up"), told);
    }

    @Test
    void aNodeThatBootsGetsItsFileAllTheSame() {
        assertEquals("write new", Golden.kind(scene().staying().decide()));
        assertEquals(
                "write new",
                Golden.kind(scene().settled().policy(Scene.policy()).decide()));
    }

    @Test
    void twoClustersWithQuorumAreRefusedAllTheSame() {
        assertEquals(
                "refuse",
                Golden.kind(scene().settled()
                        .peer("10.0.0.9", "serving leader cluster c2 as 1")
                        .instances("i-0000000d 10.0.0.9 InService running")
                        .decide()));
    }

    @Test
    void dataWithoutQuorumOfSeveralClustersAreNoReasonToDecideEither() {
        assertEquals(
                "wait for time",
                Golden.kind(scene().settled()
                        .peer("10.0.0.1", "serving no-quorum")
                        .peer("10.0.0.9", "holds-data cluster c2")
                        .instances("i-0000000d 10.0.0.9 InService running")
                        .decide()));
    }
}
