package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of a settled node's upkeep, and its edges that the scenarios leave open. */
class UpkeepTest {
    private static final String[] GROUP = {
        "i-0000000a 10.0.0.1 InService running",
        "i-0000000b 10.0.0.2 InService running",
        "i-0000000c 10.0.0.3 InService running"
    };

    /** A healthy cluster of three, whose leader's node decides. */
    private static Scene scene(String... instances) {
        return Scene.of("i-0000000a 10.0.0.1")
                .settled()
                .data(DataDirectory.HOLDS_DATA)
                .instances(instances)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving");
    }

    private static void decides(String expected, Scene scene) {
        Decision decision = scene.decide();
        String rule = decision.reason().rule().number();
        assertEquals(expected, rule + " " + Golden.kind(decision), Golden.told(decision));
    }

    @Test
    void thisNodesOwnLaunchComesBeforeTheDead() {
        Scene scene = scene("i-0000000a 10.0.0.1 Pending:Wait running", GROUP[1])
                .mark("c1")
                .peer("10.0.0.3", "silent")
                .sighting(3, "i-0000000c terminated outside 0s 1");
        decides("7g complete launching", scene);
    }

    @ParameterizedTest
    @CsvSource({
        "serving index 9000, silent, 6 change",
        "serving index 9000, serving, 7c change",
        "serving index 10, serving, 7d change",
    })
    void theDeadGoBeforeLearnersAndLearnersInStepBeforeThoseThatAreStuck(String learner, String fifth, String decided) {
        decides(
                decided,
                scene(GROUP[0], GROUP[1], GROUP[2], "i-0000000d 10.0.0.4 InService running")
                        .mark("c1")
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3",
                                "4 i-0000000d 10.0.0.4 learner",
                                "5 i-0000000e 10.0.0.5")
                        .peer("10.0.0.1", "serving leader index 9000")
                        .peer("10.0.0.4", learner)
                        .peer("10.0.0.5", fifth)
                        .learnerIdle(4, Duration.ofHours(1))
                        .sighting(5, "i-0000000e terminated outside 0s 1"));
    }

    /** Member 3 is listed at an address that its instance no longer has. */
    private static Scene moved(String instance, String seen) {
        return scene(GROUP[0], GROUP[1], instance)
                .mark("c1")
                .peer("10.0.0.3", "silent")
                .peer("10.0.0.9", seen);
    }

    @ParameterizedTest
    @CsvSource({
        "i-0000000c 10.0.0.9 InService running, serving as 3, 7e change",
        // Of no quorum as it sees it, and still this very member.
        "i-0000000c 10.0.0.9 InService running, serving as 3 no-quorum, 7e change",
        "i-0000000c 10.0.0.9 InService running, serving as 3 no-quorum cluster c2, 7h wait for others",
        "i-0000000c 10.0.0.9 InService running, silent, 7h wait for others",
        "i-0000000c 10.0.0.9 Terminating:Wait running, serving as 3, 7h wait for others",
        // One of its names leads there.
        "i-0000000c 10.0.0.9 InService running 10.0.0.3, serving as 3, 7h wait for others"
    })
    void aPeerUrlIsCorrectedWhereTheMemberItselfAnswersAtItsInstance(String instance, String seen, String decided) {
        decides(decided, moved(instance, seen));
    }

    @Test
    void aMemberThatLeadsToItsInstanceUnderOneOfTwoUrlsIsNotCorrected() {
        decides(
                "7h converged",
                moved("i-0000000c 10.0.0.9 InService running", "serving as 3")
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3,10.0.0.9"));
    }

    @Test
    void aPeerUrlThatAnotherMemberHasIsNotGivenTwice() {
        decides(
                "7h wait for others",
                moved("i-0000000c 10.0.0.9 InService running", "serving as 3")
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3",
                                "9 i-0000000f 10.0.0.9 learner"));
    }

    @Test
    void aMemberThatNeverStartedIsNotCorrected() {
        decides(
                "7h wait for others",
                moved("i-0000000c 10.0.0.9 InService running", "serving as 3")
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3 never-started"));
    }

    @Test
    void aMarkOfThisVeryClusterIsNotWrittenAgainAtTheOperatorsWord() {
        Policy usual = Scene.staying(Scene.policy());
        decides(
                "7h converged",
                scene(GROUP)
                        .mark("c1")
                        .policy(new Policy(
                                usual.role(),
                                usual.joinAs(),
                                usual.stableMargin(),
                                usual.removeAfter(),
                                usual.confirmAfter(),
                                usual.peerScheme(),
                                usual.peerPort(),
                                true,
                                usual.clusterToken(),
                                usual.staying())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"not-serving", "silent", "serving no-quorum"})
    void aNodeWhoseOwnMemberIsNotHealthyKeepsNothingUp(String own) {
        decides(
                "2a write new",
                scene(GROUP[0], GROUP[1])
                        .peer("10.0.0.1", own)
                        .peer("10.0.0.2", "serving leader")
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3",
                                "4 i-0000000d 10.0.0.4")
                        .peer("10.0.0.4", "silent")
                        .sighting(4, "i-0000000d terminated outside 0s 1"));
    }

    @Test
    void aStuckLearnerIsNotRemovedByItsOwnNode() {
        decides(
                "7h wait for others",
                Scene.of("i-0000000c 10.0.0.3")
                        .settled()
                        .data(DataDirectory.HOLDS_DATA)
                        .mark("c1")
                        .instances(GROUP)
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3 learner")
                        .peer("10.0.0.1", "serving leader index 9000")
                        .peer("10.0.0.2", "serving")
                        .peer("10.0.0.3", "serving index 10")
                        .learnerIdle(3, Duration.ofHours(1))
                        .overdue("remove 3 for 1h"));
    }

    @Test
    void aWaitIsOneForTimeOnlyWhereTimeIsAllThatIsMissing() {
        String pending = "i-0000000c not-found outside 1s 1";
        decides(
                "7h wait for time",
                scene(GROUP[0], GROUP[1]).mark("c1").peer("10.0.0.3", "silent").sighting(3, pending));
        decides(
                "7h wait for others",
                scene(GROUP[0], GROUP[1], "i-0000000d 10.0.0.4 InService running")
                        .mark("c1")
                        .peer("10.0.0.3", "silent")
                        .sighting(3, pending));
    }

    @Test
    void aDeadMemberThatQuorumForbidsToRemoveIsWaitedFor() {
        decides(
                "7h wait for others",
                scene(GROUP[0])
                        .mark("c1")
                        .peer("10.0.0.2", "silent")
                        .peer("10.0.0.3", "silent")
                        .sighting(2, "i-0000000b not-found outside 1s 1")
                        .sighting(3, "i-0000000c terminated outside 1s 1"));
    }
}
