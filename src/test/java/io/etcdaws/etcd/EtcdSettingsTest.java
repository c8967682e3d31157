package io.etcdaws.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EtcdSettingsTest {
    @Test
    void anEndpointHasBothPortsOfAnAddress() {
        assertEquals(
                new Endpoint(Address.parse("10.0.0.1"), "https://10.0.0.1:2379", "http://10.0.0.1:2380"),
                settings("https", "http", 2379, 2380).endpoint(Address.parse("10.0.0.1")));
    }

    @Test
    void anIpv6AddressStandsInBrackets() {
        Endpoint endpoint = settings("http", "http", 2379, 2380).endpoint(Address.parse("::1"));
        assertEquals("http://[0:0:0:0:0:0:0:1]:2379", endpoint.clientUrl());
    }

    @Test
    void tlsIsUsedIfEitherPortSpeaksIt() {
        assertFalse(settings("http", "http", 2379, 2380).usesTls());
        assertTrue(settings("https", "http", 2379, 2380).usesTls());
        assertTrue(settings("http", "https", 2379, 2380).usesTls());
    }

    @Test
    void refusesValuesThatCannotWorkAndNamesThem() {
        assertRefused("client scheme is 'ftp'", () -> settings("ftp", "http", 2379, 2380));
        assertRefused("peer scheme is 'HTTP'", () -> settings("http", "HTTP", 2379, 2380));
        assertRefused("client port 0", () -> settings("http", "http", 0, 2380));
        assertRefused("peer port 65536", () -> settings("http", "http", 2379, 65536));
        assertRefused(
                "both the certificate file and the key file",
                () -> with(Optional.of(Path.of("cert.pem")), Optional.empty(), Duration.ofSeconds(2)));
        assertRefused(
                "both a user name and a password file",
                () -> with(Optional.empty(), Optional.of("root"), Duration.ofSeconds(2)));
        assertRefused("probe timeout PT0S", () -> with(Optional.empty(), Optional.empty(), Duration.ZERO));
    }

    private static void assertRefused(String message, Runnable making) {
        String said = String.valueOf(
                assertThrows(IllegalArgumentException.class, making::run).getMessage());
        assertTrue(said.contains(message), said);
    }

    private static EtcdSettings settings(String clientScheme, String peerScheme, int clientPort, int peerPort) {
        return new EtcdSettings(
                clientScheme,
                peerScheme,
                clientPort,
                peerPort,
                EtcdSettings.ApiChoice.AUTO,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5));
    }

    private static EtcdSettings with(Optional<Path> certFile, Optional<String> username, Duration probeTimeout) {
        return new EtcdSettings(
                "http",
                "http",
                2379,
                2380,
                EtcdSettings.ApiChoice.AUTO,
                Optional.empty(),
                certFile,
                Optional.empty(),
                false,
                username,
                Optional.empty(),
                probeTimeout,
                Duration.ofSeconds(5));
    }
}
