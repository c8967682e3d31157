package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** An AWS that throttles, fails, is silent or lies, while the cluster is well. */
class AwsFaultIT extends SharedGroupTest {
    private static final List<Map<String, Object>> FAULTS = List.of(
            Map.of("action", "*", "code", "Throttling", "status", 400),
            Map.of("action", "*", "code", "InternalFailure", "status", 500),
            Map.of("action", "*", "garbage", true),
            Map.of("action", "*", "hang", true),
            Map.of("action", "*", "empty", true),
            Map.of("action", "DescribeInstances", "empty", true));

    AwsFaultIT() {
        super(3);
    }

    @Test
    void nothingIsChangedWhileAwsCannotBeBelieved() {
        LiveGroup live = live();
        for (Map<String, Object> fault : FAULTS) {
            live.recorder().remark("AWS: " + fault);
            live.aws().post("/lab/faults", fault);
            Pauses.sleep(LONG);
            live.aws().delete("/lab/faults");
            assertEquals(List.of(), transitions(), () -> "with " + fault);
        }
        live.replace(live.follower());
    }

    @Test
    void aMachineIsReplacedWhileAwsThrottles() {
        LiveGroup live = live();
        LabNode dead = live.leader();
        live.aws()
                .post("/lab/faults", Map.of("action", "*", "code", "RequestLimitExceeded", "status", 503, "times", 40));
        live.replace(dead);
        live.awaitConverged(SOON);
        live.aws().delete("/lab/faults");
    }

    @Test
    void nothingIsChangedWhileTheMetadataAreGoneAndADeadMemberIsStillRemoved() {
        LiveGroup live = live();
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "down"));
        Pauses.sleep(LONG);
        assertEquals(List.of(), transitions());

        LabNode dead = live.follower();
        live.terminate(dead);
        Awaitility.await("the dead member to be removed")
                .atMost(SOON)
                .until(() -> live.recorder().members().size() == 2);
        live.aws().post("/lab/imds", Map.of("address", "*", "mode", "ok"));
        live.join();
    }
}
