package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A dead member 5 of five voters and a learner, led by member 2: who removes it, and when. */
class TurnTest {
    private static Scene scene(String self) {
        return Scene.of(self)
                .settled()
                .mark("c1")
                .data(DataDirectory.HOLDS_DATA)
                .instances(
                        "i-0000000a 10.0.0.1 InService running",
                        "i-0000000b 10.0.0.2 InService running",
                        "i-0000000c 10.0.0.3 InService running",
                        "i-0000000d 10.0.0.4 InService running",
                        "i-0000000f 10.0.0.6 InService running")
                .members(
                        "1 i-0000000a 10.0.0.1",
                        "2 i-0000000b 10.0.0.2",
                        "3 i-0000000c 10.0.0.3 learner",
                        "4 i-0000000d 10.0.0.4",
                        "5 i-0000000e 10.0.0.5",
                        "6 i-0000000f 10.0.0.6")
                .peer("10.0.0.1", "serving")
                .peer("10.0.0.2", "serving leader")
                .peer("10.0.0.3", "serving")
                .peer("10.0.0.4", "serving")
                .peer("10.0.0.5", "silent")
                .peer("10.0.0.6", "serving")
                .sighting(5, "i-0000000e terminated outside 0s 1");
    }

    private static void decides(String expected, Scene scene) {
        Decision decision = scene.decide();
        String change = Golden.change(decision).orElseGet(() -> Golden.told(decision));
        assertEquals(expected, Golden.kind(decision) + ": " + change.replaceAll(" \\(.*", ""));
    }

    @Test
    void theNodeThatHostsTheLeaderActsAtOnce() {
        decides("change: remove i-0000000e", scene("i-0000000b 10.0.0.2"));
    }

    @ParameterizedTest
    @CsvSource({
        // Ten seconds for each rank: the voters by id, without the leader, then the learner.
        "i-0000000a 10.0.0.1, 9s, false",
        "i-0000000a 10.0.0.1, 10s, true",
        "i-0000000d 10.0.0.4, 19s, false",
        "i-0000000d 10.0.0.4, 20s, true",
        "i-0000000f 10.0.0.6, 29s, false",
        "i-0000000f 10.0.0.6, 30s, true",
        "i-0000000c 10.0.0.3, 39s, false",
        "i-0000000c 10.0.0.3, 40s, true"
    })
    void theOthersTakeOverOneAfterAnother(String self, String due, boolean acts) {
        decides(
                acts ? "change: remove i-0000000e" : "leave to other: node of i-0000000b: remove i-0000000e",
                scene(self).overdue("remove 5 for " + due));
    }

    @Test
    void aVoterThatIsNotHealthyHasNoRank() {
        decides(
                "change: remove i-0000000e",
                scene("i-0000000d 10.0.0.4").peer("10.0.0.1", "not-serving").overdue("remove 5 for 10s"));
    }

    @ParameterizedTest
    @CsvSource({"remove 1 for 1h", "promote 3 for 1h", "update 5 10.0.0.9 for 1h"})
    void onlyTheVeryChangeCountsThatIsOverdue(String other) {
        decides(
                "leave to other: node of i-0000000b: remove i-0000000e",
                scene("i-0000000a 10.0.0.1").overdue(other));
    }

    @Test
    void withoutAnythingOverdueNobodyTakesOver() {
        decides("leave to other: node of i-0000000b: remove i-0000000e", scene("i-0000000a 10.0.0.1"));
    }

    /** One that the group does not expect, whatever it hosts. */
    private static Scene outside() {
        return Scene.of("i-0000000a 10.0.0.1")
                .settled()
                .mark("c1")
                .data(DataDirectory.HOLDS_DATA)
                .instances("i-0000000a 10.0.0.1 Terminating:Wait running", "i-0000000b 10.0.0.2 InService running")
                .desired(2)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "silent")
                .sighting(3, "i-0000000c terminated outside 0s 1");
    }

    @Test
    void aNodeThatTheGroupDoesNotExpectHasNoTurnThoughItHostsTheLeader() {
        decides("leave to other: node of i-0000000b: remove i-0000000c", outside());
    }

    @Test
    void whereTheGroupDoesNotHoldTheLeadersNodeTheNextActsAtOnce() {
        decides(
                "change: remove i-0000000c",
                Scene.of("i-0000000b 10.0.0.2")
                        .settled()
                        .mark("c1")
                        .data(DataDirectory.HOLDS_DATA)
                        .instances("i-0000000b 10.0.0.2 InService running", "i-0000000d 10.0.0.4 InService running")
                        .desired(2)
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3",
                                "4 i-0000000d 10.0.0.4")
                        .peer("10.0.0.1", "serving leader")
                        .peer("10.0.0.2", "serving")
                        .peer("10.0.0.3", "silent")
                        .peer("10.0.0.4", "serving")
                        .sighting(1, "i-0000000a running outside 0s 1")
                        .sighting(3, "i-0000000c terminated outside 0s 1"));
    }

    @Test
    void aNodeThatTheGroupDoesNotExpectDoesNotTakeOver() {
        decides(
                "leave to other: node of i-0000000b: remove i-0000000c",
                outside()
                        .peer("10.0.0.1", "serving")
                        .peer("10.0.0.2", "serving leader")
                        .overdue("remove 3 for 1h"));
    }

    @Test
    void whereNobodyElseIsHealthyTheChangeIsWaitedFor() {
        Scene alone = Scene.of("i-0000000a 10.0.0.1")
                .settled()
                .mark("c1")
                .data(DataDirectory.HOLDS_DATA)
                .instances("i-0000000a 10.0.0.1 Terminating:Wait running")
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2 learner")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "silent")
                .sighting(2, "i-0000000b terminated outside 0s 1");
        assertEquals("wait for others", Golden.kind(alone.decide()), Golden.told(alone.decide()));
    }
}
