package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** etcd that wants client certificates, or a user and a password. */
class SecureEtcdIT extends HurryingTest {
    private static final Etcd VERSION = Etcd.V3_5;

    private Certificates certificates(LabGroup group) {
        Certificates certificates = new Certificates(directory);
        List<String> addresses = new ArrayList<>();
        group.nodes().forEach(node -> addresses.add(node.address()));
        certificates.sign("node", addresses);
        return certificates;
    }

    private static String[] ctlFlags(Certificates certificates) {
        return new String[] {
            "--cacert=" + certificates.file("ca.pem"),
            "--cert=" + certificates.file("node.pem"),
            "--key=" + certificates.file("node.key")
        };
    }

    @Test
    void aReplacementJoinsAClusterThatWantsClientCertificates() {
        LabGroup four = groupOf(4);
        Certificates certificates = certificates(four);
        LabNode fresh = four.node(3);
        fresh.pretend(Map.of("hidden", true));
        four.desire(3);
        String options = "--cacert " + certificates.file("ca.pem") + " --cert " + certificates.file("node.pem")
                + " --key " + certificates.file("node.key");
        four.nodes().forEach(node -> node.withTls(certificates.etcdFlags("node"), Map.of("ETCD_CURLOPTS", options)));
        List<LabNode> first = four.nodes().subList(0, 3);
        first.forEach(node -> {
            assertEquals(LabGroup.newClusterFile(node, first), node.onceSucceeds());
            node.startEtcd(VERSION);
        });
        LabGroup.awaitHealthy(VERSION, first, ctlFlags(certificates));

        four.node(2).terminate();
        fresh.pretend(Map.of("hidden", false));
        String file = fresh.onceSucceeds();
        fresh.startEtcd(VERSION);

        List<LabNode> after = List.of(four.node(0), four.node(1), fresh);
        assertEquals(LabGroup.existingClusterFile(fresh, after), file);
        LabGroup.awaitHealthy(VERSION, after, ctlFlags(certificates));
        LabGroup.assertMembers(VERSION, after, ctlFlags(certificates));
    }

    @Test
    void aClusterThatRejectsUsForLackOfACertificateIsNoAbsentOne() {
        LabGroup two = groupOf(2);
        Certificates certificates = certificates(two);
        LabNode member = two.node(0)
                .withTls(
                        certificates.etcdFlags("node"),
                        Map.of("ETCD_AWS_ETCD_TLS_CA_FILE", certificates.file("ca.pem")));
        LabNode other = two.node(1)
                .withTls(
                        certificates.etcdFlags("node"),
                        Map.of("ETCD_AWS_ETCD_TLS_CA_FILE", certificates.file("ca.pem")));
        member.onceSucceeds();
        member.startEtcd(VERSION);

        assertEnds(7, "certificate", other.run("--once", "--timeout", "15s"));
        assertFalse(Files.exists(other.peersFile()));
    }

    @Test
    void aPasswordIsShownToAClusterThatWantsOne() throws IOException {
        LabGroup one = groupOf(1).serving(VERSION);
        LabNode member = one.node(0);
        for (String[] command : new String[][] {
            {"user", "add", "root:secret"}, {"user", "grant-role", "root", "root"}, {"auth", "enable"}
        }) {
            assertEquals(
                    0, LabGroup.etcdctl(VERSION, member, new String[0], command).exitCode());
        }
        one.desire(2);
        LabNode joining = one.launch();

        assertEnds(9, "user", joining.run("--once", "--timeout", "20s"));

        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        joining.with("ETCD_AWS_ETCD_USERNAME", "root")
                .with("ETCD_AWS_ETCD_PASSWORD_FILE", password.toString())
                .onceSucceeds();
        assertEquals(2, LabGroup.membersListedBy(member));
    }
}
