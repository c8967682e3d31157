package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.InitialCluster.State;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PeersFileContentTest {
    private static final InitialCluster PROMISED = new InitialCluster(
            State.EXISTING,
            "i-694fad83",
            List.of(
                    new Entry("i-694fad83", "http://10.0.0.2:2380"), //
                    new Entry("i-5fc4c9e1", "http://10.0.0.1:2380")),
            false);

    @Test
    void isThePromisedFileByteForByte() {
        assertEquals("""
                ETCD_INITIAL_CLUSTER_STATE=existing
                ETCD_NAME=i-694fad83
                ETCD_INITIAL_CLUSTER="i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.SYSTEMD)));
    }

    @Test
    void hasNoQuotesForDocker() {
        assertEquals("""
                ETCD_INITIAL_CLUSTER_STATE=existing
                ETCD_NAME=i-694fad83
                ETCD_INITIAL_CLUSTER=i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.DOCKER)));
    }

    @Test
    void exportsForAShell() {
        assertEquals("""
                export ETCD_INITIAL_CLUSTER_STATE="existing"
                export ETCD_NAME="i-694fad83"
                export ETCD_INITIAL_CLUSTER="i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.EXPORT)));
    }

    @Test
    void isAFlagALine() {
        assertEquals("""
                --initial-cluster-state=existing
                --name=i-694fad83
                --initial-cluster=i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.FLAGS)));
    }

    @Test
    void isAJsonObject() {
        assertEquals("""
                {
                  "initial-cluster-state": "existing",
                  "name": "i-694fad83",
                  "initial-cluster": "i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                }
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.JSON)));
    }

    @Test
    void isAConfigurationFileOfEtcd() {
        assertEquals("""
                initial-cluster-state: "existing"
                name: "i-694fad83"
                initial-cluster: "i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                """, PeersFileContent.of(PROMISED, settings(PeersFileFormat.ETCD_YAML)));
    }

    @Test
    void saysNewForANewCluster() {
        InitialCluster cluster = new InitialCluster(State.NEW, PROMISED.name(), PROMISED.entries(), false);

        String content = PeersFileContent.of(cluster, settings(PeersFileFormat.SYSTEMD));

        assertTrue(content.startsWith("ETCD_INITIAL_CLUSTER_STATE=new\n"), content);
    }

    @Test
    void turnsTheProxyOnInTheProxyRole() {
        InitialCluster proxy = new InitialCluster(State.EXISTING, "i-0aaaaaaa", PROMISED.entries(), true);

        assertEquals("""
                ETCD_INITIAL_CLUSTER_STATE=existing
                ETCD_NAME=i-0aaaaaaa
                ETCD_INITIAL_CLUSTER="i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                ETCD_PROXY=on
                """, PeersFileContent.of(proxy, settings(PeersFileFormat.SYSTEMD)));
        assertTrue(PeersFileContent.of(proxy, settings(PeersFileFormat.FLAGS)).endsWith("\n--proxy=on\n"));
        assertTrue(
                PeersFileContent.of(proxy, settings(PeersFileFormat.ETCD_YAML)).endsWith("\nproxy: \"on\"\n"));
        assertTrue(PeersFileContent.of(proxy, settings(PeersFileFormat.JSON)).endsWith(",\n  \"proxy\": \"on\"\n}\n"));
    }

    @Test
    void holdsAllThatEtcdNeedsWhenExtended() {
        assertEquals(
                """
                ETCD_INITIAL_CLUSTER_STATE=existing
                ETCD_NAME=i-694fad83
                ETCD_INITIAL_CLUSTER="i-5fc4c9e1=http://10.0.0.1:2380,i-694fad83=http://10.0.0.2:2380"
                ETCD_DATA_DIR=/mnt/etcd
                ETCD_INITIAL_CLUSTER_TOKEN=blue
                ETCD_LISTEN_PEER_URLS=http://10.0.0.2:2380
                ETCD_INITIAL_ADVERTISE_PEER_URLS=http://10.0.0.2:2380
                ETCD_LISTEN_CLIENT_URLS=https://10.0.0.2:2379,https://127.0.0.1:2379
                ETCD_ADVERTISE_CLIENT_URLS=https://10.0.0.2:2379
                """,
                PeersFileContent.of(PROMISED, extended(PeersFileFormat.SYSTEMD, Optional.of(Path.of("/mnt/etcd")))));
    }

    @Test
    void listensEverywhereWhereTheOwnHostIsANameSinceEtcdBindsToAddressesOnly() {
        InitialCluster named =
                new InitialCluster(State.NEW, "a", List.of(new Entry("a", "https://a.example.org:2380")), false);

        String content = PeersFileContent.of(named, extended(PeersFileFormat.DOCKER, Optional.empty()));

        assertTrue(content.contains("\nETCD_LISTEN_PEER_URLS=https://0.0.0.0:2380\n"), content);
        assertTrue(content.contains("\nETCD_INITIAL_ADVERTISE_PEER_URLS=https://a.example.org:2380\n"), content);
        assertTrue(content.contains("\nETCD_LISTEN_CLIENT_URLS=https://0.0.0.0:2379\n"), content);
        assertTrue(content.endsWith("\nETCD_ADVERTISE_CLIENT_URLS=https://a.example.org:2379\n"), content);
    }

    @Test
    void namesEveryPeerUrlOfTheNode() {
        InitialCluster two = new InitialCluster(
                State.NEW,
                "a",
                List.of(new Entry("a", "http://[fd00::1]:2380"), new Entry("a", "http://127.0.0.2:2380")),
                false);

        String content = PeersFileContent.of(two, extended(PeersFileFormat.FLAGS, Optional.empty()));

        assertTrue(
                content.contains("\n--initial-advertise-peer-urls=http://127.0.0.2:2380,http://[fd00::1]:2380\n"),
                content);
        assertTrue(
                content.contains("\n--listen-peer-urls=http://127.0.0.2:2380,http://[fd00:0:0:0:0:0:0:1]:2380\n"),
                content);
    }

    @Test
    void givesAnExtendedProxyNothingButALoopbackPort() {
        InitialCluster proxy = new InitialCluster(State.EXISTING, "i-0aaaaaaa", PROMISED.entries(), true);

        String content = PeersFileContent.of(proxy, extended(PeersFileFormat.DOCKER, Optional.empty()));

        assertTrue(content.endsWith("\nETCD_PROXY=on\nETCD_LISTEN_CLIENT_URLS=http://127.0.0.1:2379\n"), content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "two words",
                "a\nETCD_X=1",
                "quo\"te",
                "it's",
                "back\\slash",
                "$HOME",
                "`id`",
                "h\u00e9",
                "*",
                "a;b"
            })
    void refusesWhatALineCannotHoldSafely(String token) {
        PeersFileSettings settings = withToken(PeersFileFormat.SYSTEMD, token);

        String message = assertThrows(InexpressibleException.class, () -> PeersFileContent.of(PROMISED, settings))
                .toString();

        assertTrue(message.contains("ETCD_INITIAL_CLUSTER_TOKEN"), message);
        assertTrue(message.contains("json or etcd-yaml"), message);
        assertTrue(message.lines().count() == 1, message);
    }

    @Test
    void escapesInJsonWhatALineCannotHold() {
        PeersFileSettings settings = withToken(PeersFileFormat.JSON, "two \"words\"\n\u00e9");

        JsonObject read =
                JsonParser.parseString(PeersFileContent.of(PROMISED, settings)).getAsJsonObject();

        assertEquals("two \"words\"\n\u00e9", read.get("initial-cluster-token").getAsString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a,b", "a=b", "a b", "a\nb", "\u0007"})
    void refusesNamesThatWouldBreakTheInitialClusterInAnyFormat(String name) {
        InitialCluster cluster = new InitialCluster(
                State.EXISTING,
                "me",
                List.of(new Entry("me", "http://10.0.0.1:2380"), new Entry(name, "http://10.0.0.2:2380")),
                false);

        assertThrows(
                InexpressibleException.class, () -> PeersFileContent.of(cluster, settings(PeersFileFormat.ETCD_YAML)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://",
                "10.0.0.2:2380",
                "http://10.0.0.2",
                "http://10.0.0.2:2380,http://x:1",
                "http://a b:1"
            })
    void refusesPeerUrlsThatAreNone(String url) {
        InitialCluster cluster = new InitialCluster(
                State.EXISTING, "me", List.of(new Entry("me", "http://10.0.0.1:2380"), new Entry("other", url)), false);

        assertThrows(InexpressibleException.class, () -> PeersFileContent.of(cluster, settings(PeersFileFormat.JSON)));
    }

    @ParameterizedTest
    @EnumSource(PeersFileFormat.class)
    void refusesAClusterThatDoesNotHoldTheNode(PeersFileFormat format) {
        InitialCluster without = new InitialCluster(State.NEW, "i-0aaaaaaa", PROMISED.entries(), false);
        InitialCluster empty = new InitialCluster(State.NEW, "i-0aaaaaaa", List.of(), false);

        assertThrows(InexpressibleException.class, () -> PeersFileContent.of(without, settings(format)));
        assertThrows(InexpressibleException.class, () -> PeersFileContent.of(empty, settings(format)));
    }

    private static PeersFileSettings settings(PeersFileFormat format) {
        return new PeersFileSettings(
                Path.of("/etc/sysconfig/etcd-peers"), format, false, "http", 2379, "etcd-cluster", Optional.empty());
    }

    private static PeersFileSettings extended(PeersFileFormat format, Optional<Path> dataDirectory) {
        return new PeersFileSettings(
                Path.of("/etc/sysconfig/etcd-peers"),
                format,
                true,
                format == PeersFileFormat.SYSTEMD || format == PeersFileFormat.DOCKER ? "https" : "http",
                2379,
                "blue",
                dataDirectory);
    }

    private static PeersFileSettings withToken(PeersFileFormat format, String token) {
        return new PeersFileSettings(
                Path.of("/etc/sysconfig/etcd-peers"), format, true, "http", 2379, token, Optional.empty());
    }
}
