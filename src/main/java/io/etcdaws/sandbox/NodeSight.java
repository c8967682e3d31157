package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.aws.CloudInstance;
import java.util.List;
import java.util.Optional;

/**
 * What can be seen of one node.
 *
 * @param machine how its etcd is; empty while the instance does not run
 * @param cutOff whether it is cut off from the others
 * @param member what its etcd, or another one, says of its member
 * @param verdict the last thing that its daemon decided; empty if it does not answer
 * @param rounds the last rounds of its daemon, the oldest first
 */
record NodeSight(
        CloudInstance instance,
        Optional<EtcdState> machine,
        boolean cutOff,
        Optional<MemberSight> member,
        Optional<Verdict> verdict,
        List<PastRound> rounds) {
    /**
     * A decision of a daemon.
     *
     * @param rule the number of the rule; empty if there was none
     * @param summary the decision in a few words, or what went wrong
     * @param why the reason
     * @param converged whether the daemon finds nothing to do
     */
    record Verdict(String rule, String summary, String why, boolean converged) {}

    /**
     * A round that is over.
     *
     * @param daemon which start of the daemon it is of
     * @param number counts from 1 since the daemon's start
     * @param what the decision and what came of it
     */
    record PastRound(int daemon, long number, String rule, String what) {}

    /** Whether there is a process of etcd. */
    boolean hasEtcd() {
        return machine.filter(etcd -> etcd != EtcdState.WAITS && etcd != EtcdState.DOWN)
                .isPresent();
    }

    /** Whether its member takes part in votes. */
    boolean serves() {
        return !cutOff
                && machine.filter(EtcdState.RUNS::equals).isPresent()
                && member.filter(MemberSight::isVoter).isPresent();
    }

    /** The node's short name. */
    String name() {
        return "node " + instance.number();
    }
}
