package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Continuity;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Reason;
import io.etcdaws.membership.Rule;
import io.etcdaws.peersfile.PeersFileFormat;
import io.etcdaws.peersfile.PeersFileSettings;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.reconcile.Outcome;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PlanReportTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");

    @Test
    void tellsWhyAContentCannotBeWritten() {
        PlanReport report = report("a,b");

        String text = report.as(Invocation.OutputFormat.TEXT);
        assertTrue(text.contains("could not be written to /etc/peers: the member name"), text);

        JsonObject decision = JsonParser.parseString(report.as(Invocation.OutputFormat.JSON))
                .getAsJsonObject()
                .getAsJsonObject("decision");
        assertTrue(decision.get("contentProblem").getAsString().startsWith("the member name"), decision.toString());
        assertFalse(decision.has("content"));
    }

    @Test
    void tellsTheContentThatWouldBeWritten() {
        String text = report("me").as(Invocation.OutputFormat.TEXT);

        assertTrue(text.contains("would be in /etc/peers:\n  ETCD_INITIAL_CLUSTER_STATE=new\n"), text);
    }

    private static PlanReport report(String name) {
        InitialCluster content = new InitialCluster(
                InitialCluster.State.NEW, name, List.of(new InitialCluster.Entry(name, "http://10.0.0.1:2380")), false);
        Observation observation = new Observation(
                NOW,
                new Node(new InstanceId("i-0000000a"), Address.parse("10.0.0.1"), "eu-central-1", "a"),
                new Group("etcd", 0, List.of(), Optional.empty()),
                NOW,
                NOW,
                1,
                DataDirectory.EMPTY,
                false,
                Map.of(),
                Map.of(),
                Continuity.none());
        Decision decision = new Decision.WritePeersFile(content, new Reason(Rule.FORM, "because", List.of()));
        return PlanReport.of(
                new Outcome(ExitCode.DONE, "planned", Optional.of(observation), Optional.of(decision)),
                new PeersFileSettings(
                        Path.of("/etc/peers"),
                        PeersFileFormat.SYSTEMD,
                        false,
                        "http",
                        2379,
                        "etcd-cluster",
                        Optional.empty()));
    }
}
