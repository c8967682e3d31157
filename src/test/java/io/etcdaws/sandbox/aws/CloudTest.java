package io.etcdaws.sandbox.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloudTest {
    private Instant now = Instant.EPOCH;
    private final Cloud cloud = new Cloud("group", "127.77.0", 3, () -> now);

    @Test
    void launchesWhatIsMissingAndHoldsItInItsHook() {
        assertEquals(List.of("1 Pending pending", "2 Pending pending", "3 Pending pending"), after(0));
        assertEquals(List.of("1 Pending:Wait running", "2 Pending:Wait running", "3 Pending:Wait running"), after(2));
        cloud.complete(Cloud.LAUNCH_HOOK, "i-00000002", true);
        assertEquals(List.of("1 Pending:Wait running", "2 InService running", "3 Pending:Wait running"), after(2));
    }

    @Test
    void spreadsInstancesOverZonesAndGivesEachAnAddressOfItsOwn() {
        inService();
        assertEquals(
                List.of("127.77.0.1 us-east-1a", "127.77.0.2 us-east-1b", "127.77.0.3 us-east-1c"),
                cloud.instances().stream()
                        .map(it -> it.address() + " " + it.zone())
                        .toList());
    }

    @Test
    void replacesAnInstanceThatItRetiresAtOnceAndEndsItAfterItsHook() {
        inService();
        cloud.retire("i-00000002");
        assertEquals(
                List.of(
                        "1 InService running",
                        "2 Terminating:Wait running",
                        "3 InService running",
                        "4 Pending pending"),
                after(0));
        cloud.complete(Cloud.TERMINATE_HOOK, "i-00000002", true);
        assertEquals("2 Terminating:Proceed shutting-down", after(1).get(1));
        assertEquals("2  terminated", after(2).get(1));
    }

    @Test
    void listsALostInstanceUntilItNotices() {
        inService();
        cloud.lose("i-00000003");
        assertEquals("3 InService terminated", after(1).get(2));
        assertEquals("3  terminated", after(2).get(2));
    }

    @Test
    void scalesInByTheOldest() {
        inService();
        cloud.setDesired(2);
        assertEquals(List.of("1 Terminating:Wait running", "2 InService running", "3 InService running"), after(0));
        assertThrows(Refusal.class, () -> cloud.setDesired(10));
    }

    @Test
    void refreshesOneInstanceAfterTheOther() {
        inService();
        cloud.refresh();
        for (int round = 0; round < 20; round++) {
            long leaving = cloud.instances().stream()
                    .filter(it -> it.lifecycle().startsWith("Terminating"))
                    .count();
            assertEquals(true, leaving <= 1, "one at a time");
            completeAll();
            after(2);
        }
        assertEquals(false, cloud.refreshing());
        assertEquals(
                List.of("4 InService running", "5 InService running", "6 InService running"), after(0).subList(3, 6));
    }

    @Test
    void endsAnInstanceWhoseHookIsForgottenAndHoldsOneWithAHeartbeat() {
        after(0);
        after(2);
        now = now.plus(Cloud.HOOK_TIMEOUT).minusSeconds(1);
        cloud.heartbeat(Cloud.LAUNCH_HOOK, "i-00000001");
        assertEquals(List.of("1 Pending:Wait running", "2 Terminating:Proceed shutting-down"), after(1).subList(0, 2));
    }

    @Test
    void refusesActionsThatNoHookWaitsFor() {
        inService();
        Refusal refusal = assertThrows(Refusal.class, () -> cloud.complete(Cloud.TERMINATE_HOOK, "i-00000001", true));
        assertEquals("ValidationError", refusal.code());
        assertEquals("No active Lifecycle Action found with instance ID i-00000001", refusal.getMessage());
    }

    private void inService() {
        after(0);
        after(2);
        completeAll();
    }

    private void completeAll() {
        cloud.instances().forEach(instance -> {
            if (instance.lifecycle().endsWith(":Wait")) {
                boolean launch = instance.lifecycle().startsWith("Pending");
                cloud.complete(launch ? Cloud.LAUNCH_HOOK : Cloud.TERMINATE_HOOK, instance.id(), true);
            }
        });
    }

    private List<String> after(int seconds) {
        now = now.plus(Duration.ofSeconds(seconds));
        cloud.advance();
        return cloud.instances().stream()
                .map(instance -> instance.number() + " " + instance.lifecycle() + " " + instance.state())
                .toList();
    }
}
