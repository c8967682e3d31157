package io.etcdaws.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

    /** Some rounds and some looks at the metadata. */
    private static final Duration TIME_FOR_ROUNDS = Duration.ofSeconds(4);

    private static final String SCENE_PASSWORD = "rehearsal";

    private Rehearsal() {}

    /**
     * Rehearses, and ends the process.
     *
     * @param arguments a PKCS #12 store with a key for {@code localhost}, under the password {@code rehearsal}
     */
    public static void main(String[] arguments) throws Exception {
        Ending.after(LIMIT, () -> Runtime.getRuntime().halt(1));
        Path directory = Files.createTempDirectory("etcd-aws-rehearsal");
        Path peersFile = directory.resolve("etcd-peers");
        StandIn aws = StandIn.overTls(Path.of(arguments[0]), SCENE_PASSWORD);
        System.setProperty("javax.net.ssl.trustStore", arguments[0]);
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

        run(environment, "--once");
        Thread daemon = new Thread(() -> run(environment), "rehearsed");
        daemon.setDaemon(true);
        daemon.start();
        Thread.sleep(TIME_FOR_ROUNDS.toMillis());
        for (String page : new String[] {"/", "/status", "/metrics", "/health/live", "/health/ready"}) {
            look(URI.create("http://127.0.0.1:" + management + page));
        }
        Files.deleteIfExists(peersFile);
        Files.delete(directory);
        System.exit(0);
    }

    private static void run(Map<String, String> environment, String... arguments) {
        new Main(environment, System.out, System.err, new ReconcilerRunner(environment, System.out)).run(arguments);
    }

    private static void look(URI page) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) page.toURL().openConnection();
        System.err.println(page + " answers " + connection.getResponseCode());
        connection.disconnect();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
