package io.etcdaws.membership;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The host part of a URL: an IPv4 or IPv6 address or a DNS name, in one canonical spelling, so that equality means "the
 * same host". Never resolves a name.
 *
 * @param host without brackets; IPv6 in the JDK's full form, DNS names in lower case without a trailing dot
 */
public record Address(String host) implements Comparable<Address> {
    private static final Pattern FOUR_NUMBERS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final Pattern IPV4 =
            Pattern.compile("(25[0-5]|(2[0-4]|1\\d|[1-9]|)\\d)(\\.(25[0-5]|(2[0-4]|1\\d|[1-9]|)\\d)){3}");
    private static final Pattern DNS_NAME =
            Pattern.compile("[a-z0-9_]([a-z0-9_-]{0,62})(\\.[a-z0-9_]([a-z0-9_-]{0,62}))*");

    /**
     * Reads an address literal or a DNS name.
     *
     * @throws IllegalArgumentException if the text is neither
     */
    public static Address parse(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        if (bare.indexOf(':') >= 0 || FOUR_NUMBERS.matcher(bare).matches()) {
            return new Address(canonicalLiteral(bare, text));
        }
        String name = bare.toLowerCase(Locale.ROOT);
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!DNS_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + text + "' is not an address");
        }
        return new Address(name);
    }

    private static String canonicalLiteral(String literal, String original) {
        boolean ipv6 = literal.indexOf(':') >= 0;
        if (!ipv6 && !IPV4.matcher(literal).matches()) {
            throw new IllegalArgumentException("'" + original + "' is not an address");
        }
        try {
            // A literal is parsed, never looked up; the brackets say so of what only looks like IPv6.
            return InetAddress.getByName(ipv6 ? "[" + literal + "]" : literal).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'" + original + "' is not an address", e);
        }
    }

    /** Whether this is an IPv6 address. */
    public boolean isIpv6() {
        return host.indexOf(':') >= 0;
    }

    /** The host as a URL wants it: IPv6 in brackets. */
    public String inUrl() {
        return isIpv6() ? "[" + host + "]" : host;
    }

    @Override
    public int compareTo(Address other) {
        return host.compareTo(other.host);
    }

    @Override
    public String toString() {
        return host;
    }
}
