package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An AWS that throttles, fails, is silent or lies, while the cluster is well. */
class AwsFaultIT extends PeriodicTest {
    private static final List<Map<String, Object>> FAULTS = List.of(
            Map.of("action", "*", "code", "Throttling", "status", 400),
            Map.of("action", "*", "code", "InternalFailure", "status", 500),
            Map.of("action", "*", "garbage", true),
            Map.of("action", "*", "hang", true),
            Map.of("action", "*", "empty", true),
            Map.of("action", "DescribeInstances", "empty", true));

    @Test
    void nothingIsChangedWhileAwsCannotBeBelieved() {
        LiveGroup live = formed(3);
        for (Map<String, Object> fault : FAULTS) {
            live.recorder().remark("AWS: " + fault);
            live.aws().post("/lab/faults", fault);
            Pauses.sleep(LONG);
            live.aws().delete("/lab/faults");
            assertEquals(List.of(), live.recorder().transitions(), () -> "with " + fault);
        }
        live.replace(live.follower());
        live.verify();
    }

    @Test
    void aMachineIsReplacedWhileAwsThrottles() {
        LiveGroup live = formed(3);
        LabNode dead = live.leader();
        live.aws()
                .post("/lab/faults", Map.of("action", "*", "code", "RequestLimitExceeded", "status", 503, "times", 40));
        live.replace(dead);
        live.verify();
    }

    @Test
    void nothingIsChangedWhileTheMetadataAreGoneAndADeadMemberIsStillRemoved() {
        LiveGroup live = formed(3);
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "down"));
        Pauses.sleep(LONG);
        assertEquals(List.of(), live.recorder().transitions());

        LabNode dead = live.follower();
        live.terminate(dead);
        Awaitility.await("the dead member to be removed")
                .atMost(SOON)
                .until(() -> live.recorder().members().size() == 2);
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok"));
        live.join();
        live.verify();
    }

    @Test
    void twoInstancesThatTheGroupLosesAtOnceWithoutAWordOfEc2AreKept() {
        LiveGroup live = formed(5);
        LabNode one = live.node(3);
        LabNode other = live.node(4);

        one.pretend(Map.of("hidden", true));
        other.pretend(Map.of("hidden", true));
        Awaitility.await("the reason to be said")
                .atMost(SOON)
                .until(() -> live.running().stream()
                        .anyMatch(node -> DaemonLogs.said(node, "has lost 2 instances at once")));
        Pauses.sleep(LONG);
        assertEquals(List.of(), live.recorder().transitions());

        one.pretend(Map.of("hidden", false));
        other.pretend(Map.of("hidden", false));
        live.verify();
        assertEquals(List.of(), live.recorder().transitions());
    }
}
