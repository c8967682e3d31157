package io.etcdaws.etcd;

import io.etcdaws.etcd.Credentials.Expiry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Makes a TLS context of the content of PEM files. */
final class TlsMaterial {
    private final Map<Path, String> content;
    private final Instant now;
    private final List<String> warnings;
    private final List<Expiry> expiries = new ArrayList<>();

    /** Will add to {@code warnings} what is odd and stops nothing. */
    TlsMaterial(Map<Path, String> content, Instant now, List<String> warnings) {
        this.content = content;
        this.now = now;
        this.warnings = warnings;
    }

    SSLContext context(
            Optional<Path> caFile, Optional<Path> certFile, Optional<Path> keyFile, boolean insecureSkipVerify)
            throws CredentialsException {
        KeyManager[] keyManagers = certFile.isPresent() && keyFile.isPresent()
                ? new KeyManager[] {identity(certFile.get(), keyFile.get())}
                : new KeyManager[0];
        TrustManager @Nullable [] trustManagers =
                insecureSkipVerify ? new TrustManager[] {new TrustEverything()} : trust(caFile);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers, trustManagers, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new CredentialsException("TLS cannot be set up: " + e.getMessage(), e);
        }
    }

    /** Null stands for the JDK's own certificate authorities. */
    private TrustManager @Nullable [] trust(Optional<Path> caFile) throws CredentialsException {
        if (caFile.isEmpty()) {
            return null;
        }
        Path file = caFile.get();
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int index = 0;
            for (X509Certificate certificate : certificates(file)) {
                warnUnlessValid(file, certificate);
                store.setCertificateEntry("ca-" + index++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return factory.getTrustManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw new CredentialsException("the certificates of " + file + " cannot be trusted: " + e.getMessage(), e);
        }
    }

    private KeyManager identity(Path certFile, Path keyFile) throws CredentialsException {
        List<X509Certificate> chain = certificates(certFile);
        PrivateKey key;
        try {
            key = Pem.privateKey(text(keyFile));
        } catch (CredentialsException e) {
            throw new CredentialsException("the file " + keyFile + " " + e.getMessage(), e);
        }
        List<X509Certificate> owned = new ArrayList<>();
        for (X509Certificate certificate : chain) {
            if (belongTogether(certificate, key)) {
                owned.add(certificate);
            }
        }
        if (owned.isEmpty()) {
            throw new CredentialsException("the key in " + keyFile + " does not belong to the certificate in "
                    + certFile + " (" + subjectOf(chain.get(0)) + ")");
        }
        if (!owned.contains(chain.get(0))) {
            throw new CredentialsException("the first certificate in " + certFile
                    + " must be the client's own, followed by its intermediates; it is that of "
                    + subjectOf(chain.get(0)));
        }
        warnUnlessValid(certFile, chain.get(0));
        return new SingleIdentity(chain.toArray(X509Certificate[]::new), key);
    }

    /** Of all certificates that the context is made of. */
    List<Expiry> expiries() {
        return List.copyOf(expiries);
    }

    private List<X509Certificate> certificates(Path file) throws CredentialsException {
        try {
            List<X509Certificate> found = Pem.certificates(text(file));
            found.forEach(it ->
                    expiries.add(new Expiry(file.toString(), it.getNotAfter().toInstant())));
            return found;
        } catch (CredentialsException e) {
            throw new CredentialsException("the file " + file + " " + e.getMessage(), e);
        }
    }

    private String text(Path file) {
        return content.getOrDefault(file, "");
    }

    private void warnUnlessValid(Path file, X509Certificate certificate) {
        if (certificate.getNotAfter().toInstant().isBefore(now)) {
            warnings.add("the certificate of " + subjectOf(certificate) + " in " + file + " expired on "
                    + certificate.getNotAfter().toInstant());
        } else if (certificate.getNotBefore().toInstant().isAfter(now)) {
            warnings.add("the certificate of " + subjectOf(certificate) + " in " + file + " is not valid before "
                    + certificate.getNotBefore().toInstant());
        }
    }

    private static String subjectOf(X509Certificate certificate) {
        return "'" + certificate.getSubjectX500Principal().getName() + "'";
    }

    /** A signature made with the key that the certificate confirms is proof, whatever the kind of key. */
    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
        try {
            Signature signer = Signature.getInstance(signatureAlgorithm(key));
            byte[] sample = {1, 2, 3};
            signer.initSign(key);
            signer.update(sample);
            byte[] signature = signer.sign();
            // Not initVerify(certificate), which would insist on a key usage.
            signer.initVerify(certificate.getPublicKey());
            signer.update(sample);
            return signer.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String signatureAlgorithm(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }
}
