package io.etcdaws.membership;

/**
 * The id of an etcd member: an unsigned 64-bit number.
 *
 * @param value the bits of the number
 */
public record MemberId(long value) implements Comparable<MemberId> {
    /** Reads the decimal spelling of etcd's v3 API. */
    public static MemberId parseDecimal(String text) {
        return new MemberId(Long.parseUnsignedLong(text));
    }

    /** Reads the hexadecimal spelling of etcd's v2 API and logs. */
    public static MemberId parseHex(String text) {
        return new MemberId(Long.parseUnsignedLong(text, 16));
    }

    /** The spelling of etcd's v3 API. */
    public String toDecimal() {
        return Long.toUnsignedString(value);
    }

    @Override
    public int compareTo(MemberId other) {
        return Long.compareUnsigned(value, other.value);
    }

    /** The spelling of etcd's logs and of {@code etcdctl}: hexadecimal without padding. */
    @Override
    public String toString() {
        return Long.toHexString(value);
    }
}
