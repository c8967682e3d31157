package io.etcdaws.etcd;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.etcdaws.etcd.EtcdException.Kind;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Understands etcd's errors by their message: the HTTP status of one and the same error differs between versions, and the
 * body's form does too.
 */
final class Refusals {
    /** Parts of messages, the more special first. */
    private static final Map<String, Kind> BY_MESSAGE = byMessage();

    private static final String NO_LOGIN =
            " (authentication is on: set a user with the root role, ETCD_AWS_ETCD_USERNAME and ETCD_AWS_ETCD_PASSWORD_FILE)";
    private static final String NOT_ROOT = " (etcd's user must have the root role)";
    private static final String NO_SPACE =
            " (compact and defragment etcd's database or raise --quota-backend-bytes, then `etcdctl alarm disarm`)";
    private static final String NOT_ALL_CONNECTED =
            " (etcd accepts no member while it does not see all of them connected for 5 s)";
    private static final String CLUSTER_TOO_OLD =
            " (etcd offers its v3 API once it has seen all members run 3.0 or newer; if they do, restart this one)";
    private static final String WRONG_USAGE =
            " (its JSON gateway cannot call the etcd it belongs to: the server certificate must also allow client"
                    + " authentication, extended key usage clientAuth, or give etcd a --client-cert-file of its own)";

    private Refusals() {}

    private static Map<String, Kind> byMessage() {
        Map<String, Kind> kinds = new LinkedHashMap<>();
        kinds.put("Peer URLs already exists", Kind.DUPLICATE_URL);
        kinds.put("peerURL exists", Kind.DUPLICATE_URL);
        // The id is made of URL, token and second: somebody else adds the same.
        kinds.put("membership: ID exists", Kind.DUPLICATE_URL);
        kinds.put("member ID already exist", Kind.DUPLICATE_URL);
        kinds.put("given member URLs are invalid", Kind.INVALID);
        kinds.put("member not found", Kind.NOT_FOUND);
        kinds.put("No such member", Kind.NOT_FOUND);
        kinds.put("Member permanently removed", Kind.NOT_FOUND);
        kinds.put("requested lease not found", Kind.NOT_FOUND);
        kinds.put("unhealthy cluster", Kind.NOT_NOW);
        kinds.put("not enough started members", Kind.NOT_NOW);
        kinds.put("too many learner members", Kind.NOT_NOW);
        kinds.put("in sync with leader", Kind.NOT_NOW);
        kinds.put("etcdserver: not leader", Kind.NOT_NOW);
        kinds.put("bad leader transferee", Kind.NOT_NOW);
        kinds.put("too many requests", Kind.NOT_NOW);
        kinds.put("database space exceeded", Kind.NOT_NOW);
        kinds.put("can only promote a learner member", Kind.NOT_A_LEARNER);
        kinds.put("rpc not supported for learner", Kind.LEARNER);
        kinds.put("user name is empty", Kind.DENIED);
        kinds.put("invalid auth token", Kind.DENIED);
        kinds.put("revision of auth store is old", Kind.DENIED);
        kinds.put("permission denied", Kind.DENIED);
        kinds.put("authentication failed", Kind.DENIED);
        kinds.put("Insufficient credentials", Kind.DENIED);
        kinds.put("etcdserver: not capable", Kind.NOT_CAPABLE);
        kinds.put("connection closed", Kind.GATEWAY);
        kinds.put("connection error", Kind.GATEWAY);
        kinds.put("transport is closing", Kind.GATEWAY);
        return kinds;
    }

    /** Why etcd did not do what was asked, from a reply whose status is no success. */
    static EtcdException of(HttpReply reply) {
        String message = message(reply);
        Kind kind = BY_MESSAGE.entrySet().stream()
                .filter(entry -> message.contains(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseGet(() -> kindOf(reply.status()));
        return new EtcdException(
                kind, reply.from() + ": " + message + " (HTTP " + reply.status() + ")" + hint(kind, message));
    }

    /** Whether a log-in may change the answer. */
    static boolean asksForLogin(HttpReply reply) {
        String message = message(reply);
        return reply.status() == 401
                || message.contains("user name is empty")
                || message.contains("invalid auth token")
                || message.contains("revision of auth store is old");
    }

    private static Kind kindOf(int status) {
        return switch (status) {
            case 401, 403 -> Kind.DENIED;
            case 400, 415 -> Kind.INVALID;
            case 404, 405, 501 -> Kind.UNSUPPORTED;
            case 429 -> Kind.NOT_NOW;
            default -> Kind.UNDECIDED;
        };
    }

    private static String hint(Kind kind, String message) {
        if (kind == Kind.DENIED && message.contains("user name is empty")) {
            return NO_LOGIN;
        }
        if (kind == Kind.DENIED && message.contains("permission denied")) {
            return NOT_ROOT;
        }
        if (message.contains("database space exceeded")) {
            return NO_SPACE;
        }
        if (message.contains("unhealthy cluster")) {
            return NOT_ALL_CONNECTED;
        }
        return switch (kind) {
            case NOT_CAPABLE -> CLUSTER_TOO_OLD;
            case GATEWAY -> WRONG_USAGE;
            default -> "";
        };
    }

    /** {@code message}, else {@code error}, which streams wrap in an object; else the plain text. */
    private static String message(HttpReply reply) {
        if (!reply.body().stripLeading().startsWith("{")) {
            return reply.excerpt();
        }
        try {
            JsonObject body = Json.object(reply);
            JsonElement error = body.get("error");
            JsonObject source = error instanceof JsonObject inner ? inner : body;
            String message = Json.text(source, "message");
            String found = message.isEmpty() ? Json.text(source, "error") : message;
            return found.isEmpty() ? reply.excerpt() : found;
        } catch (EtcdException notJson) {
            return reply.excerpt();
        }
    }
}
