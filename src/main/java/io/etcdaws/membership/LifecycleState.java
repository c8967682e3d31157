package io.etcdaws.membership;

/**
 * The lifecycle state of an instance in its auto scaling group.
 *
 * @param apiName as the Auto Scaling API spells it, such as {@code Terminating:Wait}
 */
public record LifecycleState(String apiName) {
    /** What a lifecycle state means for membership. */
    public enum Standing {
        /** The instance should be, or soon be, a member. */
        EXPECTED,
        /** The instance is on its way out of the group. */
        LEAVING,
        /** The instance waits in the warm pool and is no part of the group yet. */
        NOT_YET
    }

    /**
     * How the state counts. A state that this program does not know counts as expected, since that never leads to a
     * removal.
     */
    public Standing standing() {
        if (apiName.startsWith("Terminat") || apiName.startsWith("Detach")) {
            return Standing.LEAVING;
        }
        return apiName.startsWith("Warmed") ? Standing.NOT_YET : Standing.EXPECTED;
    }

    /** Whether a lifecycle hook holds the instance up in that transition, until it is told to go on. */
    public boolean waitsAt(Transition transition) {
        // In the warm pool, too.
        return switch (transition) {
            case LAUNCHING -> apiName.endsWith("Pending:Wait");
            case TERMINATING -> apiName.endsWith("Terminating:Wait");
        };
    }

    @Override
    public String toString() {
        return apiName;
    }
}
