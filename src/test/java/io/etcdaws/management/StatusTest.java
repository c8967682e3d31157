package io.etcdaws.management;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.management.Health.Verdict;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.Transition;
import io.etcdaws.reconcile.Audit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StatusTest {
    private static final Verdict READY = new Verdict(true, List.of());

    private final HandClock clock = new HandClock();
    private final Status status = new Status(clock, "1.2.3", Role.MEMBER);

    @Test
    void isThereBeforeTheFirstRound() {
        clock.forward(Duration.ofSeconds(3));
        JsonObject json = json();
        assertEquals("1.2.3", json.get("version").getAsString());
        assertEquals("member", json.get("role").getAsString());
        assertEquals("2026-01-01T12:00:00Z", json.get("startedAt").getAsString());
        assertEquals("2026-01-01T12:00:03Z", json.get("now").getAsString());
        assertFalse(json.has("observation"));
        assertTrue(page().contains("The first round is not over yet."));
    }

    @Test
    void tellsTheDecisionInFullWithItsWayOut() {
        status.ended(Sights.round(
                7, Sights.healthy(), Sights.refusal(), new Condition(Condition.Kind.FEW_ZONES, "one zone", "use two")));
        JsonObject json = json();
        JsonObject decision = json.getAsJsonObject("decision");
        assertEquals("refuse", decision.get("kind").getAsString());
        assertEquals("5b", decision.get("rule").getAsString());
        assertEquals("so it is", decision.get("why").getAsString());
        assertEquals("start the others", decision.get("wayOut").getAsString());
        assertEquals(1, decision.getAsJsonArray("evidence").size());
        assertEquals(
                "2026-01-01T12:00:32Z",
                json.getAsJsonObject("round").get("nextAt").getAsString());
        assertEquals(
                "{\"kind\":\"few-zones\",\"message\":\"one zone\",\"wayOut\":\"use two\"}",
                json.getAsJsonArray("conditions").get(0).toString());
        assertEquals(
                "i-0000000a",
                json.getAsJsonObject("observation").get("instance").getAsString());
    }

    @Test
    void aRoundThatSawNothingLeavesWhatWasSeenLast() {
        status.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        status.ended(Sights.failed(2));
        JsonObject json = json();
        assertEquals("7h", json.getAsJsonObject("decision").get("rule").getAsString());
        assertTrue(json.has("observation"));
        assertTrue(page().contains("Before that, decided to leave all as it is"));
        assertEquals(
                "AWS did not answer",
                json.getAsJsonObject("round").get("result").getAsString());
    }

    @Test
    void tellsTimesByTheMachinesClockAsItIsSetWhenAsked() {
        status.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        clock.setMachine(Duration.ofDays(365));
        JsonObject json = json();
        assertEquals("2027-01-01T12:00:00Z", json.get("startedAt").getAsString());
        assertEquals(
                "2027-01-01T12:00:00Z",
                json.getAsJsonObject("observation").get("at").getAsString());
        assertEquals(
                "2027-01-01T12:00:00Z",
                json.getAsJsonObject("round").get("startedAt").getAsString());
        assertEquals(
                "2027-01-01T12:00:00Z",
                json.getAsJsonArray("history")
                        .get(0)
                        .getAsJsonObject()
                        .get("startedAt")
                        .getAsString());
        assertTrue(page().contains("2027-01-01"));
        assertFalse(page().contains("2026-01-01"));
    }

    @Test
    void tellsOfANoticeAndOfAConfigurationThatWasRefused() {
        Notice notice = new Notice(Notice.Kind.INTERRUPTED, "EC2 stops it at noon");
        status.ended(Sights.round(
                1, Sights.observation("InService", Optional.of(notice), Sights.peers()), Sights.converged()));
        status.problem(Optional.of("etcd.client-port is 0"));
        assertEquals("interrupted", json().getAsJsonObject("notice").get("kind").getAsString());
        assertEquals("etcd.client-port is 0", json().get("configurationProblem").getAsString());
        assertTrue(page().contains("EC2 stops it at noon") && page().contains("etcd.client-port is 0"));
        status.problem(Optional.empty());
        assertFalse(json().has("configurationProblem"));
    }

    @Test
    void remembersTheLastFiftyOfEachTheLastFirst() {
        for (int i = 1; i <= 60; i++) {
            status.ended(Sights.failed(i));
            status.changed(audit("changed: number " + i));
        }
        JsonObject json = json();
        assertEquals(50, json.getAsJsonArray("history").size());
        assertEquals(
                60,
                json.getAsJsonArray("history")
                        .get(0)
                        .getAsJsonObject()
                        .get("number")
                        .getAsLong());
        assertEquals(50, json.getAsJsonArray("changes").size());
        assertEquals(
                "changed: number 60",
                json.getAsJsonArray("changes")
                        .get(0)
                        .getAsJsonObject()
                        .get("outcome")
                        .getAsString());
    }

    @Test
    void everyKindOfDecisionHasItsJson() {
        Decision hold =
                new HoldLifecycle(Transition.TERMINATING, "quorum", "start the others", Sights.reason(Rule.LEAVE));
        assertEquals("hold-lifecycle", DecisionJson.of(hold).get("kind").getAsString());
        assertEquals("quorum", DecisionJson.of(hold).get("waitingFor").getAsString());
        Decision left =
                new LeaveToOther(new Remove(Sights.MEMBERS.get(2)), Sights.MEMBERS.get(1), Sights.reason(Rule.REMOVE));
        assertTrue(DecisionJson.of(left).get("leftTo").getAsString().startsWith("i-0000000b"));
        assertTrue(DecisionJson.of(left).get("change").getAsString().startsWith("remove i-0000000c"));
        assertEquals("terminating", DecisionJson.of(hold).get("transition").getAsString());
        assertEquals(
                "existing",
                DecisionJson.of(Sights.converged()).get("initialClusterState").getAsString());
        Decision mark = new Decision.WriteMark(Sights.CLUSTER, Sights.reason(Rule.MARK));
        assertEquals("c1", DecisionJson.of(mark).get("cluster").getAsString());
    }

    @Test
    void thePageEscapesWhatComesFromOutside() {
        status.problem(Optional.of("<img src=x onerror='alert(1)'>"));
        status.changed(audit("refused: <script>alert(2)</script>"));
        status.ended(Sights.round(
                1,
                Sights.healthy(),
                Sights.refusal(),
                new Condition(Condition.Kind.FOREIGN_MEMBER, "</body><b>", "\"quoted\" & so on")));
        String page = page();
        assertFalse(page.contains("<script") || page.contains("<img") || page.contains("<b>"), page);
        assertEquals(1, page.split("</body>", -1).length - 1);
        assertTrue(page.contains("&lt;img src=x onerror=&#39;alert(1)&#39;&gt;"));
        assertTrue(page.contains("&quot;quoted&quot; &amp; so on"));
    }

    @Test
    void thePageShowsGroupMembersAndHistoryAndNeedsNothingElse() {
        status.ended(Sights.round(1, Sights.healthy(), Sights.converged()));
        String page = page();
        assertTrue(page.contains("Group etcd") && page.contains("Members of cluster c1"), page);
        assertTrue(page.contains("<td>voter, leader</td><td>healthy</td>"), page);
        assertTrue(page.contains("10.0.0.4") && page.contains("Rounds"), page);
        assertTrue(page.contains("http-equiv=\"refresh\"") && page.contains("name=\"viewport\""), page);
        assertFalse(page.contains("src=") || page.contains("href="), page);
    }

    @Test
    void thePageSaysWhyThisNodeIsNotReady() {
        String page = StatusPage.of(status.snapshot(), new Verdict(false, List.of("no etcd here")));
        assertTrue(page.contains("not ready") && page.contains("<li>no etcd here</li>"), page);
    }

    private static Audit audit(String outcome) {
        return new Audit(
                Sights.T0,
                Sights.SELF,
                new Remove(Sights.MEMBERS.get(2)),
                Sights.MEMBERS,
                Sights.MEMBERS.subList(0, 2),
                Rule.REMOVE,
                "it is over",
                List.of(),
                outcome);
    }

    private JsonObject json() {
        return JsonParser.parseString(status.toJson()).getAsJsonObject();
    }

    private String page() {
        return StatusPage.of(status.snapshot(), READY);
    }
}
