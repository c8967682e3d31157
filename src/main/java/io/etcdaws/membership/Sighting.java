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
 * @param since when the first of the look-ups was that say so
 * @param lastRead when the last of them was
 * @param reads how many look-ups in a row have said so
 */
public record Sighting(
        Optional<InstanceId> instance,
        InstanceState state,
        boolean inGroup,
        Instant since,
        Instant lastRead,
        int reads) {
    /** What a single look-up says. */
    public static Sighting once(Optional<InstanceId> instance, InstanceState state, boolean inGroup, Instant readAt) {
        return new Sighting(instance, state, inGroup, readAt, readAt, 1);
    }

    /** With one more look-up. The same one given again counts once, and one that says something else starts anew. */
    public Sighting then(Sighting read) {
        boolean same = instance.equals(read.instance) && state == read.state && inGroup == read.inGroup;
        if (!same) {
            return read;
        }
        return lastRead.equals(read.lastRead)
                ? this
                : new Sighting(instance, state, inGroup, since, read.lastRead, reads + 1);
    }

    /** For how long it was seen like this: from the first look-up to the last, since nothing is known of the time after. */
    public Duration lasting() {
        return Duration.between(since, lastRead);
    }
}
