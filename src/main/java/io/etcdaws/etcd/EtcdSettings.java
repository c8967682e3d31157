package io.etcdaws.etcd;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How etcd is spoken to.
 *
 * @param clientScheme {@code http} or {@code https}, of the client port
 * @param peerScheme {@code http} or {@code https}, of the peer port
 * @param clientPort the TCP port that etcd serves its clients on
 * @param peerPort the TCP port that etcd serves its peers on
 * @param api which API is used
 * @param caFile PEM certificates that vouch for etcd's server certificates; empty for the JDK's own
 * @param certFile PEM client certificate, followed by its intermediates
 * @param keyFile PEM key of the client certificate
 * @param insecureSkipVerify whether etcd's certificates and host names are not checked at all, as with curl's {@code -k}
 * @param username etcd's user, where authentication is on
 * @param passwordFile the file that holds the user's password
 * @param probeTimeout how long a peer has to answer a probe
 * @param changeTimeout how long etcd has to answer each call of a membership change
 */
public record EtcdSettings(
        String clientScheme,
        String peerScheme,
        int clientPort,
        int peerPort,
        ApiChoice api,
        Optional<Path> caFile,
        Optional<Path> certFile,
        Optional<Path> keyFile,
        boolean insecureSkipVerify,
        Optional<String> username,
        Optional<Path> passwordFile,
        Duration probeTimeout,
        Duration changeTimeout) {
    /** Which API is used. */
    public enum ApiChoice {
        /** The v3 gateway where a member has it, else v2. */
        AUTO,
        V3,
        V2
    }

    private static final Set<String> SCHEMES = Set.of("http", "https");

    /**
     * Checks what each value must fulfil.
     *
     * @throws IllegalArgumentException naming the value and what is wrong with it
     */
    public EtcdSettings {
        require(SCHEMES.contains(clientScheme), "the client scheme is '" + clientScheme + "', not http or https");
        require(SCHEMES.contains(peerScheme), "the peer scheme is '" + peerScheme + "', not http or https");
        require(isPort(clientPort), "the client port " + clientPort + " is not a TCP port");
        require(isPort(peerPort), "the peer port " + peerPort + " is not a TCP port");
        require(
                certFile.isPresent() == keyFile.isPresent(),
                "a client certificate needs its key: set both the certificate file and the key file, or neither");
        require(
                username.isPresent() == passwordFile.isPresent(),
                "authentication needs both a user name and a password file");
        require(isPositive(probeTimeout), "the probe timeout " + probeTimeout + " is not positive");
        require(isPositive(changeTimeout), "the change timeout " + changeTimeout + " is not positive");
    }

    /** Where the etcd at that address is asked. */
    public Endpoint endpoint(Address address) {
        return new Endpoint(
                address,
                clientScheme + "://" + address.inUrl() + ":" + clientPort,
                peerScheme + "://" + address.inUrl() + ":" + peerPort);
    }

    /** Whether any of the two ports speaks TLS. */
    public boolean usesTls() {
        return clientScheme.equals("https") || peerScheme.equals("https");
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= 65535;
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
