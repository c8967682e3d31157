package io.etcdaws.membership;

/**
 * The id of an etcd cluster: an unsigned 64-bit number, derived by etcd from the initial cluster and its token.
 *
 * @param value the bits of the number
 */
public record ClusterId(long value) {
    /** Reads the decimal spelling of etcd's v3 API. */
    public static ClusterId parseDecimal(String text) {
        return new ClusterId(Long.parseUnsignedLong(text));
    }

    /** Reads the hexadecimal spelling of the header {@code X-Etcd-Cluster-Id}. */
    public static ClusterId parseHex(String text) {
        return new ClusterId(Long.parseUnsignedLong(text, 16));
    }

    /** The spelling of etcd's logs and headers: hexadecimal without padding. */
    @Override
    public String toString() {
        return Long.toHexString(value);
    }
}
