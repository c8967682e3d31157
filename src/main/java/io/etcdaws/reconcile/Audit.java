package io.etcdaws.reconcile;

import com.google.gson.JsonObject;
import io.etcdaws.etcd.ChangeOutcome;
import io.etcdaws.etcd.ChangeOutcome.Changed;
import io.etcdaws.etcd.ChangeOutcome.Locked;
import io.etcdaws.etcd.ChangeOutcome.Overtaken;
import io.etcdaws.etcd.ChangeOutcome.Refused;
import io.etcdaws.etcd.ChangeOutcome.Uncertain;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MembershipChange;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Rule;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * A change of the membership that was tried: what an operator wants to know of it later.
 *
 * @param at when its outcome was known, by the clock of the machine
 * @param who the node that tried it
 * @param change what was to change
 * @param before the members that it was decided on
 * @param after the members afterwards, as far as they are known; else those before
 * @param rule the rule that asked for it
 * @param why the rule's reason, one sentence
 * @param evidence what it rests on, one observation a line
 * @param outcome how it ended: see {@link #outcome(ChangeOutcome)}
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
    public Audit {
        before = List.copyOf(before);
        after = List.copyOf(after);
        evidence = List.copyOf(evidence);
    }

    /**
     * An outcome in words: {@code changed}, {@code refused}, {@code locked}, {@code overtaken} or {@code uncertain}, and after
     * a colon the details.
     */
    public static String outcome(ChangeOutcome outcome) {
        if (outcome instanceof Changed changed) {
            return "changed: " + changed.detail();
        }
        if (outcome instanceof Refused refused) {
            return "refused: " + refused.message();
        }
        if (outcome instanceof Locked locked) {
            return "locked: by " + locked.holder();
        }
        return outcome instanceof Overtaken
                ? "overtaken: the members changed meanwhile"
                : "uncertain: " + ((Uncertain) outcome).message();
    }

    /** One line of JSON, with the members as etcd lists them and their ids as etcd logs them. */
    public String toJson() {
        return asJson().toString();
    }

    /** The same as a tree. */
    public JsonObject asJson() {
        JsonObject json = new JsonObject();
        json.addProperty("at", at.toString());
        JsonObject node = new JsonObject();
        node.addProperty("instance", who.id().value());
        node.addProperty("address", who.address().host());
        node.addProperty("zone", who.zone());
        json.add("who", node);
        JsonObject changed = new JsonObject();
        changed.addProperty("kind", change.getClass().getSimpleName().toLowerCase(Locale.ROOT));
        changed.addProperty("text", change.toString());
        json.add("change", changed);
        json.add("before", MembersJson.of(before));
        json.add("after", MembersJson.of(after));
        json.addProperty("rule", rule.number());
        json.addProperty("why", why);
        json.add("evidence", MembersJson.texts(evidence));
        json.addProperty("outcome", outcome);
        return json;
    }
}
