package io.etcdaws.etcd;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpEtcdClientTlsTest {
    private static final ActorTestKit testKit = ActorTestKit.create();

    @TempDir
    Path folder;

    private ScriptedServer server;

    @BeforeEach
    void start() throws Exception {
        server = Transcripts.serving(ScriptedServer.tls(serverContext(), 1), "3.5.16");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @AfterAll
    static void shutdown() {
        testKit.shutdownTestKit();
    }

    @Test
    void readsAnEtcdThatWantsAClientCertificate() throws Exception {
        assertInstanceOf(Serving.class, probe(PemFixtures.CA, true, false, "127.0.0.1"));
    }

    @Test
    void isRejectedWithoutAClientCertificate() throws Exception {
        assertInstanceOf(Rejected.class, probe(PemFixtures.CA, false, false, "127.0.0.1"));
    }

    @Test
    void trustsOnlyItsOwnAuthorities() throws Exception {
        String said = assertInstanceOf(Rejected.class, probe(PemFixtures.OTHER_CA, true, false, "127.0.0.1"))
                .detail();
        assertTrue(said.contains("TLS"), said);
    }

    @Test
    void trustsEveryAuthorityOfABundle() throws Exception {
        assertInstanceOf(Serving.class, probe(PemFixtures.OTHER_CA + PemFixtures.CA, true, false, "127.0.0.1"));
    }

    @Test
    void checksTheNameOfTheServerUnlessToldNotTo() throws Exception {
        server.close();
        server = Transcripts.serving(ScriptedServer.tls(serverContext(), 2), "3.5.16");
        String said = assertInstanceOf(Rejected.class, probe(PemFixtures.CA, true, false, "127.0.0.2"))
                .detail();
        assertTrue(said.contains("No subject alternative names matching IP address 127.0.0.2"), said);
        assertInstanceOf(Serving.class, probe(PemFixtures.CA, true, true, "127.0.0.2"));
        assertInstanceOf(Serving.class, probe(PemFixtures.OTHER_CA, true, true, "127.0.0.2"));
    }

    @Test
    void aWrongSchemeIsRejectedInBothDirections() throws Exception {
        String url = "http://127.0.0.1:" + server.port();
        Endpoint plainToTls = new Endpoint(Address.parse("127.0.0.1"), url, url);
        assertInstanceOf(Rejected.class, probe(PemFixtures.CA, true, false, plainToTls));
        try (ScriptedServer plain = Transcripts.serving(ScriptedServer.plain(), "3.5.16")) {
            String tls = "https://127.0.0.1:" + plain.port();
            Endpoint tlsToPlain = new Endpoint(Address.parse("127.0.0.1"), tls, tls);
            assertInstanceOf(Rejected.class, probe(PemFixtures.CA, true, false, tlsToPlain));
        }
    }

    private PeerState probe(String ca, boolean withCertificate, boolean insecure, String host) throws Exception {
        String url = "https://" + host + ":" + server.port();
        return probe(ca, withCertificate, insecure, new Endpoint(Address.parse("127.0.0.1"), url, url));
    }

    private PeerState probe(String ca, boolean withCertificate, boolean insecure, Endpoint endpoint) throws Exception {
        EtcdSettings settings = settings(ca, withCertificate, insecure);
        return HttpEtcdClient.create(testKit.system(), settings, new CredentialFiles(settings).load())
                .probe(endpoint, Duration.ofSeconds(20))
                .answer()
                .toCompletableFuture()
                .join();
    }

    private EtcdSettings settings(String ca, boolean withCertificate, boolean insecure) throws IOException {
        Path caFile = Files.writeString(folder.resolve("ca.pem"), ca);
        Path certFile = Files.writeString(folder.resolve("cert.pem"), PemFixtures.CLIENT_CERTIFICATE);
        Path keyFile = Files.writeString(folder.resolve("key.pem"), PemFixtures.CLIENT_KEY_SEC1);
        return new EtcdSettings(
                "https",
                "https",
                2379,
                2380,
                EtcdSettings.ApiChoice.AUTO,
                Optional.of(caFile),
                withCertificate ? Optional.of(certFile) : Optional.empty(),
                withCertificate ? Optional.of(keyFile) : Optional.empty(),
                insecure,
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5));
    }

    private static SSLContext serverContext() throws GeneralSecurityException, IOException, CredentialsException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setCertificateEntry("ca", Pem.certificates(PemFixtures.CA).get(0));
        keys.setKeyEntry(
                "server",
                Pem.privateKey(PemFixtures.SERVER_KEY),
                new char[0],
                Pem.certificates(PemFixtures.SERVER_CERTIFICATE).toArray(Certificate[]::new));
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(keys);
        KeyManagerFactory identity = KeyManagerFactory.getInstance("SunX509");
        identity.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
