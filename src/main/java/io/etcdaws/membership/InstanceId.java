package io.etcdaws.membership;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The id of an EC2 instance, such as {@code i-0598c7d356eba48d7}.
 *
 * @param value as EC2 spells it
 */
public record InstanceId(String value) implements Comparable<InstanceId> {
    private static final Pattern FORM = Pattern.compile("i-[0-9a-f]{8,17}");

    public InstanceId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("'" + value + "' is not an EC2 instance id");
        }
    }

    /** The instance id that a member's name is, if it is one. */
    public static Optional<InstanceId> fromName(String name) {
        return FORM.matcher(name).matches() ? Optional.of(new InstanceId(name)) : Optional.empty();
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
