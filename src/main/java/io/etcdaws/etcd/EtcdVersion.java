package io.etcdaws.etcd;

import com.google.gson.JsonObject;
import io.etcdaws.etcd.EtcdException.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of etcd.
 *
 * @param text as etcd spells it, such as {@code 3.5.16}
 * @param major the first number
 * @param minor the second number
 * @param cluster the version of the whole cluster, as the member spells it; empty if it does not tell
 */
record EtcdVersion(String text, int major, int minor, String cluster) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\.[0-9A-Za-z.+-]+)?");

    /** Reads the answer to {@code GET /version}: JSON, and plain text ({@code etcd 2.0.9}) before etcd 2.1. */
    static EtcdVersion of(HttpReply reply) {
        String text = reply.body();
        String cluster = "";
        if (text.stripLeading().startsWith("{")) {
            JsonObject answer = Json.object(reply);
            text = Json.text(answer, "etcdserver");
            cluster = Json.text(answer, "etcdcluster");
        }
        Matcher matcher = FORM.matcher(text);
        if (!reply.ok() || !matcher.find()) {
            throw new EtcdException(
                    Kind.GARBLED,
                    reply.from() + ": HTTP " + reply.status() + " and no version of etcd in '" + reply.excerpt()
                            + "': is it etcd?");
        }
        return new EtcdVersion(
                matcher.group(), Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), cluster);
    }

    boolean atLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }

    @Override
    public String toString() {
        return text;
    }
}
