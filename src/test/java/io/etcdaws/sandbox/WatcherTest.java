package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import io.etcdaws.sandbox.NodeSight.PastRound;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatcherTest {
    @Test
    void knowsARoundAgainWhoseTimesHaveMoved() {
        List<PastRound> first = rounds("2026-01-01T00:00:00.000001Z");
        assertEquals(
                List.of(
                        new PastRound(2, 7, "5a", "wait for the group to stay the same"),
                        new PastRound(2, 8, "", "AWS does not answer")),
                first);
        assertEquals(first, rounds("2026-01-01T00:00:00.000002Z"));
    }

    private static List<PastRound> rounds(String startedAt) {
        return Watcher.rounds(JsonParser.parseString("""
                        {"startedAt": "%1$s", "history": [
                          {"number": 8, "startedAt": "%1$s", "rule": "", "decision": "", "result": "AWS does not answer"},
                          {"number": 7, "startedAt": "%1$s", "rule": "5a", "decision": "wait for the group to stay the same"}
                        ]}""".formatted(startedAt)).getAsJsonObject(), 2);
    }
}
