package io.etcdaws.reconcile;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Rule;
import java.time.Instant;
import java.util.List;

/**
 * A change of the membership that was tried, for those who must answer for it later.
 *
 * @param who the node that tried it
 * @param before the members that it was decided on
 * @param after the members afterwards; empty where they are not known
 * @param rule the rule that decided it
 * @param outcome a word: changed, refused or uncertain
 */
public record Audit(
        Instant at,
        Node who,
        MembershipChange change,
        List<Member> before,
        List<Member> after,
        Rule rule,
        String why,
        List<String> evidence,
        String outcome) {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    public Audit {
        before = List.copyOf(before);
        after = List.copyOf(after);
        evidence = List.copyOf(evidence);
    }

    /** All of it, in one line. */
    public String toJson() {
        return GSON.toJson(json());
    }

    /** All of it. */
    public JsonObject json() {
        JsonObject json = new JsonObject();
        json.addProperty("at", at.toString());
        json.addProperty("who", who.id() + " at " + who.address());
        json.addProperty("change", change.toString());
        json.addProperty("outcome", outcome);
        json.addProperty("rule", rule.number());
        json.addProperty("why", why);
        json.add("evidence", array(evidence));
        json.add("before", array(before));
        json.add("after", array(after));
        return json;
    }

    private static JsonArray array(List<?> entries) {
        JsonArray array = new JsonArray();
        entries.forEach(entry -> array.add(entry.toString()));
        return array;
    }
}
