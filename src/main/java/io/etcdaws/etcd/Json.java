package io.etcdaws.etcd;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerUrl;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Reads etcd's JSON: numbers of 64 bits are unsigned, as text in v3 and as bare numbers on the peer port, and what is zero
 * is absent.
 */
final class Json {
    private Json() {}

    /**
     * The object that a reply holds.
     *
     * @throws EtcdException of kind GARBLED if it holds something else
     */
    static JsonObject object(HttpReply reply) {
        return parse(reply, JsonElement::getAsJsonObject);
    }

    /** The array that a reply holds, likewise. */
    static JsonArray array(HttpReply reply) {
        return parse(reply, JsonElement::getAsJsonArray);
    }

    /** A text; empty if absent. Numbers and truth values come as they are spelt. */
    static String text(JsonObject object, String field) {
        JsonElement value = object.get(field);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }

    /** An unsigned number of 64 bits, quoted or not; 0 if absent. */
    static long unsigned(JsonObject object, String field) {
        String text = text(object, field);
        return text.isEmpty() ? 0 : Long.parseUnsignedLong(text);
    }

    static boolean truth(JsonObject object, String field) {
        return text(object, field).equals("true");
    }

    /** An object inside; an empty one if absent. */
    static JsonObject inner(JsonObject object, String field) {
        return object.get(field) instanceof JsonObject value ? value : new JsonObject();
    }

    /** An array inside; an empty one if absent. */
    static JsonArray list(JsonObject object, String field) {
        return object.get(field) instanceof JsonArray value ? value : new JsonArray();
    }

    /**
     * A list of members.
     *
     * @param idField {@code ID} in v3, {@code id} elsewhere
     * @param id reads its spelling: decimal in v3 and on the peer port, hexadecimal in v2
     * @throws IllegalArgumentException if a member is not as it should be
     */
    static List<Member> members(JsonArray array, String idField, Function<String, MemberId> id) {
        List<Member> members = new ArrayList<>();
        for (JsonElement element : array) {
            JsonObject member = element.getAsJsonObject();
            List<PeerUrl> peerUrls =
                    texts(member, "peerURLs").stream().map(PeerUrl::parse).toList();
            if (peerUrls.isEmpty()) {
                throw new IllegalArgumentException("a member without peer URLs");
            }
            members.add(new Member(
                    id.apply(text(member, idField)),
                    text(member, "name"),
                    peerUrls,
                    texts(member, "clientURLs"),
                    truth(member, "isLearner")));
        }
        return members;
    }

    /** What reads a reply, with what it throws on unexpected content turned into a failure that names the reply. */
    static <T> T read(HttpReply reply, Function<HttpReply, T> reader) {
        try {
            return reader.apply(reply);
        } catch (JsonParseException | IllegalStateException | IllegalArgumentException | ClassCastException e) {
            throw new EtcdException(
                    Kind.GARBLED,
                    reply.from() + ": HTTP " + reply.status() + " and not what etcd answers ('" + reply.excerpt()
                            + "': " + e.getMessage() + ")");
        }
    }

    private static List<String> texts(JsonObject object, String field) {
        List<String> texts = new ArrayList<>();
        list(object, field).forEach(element -> texts.add(element.getAsString()));
        return texts;
    }

    private static <T> T parse(HttpReply reply, Function<JsonElement, T> as) {
        return read(reply, it -> as.apply(JsonParser.parseString(it.body())));
    }
}
