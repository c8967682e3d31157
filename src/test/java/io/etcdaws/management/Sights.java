package io.etcdaws.management;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Continuity;
import io.etcdaws.membership.DataDirectory;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Api;
import io.etcdaws.membership.PeerState.Serving;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Reason;
import io.etcdaws.membership.Rule;
import io.etcdaws.reconcile.Round;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What rounds told in tests. Member n is at 10.0.0.n, on instance i-0000000a, b and c; this node is the first, and leads. Of
 * the three members of {@link #healthy} the third is silent, and a learner at 10.0.0.4 has not started.
 */
final class Sights {
    static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");
    static final ClusterId CLUSTER = new ClusterId(0xc1);
    static final Node SELF = new Node(new InstanceId("i-0000000a"), address(1), "eu-central-1", "a");
    static final List<Member> MEMBERS = List.of(
            member(1, "i-0000000a", false),
            member(2, "i-0000000b", false),
            member(3, "i-0000000c", false),
            new Member(new MemberId(4), "", List.of(PeerUrl.parse("http://10.0.0.4:2380")), List.of(), true));

    private Sights() {}

    static Address address(int last) {
        return Address.parse("10.0.0." + last);
    }

    static Member member(int number, String name, boolean learner) {
        return new Member(
                new MemberId(number),
                name,
                List.of(PeerUrl.parse("http://10.0.0." + number + ":2380")),
                List.of("http://10.0.0." + number + ":2379"),
                learner);
    }

    static Serving serving(int self) {
        return serving(self, CLUSTER, true, false);
    }

    static Serving serving(int self, ClusterId cluster, boolean healthy, boolean learner) {
        return new Serving(
                cluster,
                new MemberId(self),
                MEMBERS,
                Optional.of(new MemberId(1)),
                healthy,
                learner,
                "3.5.16",
                "3.5.0",
                2,
                10,
                Api.V3);
    }

    static Observation healthy() {
        return observation("InService", Optional.empty(), peers());
    }

    static Map<Address, PeerState> peers() {
        return Map.of(
                address(1),
                serving(1),
                address(2),
                serving(2),
                address(3),
                new PeerState.Silent("<b>no</b> answer & \"none\""),
                address(4),
                new PeerState.NotServing());
    }

    static Observation observation(String lifecycle, Optional<Notice> notice, Map<Address, PeerState> peers) {
        Continuity none = Continuity.none();
        Group group = new Group(
                "etcd",
                3,
                List.of(
                        instance("i-0000000a", 1, lifecycle),
                        instance("i-0000000b", 2, "InService"),
                        instance("i-0000000c", 3, "InService")),
                Optional.of("c1"));
        return new Observation(
                T0,
                SELF,
                group,
                T0,
                T0,
                2,
                DataDirectory.HOLDS_DATA,
                true,
                peers,
                Map.of(),
                new Continuity(
                        true,
                        none.clusterSeen(),
                        notice,
                        none.lost(),
                        none.learnersIdleSince(),
                        none.overdue(),
                        none.unmarkedSince(),
                        none.markRefused(),
                        false,
                        false));
    }

    private static Instance instance(String id, int address, String lifecycle) {
        return new Instance(
                new InstanceId(id),
                Optional.of(new LifecycleState(lifecycle)),
                InstanceState.RUNNING,
                Optional.of(address(address)),
                Set.of(),
                "a");
    }

    static Reason reason(Rule rule) {
        return new Reason(rule, "so it is", List.of("seen by <script>alert(1)</script>"));
    }

    static Decision converged() {
        return new Decision.Converged(
                new InitialCluster(InitialCluster.State.EXISTING, "i-0000000a", List.of(), false),
                reason(Rule.CONVERGED));
    }

    static Decision refusal() {
        return new Decision.Refuse("start the others", reason(Rule.NO_QUORUM));
    }

    /** A round of two seconds that saw this and decided that, with a pause of 30 s after it. One that refuses has failed. */
    static Round round(long number, Observation seen, Decision decided, Condition... conditions) {
        boolean converged = decided instanceof Decision.Converged;
        return new Round(
                number,
                T0,
                Duration.ofSeconds(2),
                Optional.of(seen),
                Optional.of(decided),
                List.of(conditions),
                converged ? "all is as it should be" : "waiting",
                decided instanceof Decision.Refuse,
                true,
                converged,
                Duration.ofSeconds(30));
    }

    /** A round that came to nothing, since AWS did not answer. */
    static Round failed(long number) {
        return new Round(
                number,
                T0,
                Duration.ofSeconds(2),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                "AWS did not answer",
                true,
                true,
                false,
                Duration.ofSeconds(30));
    }
}
