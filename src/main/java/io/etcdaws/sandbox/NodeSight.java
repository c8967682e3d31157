package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.aws.CloudInstance;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

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
     * As the program names an instance or its member: {@code i-00000002 (17f6… at http://…, learner)}, {@code i-00000004 at 127.77.0.4
     * (Pending)}, and before etcd has started {@code unnamed (65b0… at http://127.77.0.4:2380)}.
     */
    private static final Pattern NODE = Pattern.compile("(?:the node of )?(?:"
            + "i-([0-9a-f]{8})(?: \\([0-9a-f]+ at http://[^()]+\\)| at [0-9.]+( \\([^()]*\\))?)?"
            + "|unnamed \\([0-9a-f]+ at http://[0-9.]+\\.([0-9]+):[^()]+\\))");

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

    /** What a daemon says, with the numbers of nodes in place of their ids and whatever else tells which they are. */
    static String shortened(String said) {
        return NODE.matcher(said)
                .replaceAll(found -> "node " + number(found) + Objects.requireNonNullElse(found.group(2), ""));
    }

    /** An instance's number is in its id and in its address. */
    private static int number(MatchResult node) {
        return node.group(1) == null ? Integer.parseInt(node.group(3)) : Integer.parseInt(node.group(1), 16);
    }

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
