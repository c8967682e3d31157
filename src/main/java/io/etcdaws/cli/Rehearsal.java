package io.etcdaws.cli;

import io.etcdaws.reconcile.ExitCode;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;

/**
 * Lives through a one-shot and some rounds of the periodic mode, on a loopback address, so that Java can note which classes
 * that takes: the launcher makes its class archive of it. Nothing outside of the process is asked or changed but a file in
 * the directory for temporary files.
 */
final class Rehearsal {
    /** Whatever hangs. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    /** Some rounds and some looks at the metadata. */
    private static final Duration TIME_FOR_ROUNDS = Duration.ofSeconds(4);

    private static final String SCENE_PASSWORD = "rehearsal";

    private Rehearsal() {}

    /**
     * Rehearses, and ends the process: without an archive where something did not go as it should.
     *
     * @param arguments a PKCS #12 store with a key for {@code localhost}, under the password {@code rehearsal}
     */
    public static void main(String[] arguments) throws InterruptedException {
        Ending.after(LIMIT, () -> require(false, "over within " + LIMIT.toSeconds() + " s"));
        try {
            rehearse(Path.of(arguments[0]));
        } catch (IOException | GeneralSecurityException e) {
            require(false, e.toString());
        }
        System.exit(0);
    }

    private static void rehearse(Path keys) throws IOException, GeneralSecurityException, InterruptedException {
        Path directory = Files.createTempDirectory("etcd-aws-rehearsal");
        Path peersFile = directory.resolve("etcd-peers");
        StandIn aws = StandIn.overTls(keys, SCENE_PASSWORD);
        System.setProperty("javax.net.ssl.trustStore", keys.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", SCENE_PASSWORD);
        System.setProperty("aws.accessKeyId", "none");
        System.setProperty("aws.secretAccessKey", "none");
        System.setProperty("aws.endpointUrl", "https://localhost:" + aws.port());
        StandIn node = StandIn.plain();
        int management = freePort();
        Map<String, String> environment = Map.of(
                "ETCD_AWS_METADATA_ENDPOINT", "http://127.0.0.1:" + node.port(),
                "ETCD_AWS_METADATA_WATCH_INTERVAL", "1s",
                "ETCD_AWS_ETCD_CLIENT_PORT", "" + node.port(),
                "ETCD_AWS_ETCD_PEER_PORT", "" + StandIn.plain().port(),
                "ETCD_AWS_PEERS_FILE_PATH", peersFile.toString(),
                "ETCD_AWS_RECONCILE_INTERVAL", "1s",
                "ETCD_AWS_MANAGEMENT_ADDRESS", "127.0.0.1:" + management);

        require(run(environment, "--once") == ExitCode.DONE, "the one-shot writes the file");
        Thread daemon = new Thread(() -> run(environment), "rehearsed");
        daemon.setDaemon(true);
        daemon.start();
        String pages = "http://127.0.0.1:" + management;
        while (look(URI.create(pages + "/health/ready")) != HttpURLConnection.HTTP_OK) {
            Thread.sleep(BETWEEN_LOOKS.toMillis());
        }
        Thread.sleep(TIME_FOR_ROUNDS.toMillis());
        for (String page : new String[] {"/", "/status", "/metrics", "/health/live", "/health/ready"}) {
            require(look(URI.create(pages + page)) == HttpURLConnection.HTTP_OK, page + " is there");
        }
        Files.deleteIfExists(peersFile);
        Files.delete(directory);
    }

    private static ExitCode run(Map<String, String> environment, String... arguments) {
        return new Main(environment, System.out, System.err, new ReconcilerRunner(environment, System.out))
                .run(arguments);
    }

    /** Answers the status, or 0 where nobody listens yet. */
    private static int look(URI page) {
        try {
            HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
            int status = connection.getResponseCode();
            connection.disconnect();
            return status;
        } catch (IOException e) {
            return 0;
        }
    }

    /** Java writes the archive whenever the process exits; of a failed rehearsal it would lack most classes. */
    private static void require(boolean held, String what) {
        if (!held) {
            System.err.println("the rehearsal failed: not so: " + what);
            Runtime.getRuntime().halt(1);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
