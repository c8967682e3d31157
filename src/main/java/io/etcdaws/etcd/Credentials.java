package io.etcdaws.etcd;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * What this program shows to etcd, and by what it recognises etcd; as the files were at one moment. Immutable.
 *
 * <p>The TLS context is kept as long as the files stay the same, so that sessions are resumed across rounds.
 */
public final class Credentials {
    /**
     * A user of etcd.
     *
     * @param username the name
     * @param password the password, never logged
     */
    record Login(String username, String password) {
        @Override
        public String toString() {
            return username;
        }
    }

    /**
     * Until when a certificate is valid.
     *
     * @param file the file that holds it, as configured; a file of several certificates has an entry for each
     */
    public record Expiry(String file, Instant notAfter) {}

    private final Optional<SSLContext> tls;
    private final boolean namesChecked;
    private final Optional<Login> login;
    private final List<String> warnings;
    private final List<Expiry> expiries;

    Credentials(
            Optional<SSLContext> tls,
            boolean namesChecked,
            Optional<Login> login,
            List<String> warnings,
            List<Expiry> expiries) {
        this.tls = tls;
        this.namesChecked = namesChecked;
        this.login = login;
        this.warnings = List.copyOf(warnings);
        this.expiries = List.copyOf(expiries);
    }

    /** Nothing to show: plain HTTP without authentication. */
    public static Credentials none() {
        return new Credentials(Optional.empty(), true, Optional.empty(), List.of(), List.of());
    }

    /** What an operator should know although it stops nothing, such as a certificate that has expired. */
    public List<String> warnings() {
        return warnings;
    }

    /** Of the client certificate with its intermediates, and of the authorities that etcd is checked against. */
    public List<Expiry> expiries() {
        return expiries;
    }

    Optional<Login> login() {
        return login;
    }

    /** Whether a port that speaks TLS can be spoken to. */
    boolean canSpeakTls() {
        return tls.isPresent();
    }

    /**
     * A TLS engine for one connection.
     *
     * @throws IllegalStateException if no port was to speak TLS when these credentials were read
     */
    SSLEngine engineFor(String host, int port) {
        SSLEngine engine = tls.orElseThrow(() -> new IllegalStateException("no TLS context was made for plain HTTP"))
                .createSSLEngine(host, port);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        // With HTTP/2 negotiated, etcd's peer port answers nothing that makes sense.
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        if (namesChecked) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        engine.setSSLParameters(parameters);
        return engine;
    }
}
