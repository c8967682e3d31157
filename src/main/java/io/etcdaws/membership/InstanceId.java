package io.etcdaws.membership;

import java.util.Optional;

/**
 * The id of an EC2 instance, such as {@code i-0598c7d356eba48d7}.
 *
 * @param value as EC2 spells it
 */
public record InstanceId(String value) implements Comparable<InstanceId> {
    private static final String PREFIX = "i-";
    private static final int FEWEST_DIGITS = 8;
    private static final int MOST_DIGITS = 17;

    public InstanceId {
        if (!isOne(value)) {
            throw new IllegalArgumentException("'" + value + "' is not an EC2 instance id");
        }
    }

    /** The instance id that a member's name is, if it is one. */
    public static Optional<InstanceId> fromName(String name) {
        return isOne(name) ? Optional.of(new InstanceId(name)) : Optional.empty();
    }

    /** Asked of every member in every round, so that no pattern is worth its while. */
    private static boolean isOne(String text) {
        int digits = text.length() - PREFIX.length();
        if (digits < FEWEST_DIGITS || digits > MOST_DIGITS || !text.startsWith(PREFIX)) {
            return false;
        }
        for (int i = PREFIX.length(); i < text.length(); i++) {
            char digit = text.charAt(i);
            if (!(digit >= '0' && digit <= '9') && !(digit >= 'a' && digit <= 'f')) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int compareTo(InstanceId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
