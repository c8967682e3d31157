package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Firewall.Cut;
import io.etcdaws.it.Tools.Etcd;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The periodic mode where etcd wants client certificates on both its ports. */
class SecurePeriodicIT extends PeriodicTest {
    private LiveGroup secured(int nodes) {
        LabGroup group = groupOf(nodes);
        Certificates certificates = new Certificates(directory);
        certificates.sign("node", addresses(group));
        Map<String, String> ours = Map.of(
                "ETCD_AWS_ETCD_TLS_CA_FILE", certificates.file("ca.pem"),
                "ETCD_AWS_ETCD_TLS_CERT_FILE", certificates.file("node.pem"),
                "ETCD_AWS_ETCD_TLS_KEY_FILE", certificates.file("node.key"));
        return live(new LiveGroup(
                        group,
                        Etcd.V3_5,
                        node -> node.withTls(certificates.etcdFlags("node"), ours),
                        new EtcdGateway(certificates.client("node"))))
                .formed();
    }

    /** Those that the group's instances have, and those that instances to come will have. */
    private static List<String> addresses(LabGroup group) {
        String first = group.node(0).address();
        String network = first.substring(0, first.lastIndexOf('.') + 1);
        List<String> addresses = new ArrayList<>();
        for (int host = 4; host < 16; host++) {
            addresses.add(network + host);
        }
        return addresses;
    }

    @Test
    void terminatedRetiredWipedAndCutOffNodesAreDealtWithAsWithoutTls() {
        LiveGroup live = secured(3);
        live.replace(live.leader());
        live.awaitConverged(SOON);

        live.holdsUpInstances();
        LabNode old = live.leader();
        LabNode fresh = live.join();
        live.awaitInService(fresh);
        live.retire(old);
        live.awaitGone(old);
        live.awaitConverged(SOON);

        LabNode wiped = live.follower();
        int before = live.recorder().transitions().size();
        live.mayLeave(wiped);
        wiped.machine().loseDisk();
        Awaitility.await("its place to be given up")
                .atMost(SOON)
                .until(() -> live.recorder().transitions().size() > before);
        live.awaitConverged(SOON);

        LabNode cut = live.leader();
        int unchanged = live.recorder().transitions().size();
        Firewall.cut(cut, Cut.BOTH);
        Pauses.sleep(Duration.ofSeconds(10));
        Firewall.heal(cut);

        live.verify();
        assertEquals(unchanged, live.recorder().transitions().size());
    }
}
