package io.etcdaws.etcd;

import java.util.concurrent.CompletionStage;

/** What a {@link MembershipChanger} does, one at a time. Used once. */
interface Work {
    /** Goes through all its steps. The stage never fails. */
    CompletionStage<ChangeOutcome> run();

    /**
     * Gives up, as far as that is possible.
     *
     * @return whether the change has not been sent, so that it will never be
     */
    boolean abandon();
}
