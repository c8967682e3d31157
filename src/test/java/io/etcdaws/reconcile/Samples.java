package io.etcdaws.reconcile;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterId;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.Policy;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.membership.Policy.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What rounds see in tests. Member n is at 10.0.0.n, on instance i-0000000a, b, c and so on; this node is the first. */
final class Samples {
    static final Instant T0 = Instant.parse("2026-01-01T12:00:00Z");
    static final Node SELF = new Node(new InstanceId("i-0000000a"), address(1), "eu-central-1", "a");
    static final Member A = member(1);
    static final Member B = member(2);
    static final Member C = member(3);

    private Samples() {}

    /** The defaults of the periodic mode. */
    static Policy policy(Role role) {
        return new Policy(
                role,
                JoinAs.AUTO,
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                "http",
                2380,
                false,
                "etcd-cluster",
                Optional.of(new Policy.Staying(Duration.ofMinutes(5), Duration.ofSeconds(90))));
    }

    static Address address(int last) {
        return Address.parse("10.0.0." + last);
    }

    static Endpoint endpoint(Address address) {
        return new Endpoint(address, "http://" + address.inUrl() + ":2379", "http://" + address.inUrl() + ":2380");
    }

    static Group group(Instance... instances) {
        return new Group("etcd", instances.length, List.of(instances), Optional.empty());
    }

    /** In service and running. */
    static Instance instance(int number) {
        return instance(name(number), "10.0.0." + number, "InService", InstanceState.RUNNING);
    }

    static Instance instance(String id, String address, String lifecycle, InstanceState state) {
        return new Instance(
                new InstanceId(id),
                Optional.of(lifecycle).filter(text -> !text.isEmpty()).map(LifecycleState::new),
                state,
                Optional.of(Address.parse(address)),
                Set.of(Address.parse("alias-of-" + id)),
                "a");
    }

    /** A voter that has started. */
    static Member member(int number) {
        return member(number, name(number), "http://10.0.0." + number + ":2380", "http://10.0.0." + number + ":2379");
    }

    static Member member(int id, String name, String url, String... clientUrls) {
        return new Member(new MemberId(id), name, List.of(PeerUrl.parse(url)), List.of(clientUrls), false);
    }

    /** What a member of a healthy cluster tells; its leader is the first in the list. */
    static PeerState serving(int self, Member... members) {
        return new PeerState.Serving(
                new ClusterId(0xc1),
                new MemberId(self),
                List.of(members),
                Optional.of(members[0].id()),
                true,
                false,
                "3.5.16",
                "3.5.0",
                2,
                10,
                PeerState.Api.V3);
    }

    private static String name(int number) {
        return "i-0000000" + Integer.toHexString(9 + number);
    }
}
