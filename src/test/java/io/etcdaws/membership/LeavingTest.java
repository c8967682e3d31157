package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Notice.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rule 7a, at the edges that the scenarios leave open. */
class LeavingTest {
    private static final String A = "i-0000000a 10.0.0.1 InService running";
    private static final String B = "i-0000000b 10.0.0.2 InService running";
    private static final String C = "i-0000000c 10.0.0.3 InService running";

    /** A healthy cluster of three, led by the first node, which decides. */
    private static Scene scene(String... instances) {
        return Scene.of("i-0000000a 10.0.0.1")
                .settled()
                .data(DataDirectory.HOLDS_DATA)
                .mark("c1")
                .instances(instances)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving");
    }

    private static String kind(Scene scene) {
        return Golden.kind(scene.decide());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theOneShotModeKnowsOfNoNotice(Kind kind) {
        assertEquals("write new", kind(scene(A, B, C).notice(kind).policy(Scene.policy())));
    }

    @ParameterizedTest
    @CsvSource({"TERMINATING, change", "INTERRUPTED, change", "AT_RISK, move leadership"})
    void onlyAnEndMakesAMemberLeaveThatIsNeeded(Kind kind, String decided) {
        assertEquals(decided, kind(scene(A, B, C).notice(kind)));
    }

    @Test
    void aNodeAtRiskHandsOverOnceAndOneThatEndsWheneverItLeads() {
        assertEquals("converged", kind(scene(A, B, C).notice(Kind.AT_RISK).handedOver()));
        assertEquals(
                "move leadership",
                kind(scene(A, B, C)
                        .peer("10.0.0.3", "silent")
                        .notice(Kind.TERMINATING)
                        .handedOver()));
    }

    @Test
    void aNodeAtRiskChangesNothingInAGroupThatIsTakenDown() {
        assertEquals(
                "converged",
                kind(scene(A, B, C)
                        .desired(0)
                        .notice(Kind.AT_RISK)
                        .peer("10.0.0.1", "serving")
                        .peer("10.0.0.2", "serving leader")));
    }

    @ParameterizedTest
    @CsvSource({"1, change", "2, change", "3, move leadership"})
    void aNodeAtRiskLeavesOnlyWhereTheGroupHasItsVotersWithoutIt(int desired, String decided) {
        assertEquals(decided, kind(scene(A, B, C).desired(desired).notice(Kind.AT_RISK)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent", "not-serving", "rejected", "serving no-quorum"})
    void aVoterThatIsNotHealthyReplacesNobodyAtRisk(String seen) {
        // The three that are left would be a quorum with two.
        assertEquals(
                "move leadership",
                kind(scene(A, B, C, "i-0000000d 10.0.0.4 InService running")
                        .desired(3)
                        .members(
                                "1 i-0000000a 10.0.0.1",
                                "2 i-0000000b 10.0.0.2",
                                "3 i-0000000c 10.0.0.3",
                                "4 i-0000000d 10.0.0.4")
                        .peer("10.0.0.4", "serving")
                        .peer("10.0.0.3", seen)
                        .notice(Kind.AT_RISK)));
    }

    @Test
    void aVoterThatTheGroupDoesNotExpectReplacesNobodyAtRisk() {
        assertEquals(
                "move leadership",
                kind(scene(A, B, "i-0000000c 10.0.0.3 Terminating running")
                        .desired(2)
                        .notice(Kind.AT_RISK)));
    }

    @Test
    void aNodeAtRiskLeavesUnderTheGuardOfQuorumOnly() {
        // One healthy voter is all that the group wants, and not enough for the two voters that would be left.
        assertEquals(
                "move leadership",
                kind(scene(A, B, C).desired(1).notice(Kind.AT_RISK).peer("10.0.0.3", "silent")));
    }

    @Test
    void aVoterThatIsNotHealthyLeadsAfterNobody() {
        Decision decision =
                scene(A, B, C).notice(Kind.AT_RISK).peer("10.0.0.2", "silent").decide();
        assertEquals(
                "to i-0000000c (3 at http://10.0.0.3:2380)",
                Golden.change(decision).orElse(""));
    }

    @Test
    void afterTheLastByIdComesTheFirst() {
        Scene scene = Scene.of("i-0000000c 10.0.0.3")
                .settled()
                .data(DataDirectory.HOLDS_DATA)
                .instances(A, B, C)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
                .peer("10.0.0.1", "serving")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving leader")
                .notice(Kind.AT_RISK);
        assertEquals(
                "to i-0000000a (1 at http://10.0.0.1:2380)",
                Golden.change(scene.decide()).orElse(""));
    }

    @Test
    void aLearnerNeverLeads() {
        assertEquals(
                "hold terminating",
                kind(scene("i-0000000a 10.0.0.1 Terminating:Wait running", B)
                        .desired(2)
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2 learner")
                        .peer("10.0.0.3", "not-serving")
                        .notice(Kind.TERMINATING)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Terminating:Wait", "Warmed:Terminating:Wait"})
    void aHookIsCompletedWhereOneHoldsTheInstance(String lifecycle) {
        assertEquals(
                "complete terminating",
                kind(scene("i-0000000a 10.0.0.1 " + lifecycle + " running", B)
                        .members("2 i-0000000b 10.0.0.2")
                        .peer("10.0.0.1", "not-serving")
                        .peer("10.0.0.2", "serving leader")
                        .peer("10.0.0.3", "not-serving")
                        .notice(Kind.TERMINATING)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"InService", "Terminating", "Terminating:Proceed", "Pending:Wait"})
    void whereNoHookHoldsTheInstanceItsEndIsWaitedFor(String lifecycle) {
        assertEquals(
                "wait for others",
                kind(scene("i-0000000a 10.0.0.1 " + lifecycle + " running", B)
                        .members("2 i-0000000b 10.0.0.2")
                        .peer("10.0.0.1", "not-serving")
                        .peer("10.0.0.2", "serving leader")
                        .peer("10.0.0.3", "not-serving")
                        .notice(Kind.TERMINATING)));
    }

    @Test
    void aGroupThatDoesNotShowThisInstanceHoldsNothingUp() {
        assertEquals("change", kind(scene(B, C).notice(Kind.TERMINATING)));
    }

    @Test
    void whatTheMetadataSaidIsTold() {
        String told = Golden.told(scene(A, B, C).notice(Kind.TERMINATING).decide());
        assertTrue(told.contains("this instance's metadata: told so"), told);
    }
}
