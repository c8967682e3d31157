package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.membership.Policy.JoinAs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rule 4, where a learner is in the way of a node that joins as one. */
class JoiningTest {
    @ParameterizedTest
    @CsvSource({
        "serving, serving, i-0000000d running in-group 1h 9, change, wait for others",
        // Not in reach of a quorum.
        "serving, serving no-quorum, i-0000000d running in-group 1h 9, wait for others, wait for others",
        // Somebody else's, as far as the group knows.
        "serving, serving, i-0000000d running outside 1h 9, wait for others, wait for others",
        // Only one of three voters is healthy: its vote would make the quorum larger.
        "serving no-quorum, serving, i-0000000d running in-group 1h 9, wait for others, wait for others"
    })
    void onlyTheOneShotModePromotesALearnerAndOnlyOneOfTheGroupThatServes(
            String others, String learner, String sighting, String once, String staying) {
        Scene scene = Scene.of("i-0000000e 10.0.0.5")
                .instances(
                        "i-0000000a 10.0.0.1 InService running",
                        "i-0000000b 10.0.0.2 InService running",
                        "i-0000000c 10.0.0.3 InService running",
                        "i-0000000e 10.0.0.5 InService running")
                .members(
                        "1 i-0000000a 10.0.0.1",
                        "2 i-0000000b 10.0.0.2",
                        "3 i-0000000c 10.0.0.3",
                        "4 i-0000000d 10.0.0.4 learner")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", others)
                .peer("10.0.0.3", others)
                .peer("10.0.0.4", learner)
                .peer("10.0.0.5", "not-serving")
                .sighting(4, sighting)
                .policy(asLearner());
        assertEquals(once, Golden.kind(scene.decide()), Golden.told(scene.decide()));
        assertEquals(
                staying,
                Golden.kind(scene.staying().decide()),
                Golden.told(scene.staying().decide()));
    }

    private static Policy asLearner() {
        Policy usual = Scene.policy();
        return new Policy(
                usual.role(),
                JoinAs.LEARNER,
                usual.stableMargin(),
                usual.removeAfter(),
                usual.confirmAfter(),
                usual.peerScheme(),
                usual.peerPort(),
                false,
                usual.clusterToken(),
                usual.staying());
    }
}
