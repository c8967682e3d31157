package io.etcdaws.management;

import com.google.gson.JsonObject;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Describe;
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
        if (decision instanceof ChangeMembership change) {
            json.addProperty("change", change.change().toString());
        } else if (decision instanceof LeaveToOther left) {
            json.addProperty("change", left.change().toString());
            json.addProperty("leftTo", left.to().toString());
        } else if (decision instanceof Wait wait) {
            json.addProperty("waitingFor", wait.waitingFor());
            json.addProperty("wayOut", wait.wayOut());
        } else if (decision instanceof HoldLifecycle hold) {
            json.addProperty("waitingFor", hold.waitingFor());
            json.addProperty("wayOut", hold.wayOut());
        } else if (decision instanceof Refuse refuse) {
            json.addProperty("wayOut", refuse.wayOut());
        }
        return json;
    }

    /** Its type with hyphens, such as {@code write-peers-file}. */
    private static String kind(Decision decision) {
        return decision.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }
}
