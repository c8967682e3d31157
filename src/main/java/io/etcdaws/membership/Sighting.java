package io.etcdaws.membership;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of the instance behind a member, by direct look-up, and for how long it has been so.
 *
 * @param instance the instance, if the member's name or addresses lead to one
 * @param state its state in EC2; {@link InstanceState#NOT_FOUND} if EC2 does not know it
 * @param inGroup whether the auto scaling group holds it, in whatever lifecycle state
 * @param since when state and group were first seen as they are now
 * @param reads how many look-ups in a row have said so
 */
public record Sighting(Optional<InstanceId> instance, InstanceState state, boolean inGroup, Instant since, int reads) {
    /** How long it has been seen like this. */
    public Duration lasting(Instant now) {
        return Duration.between(since, now);
    }
}
