package io.etcdaws.membership;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of etcd, as far as it bears on decisions.
 *
 * @param major as in {@code 3.5.16}: 3
 * @param minor as in {@code 3.5.16}: 5
 */
public record EtcdVersion(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})(\\D.*)?");

    /** Reads a version; what is none counts as the oldest. */
    public static EtcdVersion parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? new EtcdVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
                : new EtcdVersion(0, 0);
    }

    /** Whether it is that version or a newer one. */
    public boolean atLeast(int otherMajor, int otherMinor) {
        return major > otherMajor || (major == otherMajor && minor >= otherMinor);
    }
}
