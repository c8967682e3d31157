package io.etcdaws.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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

    String file(String name) {
        return directory.resolve(name).toString();
    }

    private void openssl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Processes.run(directory, command);
    }
}
