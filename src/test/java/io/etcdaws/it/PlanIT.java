package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Plans tell what would be done, and do nothing. */
class PlanIT extends HurryingTest {
    @ParameterizedTest
    @ValueSource(strings = {"plan", "--dry-run", "--once --dry-run"})
    void tellsOfANewClusterWithoutWritingTheFile(String arguments) {
        LabNode node = groupOf(1).node(0);

        Result plan = node.run(arguments.split(" ", -1));

        assertEquals(0, plan.exitCode(), plan::toString);
        assertTrue(plan.stdout().contains("rule 5a"), plan::toString);
        assertTrue(plan.stdout().contains(node.id() + "=" + node.peerUrl()), plan::toString);
        assertFalse(Files.exists(node.peersFile()));
    }

    @Test
    void tellsOfAReplacementWithoutTouchingTheMembers() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.node(2).terminate();
        // It may have led.
        LabGroup.awaitHealthy(Etcd.V3_5, List.of(three.node(0), three.node(1)));
        LabNode joining = three.launch();

        Result plan = joining.run("plan", "--output", "json");

        assertEquals(0, plan.exitCode(), plan::toString);
        JsonObject json = JsonParser.parseString(plan.stdout()).getAsJsonObject();
        JsonObject decision = json.getAsJsonObject("decision");
        assertEquals("change-membership", decision.get("kind").getAsString(), plan::toString);
        assertEquals("6", decision.get("rule").getAsString(), plan::toString);
        assertTrue(decision.get("change").getAsString().contains(three.node(2).peerUrl()), plan::toString);
        assertTrue(json.has("observation"), plan::toString);
        assertEquals(3, LabGroup.members(Etcd.V3_5, three.node(0)).size());
        assertFalse(Files.exists(joining.peersFile()));
    }
}
