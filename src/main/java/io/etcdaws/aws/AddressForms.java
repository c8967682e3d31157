package io.etcdaws.aws;

import io.etcdaws.membership.Address;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Addresses as AWS spells them. */
final class AddressForms {
    private static final Pattern IPV4 = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");
    private static final int IPV6_GROUPS = 8;

    private AddressForms() {}

    /** Whether it is an IPv4 address, and no DNS name. */
    static boolean isIpv4(Address address) {
        return IPV4.matcher(address.host()).matches();
    }

    /** The short spelling of an IPv6 address (RFC 5952): the first longest run of two or more zero groups is left out. */
    static String compressed(Address address) {
        String[] groups = address.host().split(":", -1);
        int start = 0;
        int length = 0;
        for (int from = 0; from < groups.length; from++) {
            int to = from;
            while (to < groups.length && groups[to].equals("0")) {
                to++;
            }
            if (to - from > length) {
                start = from;
                length = to - from;
            }
        }
        boolean whole = length < 2 || groups.length != IPV6_GROUPS;
        return whole ? address.host() : join(groups, 0, start) + "::" + join(groups, start + length, groups.length);
    }

    private static String join(String[] groups, int from, int to) {
        return String.join(":", Arrays.asList(groups).subList(from, to));
    }
}
