package io.etcdaws.reconcile;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.PeerUrl;
import java.util.List;

/** Members as JSON: as etcd lists them, with their ids spelt as in etcd's logs. */
public final class MembersJson {
    private MembersJson() {}

    /** A member list, in its order. */
    public static JsonArray of(List<Member> members) {
        JsonArray array = new JsonArray();
        for (Member member : members) {
            JsonObject json = new JsonObject();
            json.addProperty("id", member.id().toString());
            json.addProperty("name", member.name());
            json.add(
                    "peerUrls",
                    texts(member.peerUrls().stream().map(PeerUrl::text).toList()));
            json.add("clientUrls", texts(member.clientUrls()));
            json.addProperty("learner", member.learner());
            array.add(json);
        }
        return array;
    }

    /** An array of texts. */
    public static JsonArray texts(List<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
