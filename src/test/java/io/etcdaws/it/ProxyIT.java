package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A machine that is no member and only needs the cluster's addresses. */
class ProxyIT extends WholeProgramTest {
    private static final Map<String, String> TAG = Map.of("cluster", "the-one");

    /** A machine of another group. */
    private LabNode outsider(LabGroup members) {
        LabGroup proxies = LabGroup.beside(members, 1, Map.of());
        return proxies.node(0);
    }

    @Test
    void getsTheAddressesOfTheGroupThatIsNamed() {
        LabGroup members = groupOf(3).serving(Etcd.V3_5);
        LabNode proxy = outsider(members).with("PROXY_ASG", members.name());

        assertEquals(LabGroup.proxyFile(proxy, members.nodes()), proxy.onceSucceeds());
        LabGroup.assertMembers(Etcd.V3_5, members.nodes());
    }

    @Test
    void getsTheAddressesOfTheGroupThatIsTagged() {
        LabGroup members = groupOf(3, TAG).serving(Etcd.V3_5);
        LabNode proxy = outsider(members).with("PROXY_ASG", "the-one").with("ASG_BY_TAG", "true");

        assertEquals(LabGroup.proxyFile(proxy, members.nodes()), proxy.onceSucceeds());
    }

    @Test
    void anAmbiguousTagIsAnErrorThatNamesTheGroups() {
        LabGroup members = groupOf(1, TAG);
        LabGroup other = LabGroup.beside(members, 1, TAG);
        LabNode proxy = outsider(members).with("PROXY_ASG", "the-one").with("ASG_BY_TAG", "true");

        assertEnds(4, members.name(), proxy.once());
        assertEnds(4, other.name(), proxy.once());
    }

    @Test
    void neverWritesAFileWhereThereIsNoCluster() {
        LabGroup members = groupOf(3);
        LabNode proxy = outsider(members).with("PROXY_ASG", members.name());

        assertEnds(6, members.name(), proxy.run("--once", "--timeout", "15s"));
        assertFalse(Files.exists(proxy.peersFile()));
    }

    @Test
    void neverRemovesADeadMember() {
        LabGroup members = groupOf(3).serving(Etcd.V3_5);
        LabNode proxy = outsider(members).with("PROXY_ASG", members.name());
        List<LabNode> before = List.copyOf(members.nodes());
        members.node(2).terminate();

        assertEquals(LabGroup.proxyFile(proxy, before), proxy.onceSucceeds());
        assertEquals(3, LabGroup.members(Etcd.V3_5, members.node(0)).size());
    }
}
