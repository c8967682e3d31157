package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.NodeSight.PastRound;
import io.etcdaws.sandbox.NodeSight.Verdict;
import io.etcdaws.sandbox.aws.CloudInstance;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Things to be seen, for tests. */
final class Sights {
    /** Each round that is seen is a later one. */
    private static final AtomicLong ROUNDS = new AtomicLong();

    private Sights() {}

    static CloudInstance instance(int number, String lifecycle) {
        return new CloudInstance(
                number, "127.77.0." + number, "us-east-1a", Instant.EPOCH, lifecycle, "running", Instant.EPOCH);
    }

    /** A node in service whose daemon has nothing to do. */
    static NodeSight node(int number, boolean leads) {
        return node(number, EtcdState.RUNS, leads, "leave all as it is", "every member is a healthy voter");
    }

    static NodeSight node(int number, EtcdState etcd, boolean leads, String decision, String why) {
        CloudInstance instance = instance(number, "InService");
        boolean converged = decision.startsWith("leave");
        String rule = converged ? "7h" : "6";
        return new NodeSight(
                instance,
                Optional.of(etcd),
                false,
                Optional.of(new MemberSight("a" + number, instance.id(), instance.address(), false, leads)),
                Optional.of(new Verdict(rule, decision, why, converged)),
                List.of(new PastRound(1, ROUNDS.incrementAndGet(), rule, decision)));
    }

    static Sight of(NodeSight... nodes) {
        return new Sight("sandbox", 3, false, List.of(nodes), List.of());
    }

    static Sight converged() {
        return of(node(1, true), node(2, false), node(3, false));
    }
}
