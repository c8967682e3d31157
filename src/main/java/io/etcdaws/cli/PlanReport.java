package io.etcdaws.cli;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.etcdaws.management.DecisionJson;
import io.etcdaws.management.ObservationJson;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Observation;
import io.etcdaws.peersfile.InexpressibleException;
import io.etcdaws.peersfile.PeersFileContent;
import io.etcdaws.peersfile.PeersFileSettings;
import io.etcdaws.reconcile.Outcome;
import java.util.List;

/** What a plan prints: the decision, what would be done for it, the rule and the reason, and all that was seen. */
final class PlanReport {
    private final Decision decision;
    private final Observation observation;
    private final PeersFileSettings peersFile;

    private PlanReport(Decision decision, Observation observation, PeersFileSettings peersFile) {
        this.decision = decision;
        this.observation = observation;
        this.peersFile = peersFile;
    }

    /**
     * The report of a plan that was made.
     *
     * @throws java.util.NoSuchElementException if none was
     */
    static PlanReport of(Outcome outcome, PeersFileSettings peersFile) {
        return new PlanReport(
                outcome.decision().orElseThrow(), outcome.observation().orElseThrow(), peersFile);
    }

    String as(Invocation.OutputFormat format) {
        return format == Invocation.OutputFormat.JSON ? json() : text();
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        line(text, "decision: " + Describe.decision(decision));
        line(text, "by:       " + decision.reason().rule());
        line(text, "because:  " + decision.reason().why());
        block(text, "evidence:", decision.reason().evidence());
        if (decision instanceof WritePeersFile write) {
            try {
                block(
                        text,
                        "would be in " + peersFile.path() + ":",
                        PeersFileContent.of(write.content(), peersFile).lines().toList());
            } catch (InexpressibleException e) {
                line(text, "could not be written to " + peersFile.path() + ": " + e.getMessage());
            }
        }
        block(text, "seen at " + observation.now() + ":", Describe.observation(observation));
        line(text, "nothing was changed");
        return text.toString();
    }

    private static void block(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            line(text, title);
            lines.forEach(line -> line(text, "  " + line));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }

    private String json() {
        JsonObject decided = DecisionJson.of(decision);
        details(decided);
        JsonObject report = new JsonObject();
        report.add("decision", decided);
        report.add("observation", ObservationJson.of(observation, observation.now()));
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(report) + "\n";
    }

    private void details(JsonObject decided) {
        if (decision instanceof WritePeersFile write) {
            decided.addProperty("peersFile", peersFile.path().toString());
            try {
                decided.addProperty("content", PeersFileContent.of(write.content(), peersFile));
            } catch (InexpressibleException e) {
                decided.addProperty("contentProblem", e.getMessage());
            }
        }
    }
}
