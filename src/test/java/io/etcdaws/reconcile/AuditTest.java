package io.etcdaws.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Rule;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditTest {
    @Test
    void isOneLineWithAllThatIsToBeKnown() {
        Audit audit = new Audit(
                Samples.T0,
                Samples.SELF,
                new Remove(Samples.C),
                List.of(Samples.A, Samples.B, Samples.C),
                List.of(Samples.A, Samples.B),
                Rule.REMOVE,
                "its instance\nis over",
                List.of("one", "two"),
                "changed: made through 10.0.0.1");
        String line = audit.toJson();
        assertFalse(line.contains("\n"), line);
        JsonObject json = JsonParser.parseString(line).getAsJsonObject();
        assertEquals(
                List.of("at", "who", "change", "before", "after", "rule", "why", "evidence", "outcome"),
                List.copyOf(json.keySet()));
        assertEquals("2026-01-01T12:00:00Z", json.get("at").getAsString());
        assertEquals(
                "{\"instance\":\"i-0000000a\",\"address\":\"10.0.0.1\",\"zone\":\"a\"}",
                json.get("who").toString());
        assertEquals("remove", json.getAsJsonObject("change").get("kind").getAsString());
        assertEquals(3, json.getAsJsonArray("before").size());
        assertEquals(2, json.getAsJsonArray("after").size());
        assertEquals("6", json.get("rule").getAsString());
        assertEquals(2, json.getAsJsonArray("evidence").size());
    }

    @Test
    void everyOutcomeBeginsWithItsWord() {
        assertEquals("changed: so", Audit.outcome(new ChangeOutcome.Changed(List.of(), "so")));
        assertEquals("refused: no", Audit.outcome(new ChangeOutcome.Refused("no", false)));
        assertEquals("locked: by i-2", Audit.outcome(new ChangeOutcome.Locked("i-2")));
        assertTrue(Audit.outcome(new ChangeOutcome.Overtaken(List.of())).startsWith("overtaken: "));
        assertEquals("uncertain: hm", Audit.outcome(new ChangeOutcome.Uncertain("hm")));
    }
}
