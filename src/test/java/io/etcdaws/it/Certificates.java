package io.etcdaws.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority, made with openssl, and what it signs. */
final class Certificates {
    private final Path directory;

    /** Makes an authority in that directory. */
    Certificates(Path directory) {
        this.directory = directory;
        openssl(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=lab",
                "-keyout",
                file("ca.key"),
                "-out",
                file("ca.pem"));
    }

    /** Signs a certificate that serves at these addresses and identifies a client. */
    void sign(String name, List<String> addresses) {
        List<String> names = new ArrayList<>();
        addresses.forEach(address -> names.add("IP:" + address));
        names.add("DNS:localhost");
        try {
            Files.writeString(
                    directory.resolve(name + ".ext"),
                    "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n"
                            + "subjectAltName=" + String.join(",", names) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // The old form of an EC key, "BEGIN EC PRIVATE KEY", which many etcd set-ups have.
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", file(name + ".key"));
        openssl("req", "-new", "-key", file(name + ".key"), "-subj", "/CN=" + name, "-out", file(name + ".csr"));
        openssl(
                "x509",
                "-req",
                "-in",
                file(name + ".csr"),
                "-CA",
                file("ca.pem"),
                "-CAkey",
                file("ca.key"),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                file(name + ".ext"),
                "-out",
                file(name + ".pem"));
    }

    /** What a client in Java needs to show one of the certificates, and to trust the authority. */
    SSLContext client(String name) {
        openssl(
                "pkcs12",
                "-export",
                "-in",
                file(name + ".pem"),
                "-inkey",
                file(name + ".key"),
                "-passout",
                "pass:lab",
                "-out",
                file(name + ".p12"));
        try (InputStream own = Files.newInputStream(directory.resolve(name + ".p12"));
                InputStream authority = Files.newInputStream(directory.resolve("ca.pem"))) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(own, "lab".toCharArray());
            KeyManagerFactory identity = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            identity.init(keys, "lab".toCharArray());
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(authority));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(identity.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The options of an etcd that wants and shows certificates everywhere. */
    List<String> etcdFlags(String name) {
        return List.of(
                "--client-cert-auth",
                "--trusted-ca-file=" + file("ca.pem"),
                "--cert-file=" + file(name + ".pem"),
                "--key-file=" + file(name + ".key"),
                "--peer-client-cert-auth",
                "--peer-trusted-ca-file=" + file("ca.pem"),
                "--peer-cert-file=" + file(name + ".pem"),
                "--peer-key-file=" + file(name + ".key"));
    }

    String file(String name) {
        return directory.resolve(name).toString();
    }

    private void openssl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Processes.run(directory, command);
    }
}
