package io.etcdaws.management;

import com.google.gson.JsonObject;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Transition;
import io.etcdaws.reconcile.MembersJson;
import java.util.Locale;

/** A decision as JSON, for programs that read plans and the status. */
public final class DecisionJson {
    private DecisionJson() {}

    /** The decision with its rule, reason, evidence and, where it has one, its way out. */
    public static JsonObject of(Decision decision) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", kind(decision));
        json.addProperty("summary", Describe.decision(decision));
        json.addProperty("rule", decision.reason().rule().number());
        json.addProperty("title", decision.reason().rule().title());
        json.addProperty("why", decision.reason().why());
        json.add("evidence", MembersJson.texts(decision.reason().evidence()));
        details(json, decision);
        return json;
    }

    /** Its type with hyphens, such as {@code write-peers-file}. */
    private static String kind(Decision decision) {
        return decision.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }

    private static void details(JsonObject json, Decision decision) {
        if (decision instanceof WritePeersFile write) {
            content(json, write.content());
        } else if (decision instanceof Converged converged) {
            content(json, converged.content());
        } else if (decision instanceof ChangeMembership change) {
            json.addProperty("change", change.change().toString());
        } else if (decision instanceof LeaveToOther left) {
            json.addProperty("change", left.change().toString());
            json.addProperty("leftTo", left.to().toString());
        } else if (decision instanceof MoveLeadership move) {
            json.addProperty("to", move.to().toString());
        } else if (decision instanceof WriteMark mark) {
            json.addProperty("cluster", mark.cluster().toString());
        } else if (decision instanceof CompleteLifecycle complete) {
            transition(json, complete.transition());
        } else {
            waiting(json, decision);
        }
    }

    private static void waiting(JsonObject json, Decision decision) {
        if (decision instanceof Wait wait) {
            json.addProperty("waitingFor", wait.waitingFor());
            json.addProperty("wayOut", wait.wayOut());
        } else if (decision instanceof HoldLifecycle hold) {
            transition(json, hold.transition());
            json.addProperty("waitingFor", hold.waitingFor());
            json.addProperty("wayOut", hold.wayOut());
        } else if (decision instanceof Refuse refuse) {
            json.addProperty("wayOut", refuse.wayOut());
        }
    }

    private static void content(JsonObject json, InitialCluster content) {
        json.addProperty("initialClusterState", content.state().name().toLowerCase(Locale.ROOT));
        json.add(
                "initialCluster",
                MembersJson.texts(content.entries().stream()
                        .map(InitialCluster.Entry::toString)
                        .toList()));
    }

    private static void transition(JsonObject json, Transition transition) {
        json.addProperty("transition", transition.name().toLowerCase(Locale.ROOT));
    }
}
