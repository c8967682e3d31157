package io.etcdaws.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialFilesTest {
    @TempDir
    Path folder;

    @Test
    void acceptsEveryFormOfKeyThatOpensslAndCfsslWrite() throws Exception {
        for (String key : List.of(
                PemFixtures.CLIENT_KEY_PKCS8,
                PemFixtures.CLIENT_KEY_SEC1,
                PemFixtures.CLIENT_KEY_SEC1_AFTER_PARAMETERS,
                PemFixtures.CLIENT_KEY_SEC1_WITHOUT_CURVE)) {
            load(PemFixtures.CA, PemFixtures.CLIENT_CERTIFICATE, key);
        }
        load(PemFixtures.CA, PemFixtures.RSA_CERTIFICATE, PemFixtures.RSA_KEY_PKCS8);
        load(PemFixtures.CA, PemFixtures.RSA_CERTIFICATE, PemFixtures.RSA_KEY_PKCS1);
        load(PemFixtures.CA, PemFixtures.ED25519_CERTIFICATE, PemFixtures.ED25519_KEY);
    }

    @Test
    void acceptsABundleOfAuthoritiesAndAChainWithRemarksAndForeignLineEnds() throws Exception {
        String bundle = "# ours\n" + PemFixtures.CA + "\n--- the other one ---\n" + PemFixtures.OTHER_CA;
        String chain = PemFixtures.CLIENT_CERTIFICATE + PemFixtures.CA;
        assertEquals(2, Pem.certificates(bundle.replace("\n", "\r\n")).size());
        assertEquals(List.of(), load(bundle, chain, PemFixtures.CLIENT_KEY_SEC1).warnings());
    }

    @Test
    void offersNothingButHttp11AndChecksNames() throws Exception {
        SSLEngine engine = load(PemFixtures.CA, PemFixtures.CLIENT_CERTIFICATE, PemFixtures.CLIENT_KEY_SEC1)
                .engineFor("127.0.0.1", 2379);
        assertEquals(List.of("http/1.1"), List.of(engine.getSSLParameters().getApplicationProtocols()));
        assertEquals("HTTPS", engine.getSSLParameters().getEndpointIdentificationAlgorithm());
    }

    @Test
    void anExpiredCertificateIsAWarningWithItsDate() throws Exception {
        Credentials credentials = load(PemFixtures.CA, PemFixtures.EXPIRED_CERTIFICATE, PemFixtures.CLIENT_KEY_PKCS8);
        assertEquals(1, credentials.warnings().size());
        String warning = credentials.warnings().get(0);
        assertTrue(warning.contains("expired on 2021-01-01"), warning);
        assertTrue(warning.contains("cert.pem"), warning);
    }

    @Test
    void tellsUntilWhenEachCertificateIsValid() throws Exception {
        Credentials credentials = load(
                PemFixtures.CA + PemFixtures.OTHER_CA, PemFixtures.EXPIRED_CERTIFICATE, PemFixtures.CLIENT_KEY_PKCS8);
        assertEquals(
                List.of("ca.pem", "ca.pem", "cert.pem"),
                credentials.expiries().stream()
                        .map(it -> Path.of(it.file()).getFileName().toString())
                        .sorted()
                        .toList());
        assertTrue(credentials.expiries().stream()
                .anyMatch(it -> it.file().endsWith("cert.pem")
                        && it.notAfter().toString().startsWith("2021-01-01")));
        assertEquals(List.of(), Credentials.none().expiries());
    }

    @Test
    void namesTheFileAndWhatIsWrongWithIt() {
        assertRefused(
                "ca.pem has no PEM certificate in it", "", PemFixtures.CLIENT_CERTIFICATE, PemFixtures.CLIENT_KEY_SEC1);
        assertRefused(
                "ca.pem has no PEM certificate in it, only EC PRIVATE KEY",
                PemFixtures.SERVER_KEY,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_KEY_SEC1);
        assertRefused(
                "key.pem has no PEM private key in it, only CERTIFICATE",
                PemFixtures.CA,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_CERTIFICATE);
        assertRefused(
                "does not belong to the certificate",
                PemFixtures.CA,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.SERVER_KEY);
        assertRefused(
                "does not belong to the certificate",
                PemFixtures.CA,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.RSA_KEY_PKCS1);
        assertRefused(
                "must be the client's own, followed by its intermediates",
                PemFixtures.CA,
                PemFixtures.CA + PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_KEY_SEC1);
        assertRefused(
                "key.pem holds an encrypted private key",
                PemFixtures.CA,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_KEY_ENCRYPTED);
        assertRefused(
                "key.pem holds an encrypted private key",
                PemFixtures.CA,
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_KEY_SEC1_ENCRYPTED);
        assertRefused(
                "ca.pem holds a certificate that cannot be read",
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                PemFixtures.CLIENT_CERTIFICATE,
                PemFixtures.CLIENT_KEY_SEC1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MA==", "MAA=", "MIA=", "MIR/////", "MCUCAQEEIA==", "oA==", "!!"})
    void aKeyThatIsCutOffIsRefusedAndNothingWorse(String base64) {
        String pem = "-----BEGIN EC PRIVATE KEY-----\n" + base64 + "\n-----END EC PRIVATE KEY-----\n";
        assertThrows(CredentialsException.class, () -> Pem.privateKey(pem));
    }

    @Test
    void namesAFileThatIsNotThere() {
        CredentialFiles files = new CredentialFiles(settings("https", Optional.empty()));
        String said = String.valueOf(
                assertThrows(CredentialsException.class, files::load).getMessage());
        assertTrue(said.contains("ca.pem does not exist"), said);
    }

    @Test
    void namesADirectoryInPlaceOfAFile() throws IOException {
        Files.createDirectory(folder.resolve("ca.pem"));
        CredentialFiles files = new CredentialFiles(settings("https", Optional.empty()));
        String said = String.valueOf(
                assertThrows(CredentialsException.class, files::load).getMessage());
        assertTrue(said.contains("ca.pem is a directory"), said);
    }

    @Test
    void readsTheFilesAnewAndKeepsTheContextWhileTheyAreTheSame() throws Exception {
        write(PemFixtures.CA, PemFixtures.CLIENT_CERTIFICATE, PemFixtures.CLIENT_KEY_SEC1);
        CredentialFiles files = new CredentialFiles(settings("https", Optional.empty()));
        Credentials first = files.load();
        assertSame(first, files.load());
        write(PemFixtures.CA, PemFixtures.RSA_CERTIFICATE, PemFixtures.RSA_KEY_PKCS8);
        Credentials second = files.load();
        assertNotSame(first, second);
        assertSame(second, files.load());
    }

    @Test
    void aBrokenRotationIsReportedUntilItIsRepaired() throws Exception {
        write(PemFixtures.CA, PemFixtures.CLIENT_CERTIFICATE, PemFixtures.CLIENT_KEY_SEC1);
        CredentialFiles files = new CredentialFiles(settings("https", Optional.empty()));
        Credentials first = files.load();
        Files.writeString(folder.resolve("cert.pem"), PemFixtures.RSA_CERTIFICATE);
        assertThrows(CredentialsException.class, files::load);
        assertThrows(CredentialsException.class, files::load);
        Files.writeString(folder.resolve("cert.pem"), PemFixtures.CLIENT_CERTIFICATE);
        assertSame(first, files.load());
    }

    @Test
    void noTlsContextIsMadeAndNoCertificateReadForPlainHttp() throws Exception {
        Credentials credentials = new CredentialFiles(settings("http", Optional.empty())).load();
        assertThrows(IllegalStateException.class, () -> credentials.engineFor("127.0.0.1", 2379));
    }

    @Test
    void readsAPasswordWithoutItsLineEnd() throws Exception {
        Path file = folder.resolve("password");
        Files.writeString(file, " pass wörd \n");
        Credentials credentials = new CredentialFiles(settings("http", Optional.of(file))).load();
        assertEquals(Optional.of(new Credentials.Login("root", " pass wörd ")), credentials.login());
        Files.writeString(file, "\n");
        String said = String.valueOf(assertThrows(
                        CredentialsException.class,
                        () -> new CredentialFiles(settings("http", Optional.of(file))).load())
                .getMessage());
        assertTrue(said.contains("password is empty"), said);
    }

    @Test
    void aPasswordIsNeverPartOfATextForPeople() {
        assertEquals("root", new Credentials.Login("root", "secret").toString());
    }

    private void assertRefused(String message, String ca, String certificate, String key) {
        String said = String.valueOf(assertThrows(CredentialsException.class, () -> load(ca, certificate, key))
                .getMessage());
        assertTrue(said.contains(message), said);
        assertTrue(said.contains(folder.toString()), said);
    }

    private Credentials load(String ca, String certificate, String key) throws IOException, CredentialsException {
        write(ca, certificate, key);
        return new CredentialFiles(settings("https", Optional.empty())).load();
    }

    private void write(String ca, String certificate, String key) throws IOException {
        Files.writeString(folder.resolve("ca.pem"), ca);
        Files.writeString(folder.resolve("cert.pem"), certificate);
        Files.writeString(folder.resolve("key.pem"), key);
    }

    private EtcdSettings settings(String scheme, Optional<Path> password) {
        return new EtcdSettings(
                scheme,
                scheme,
                2379,
                2380,
                EtcdSettings.ApiChoice.AUTO,
                Optional.of(folder.resolve("ca.pem")),
                Optional.of(folder.resolve("cert.pem")),
                Optional.of(folder.resolve("key.pem")),
                false,
                password.map(file -> "root"),
                password,
                Duration.ofSeconds(2),
                Duration.ofSeconds(5));
    }
}
