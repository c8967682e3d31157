package io.etcdaws.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Locale;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * What a {@link Rehearsal} plays before: the metadata, the AWS APIs and the etcd of a group of one instance at 127.0.0.1, each
 * at any port. It answers well-formed requests of this program only, and none well that changes something.
 */
final class StandIn {
    private static final String ID = "i-0123456789abcdef0";
    private static final String HEADER = "\"header\":{\"cluster_id\":\"1\",\"member_id\":\"1\"}";

    private final ServerSocket server;

    private StandIn(ServerSocket server) {
        this.server = server;
        inBackground(this::accept);
    }

    static StandIn plain() throws IOException {
        return new StandIn(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    /** The same over TLS, with the one key in a PKCS #12 store. */
    static StandIn overTls(Path store, String password) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream input = Files.newInputStream(store)) {
            keys.load(input, password.toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return new StandIn(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    int port() {
        return server.getLocalPort();
    }

    private static void inBackground(Runnable work) {
        Thread thread = new Thread(work, "stand-in");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket connection = server.accept();
                inBackground(() -> serve(connection));
            }
        } catch (IOException e) {
            // The process ends.
        }
    }

    /** Answers request after request, until the other side closes or has said that it will. */
    private static void serve(Socket connection) {
        try (connection) {
            InputStream input = new BufferedInputStream(connection.getInputStream());
            OutputStream output = connection.getOutputStream();
            String target = line(input);
            while (!target.isEmpty()) {
                int length = 0;
                boolean last = false;
                for (String header = line(input); !header.isEmpty(); header = line(input)) {
                    String lower = header.toLowerCase(Locale.ROOT);
                    length = lower.startsWith("content-length:")
                            ? Integer.parseInt(lower.substring(15).trim())
                            : length;
                    last |= lower.equals("connection: close");
                }
                String request = target + "\n" + new String(input.readNBytes(length), UTF_8);
                output.write(response(answer(request), last));
                output.flush();
                target = last ? "" : line(input);
            }
        } catch (IOException e) {
            // The other side went away.
        }
    }

    private static String line(InputStream input) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n' && next >= 0; next = input.read()) {
            line.append((char) next);
        }
        return line.toString().trim();
    }

    private static byte[] response(String body, boolean last) {
        return ((body.isEmpty() ? "HTTP/1.1 404 Not Found" : "HTTP/1.1 200 OK")
                        + "\r\nContent-Type: "
                        + (body.startsWith("<") ? "text/xml" : "application/json")
                        + "\r\nX-Etcd-Cluster-Id: 1\r\nContent-Length: "
                        + body.length()
                        + (last ? "\r\nConnection: close" : "")
                        + "\r\n\r\n"
                        + body)
                .getBytes(UTF_8);
    }

    /** The body, empty for what is not there. */
    private static String answer(String request) {
        if (request.contains("/latest/")) {
            return metadata(request);
        }
        return request.contains("Action=") ? aws(request) : etcd(request);
    }

    private static String metadata(String request) {
        if (request.contains("/latest/api/token")) {
            return "token";
        }
        return request.contains("/instance-identity/document")
                ? "{\"instanceId\":\"" + ID + "\",\"privateIp\":\"127.0.0.1\",\"region\":\"us-east-1\","
                        + "\"availabilityZone\":\"us-east-1a\"}"
                : "";
    }

    private static String aws(String request) {
        String instance = element("InstanceId", ID)
                + element("LifecycleState", "InService")
                + element("AvailabilityZone", "us-east-1a")
                + element("HealthStatus", "Healthy");
        String group = element("AutoScalingGroupName", "group");
        if (request.contains("DescribeAutoScalingInstances")) {
            return autoScaling("DescribeAutoScalingInstances", "AutoScalingInstances", group + instance);
        }
        if (request.contains("DescribeAutoScalingGroups")) {
            String tag = element("Key", "etcd-aws:cluster-id") + element("Value", "1");
            return autoScaling(
                    "DescribeAutoScalingGroups",
                    "AutoScalingGroups",
                    group
                            + element("DesiredCapacity", "1")
                            + element("Instances", element("member", instance))
                            + element("Tags", element("member", tag)));
        }
        return element(
                "DescribeInstancesResponse",
                element("requestId", "1")
                        + element("reservationSet", element("item", element("instancesSet", element("item", ec2())))));
    }

    private static String autoScaling(String action, String list, String member) {
        return element(
                action + "Response",
                element(action + "Result", element(list, element("member", member)))
                        + element("ResponseMetadata", element("RequestId", "1")));
    }

    private static String ec2() {
        String address = element("privateIpAddress", "127.0.0.1");
        return element("instanceId", ID)
                + element("instanceState", element("code", "16") + element("name", "running"))
                + address
                + element("vpcId", "vpc-1")
                + element("placement", element("availabilityZone", "us-east-1a"))
                + element(
                        "networkInterfaceSet",
                        element("item", element("attachment", element("deviceIndex", "0")) + address));
    }

    private static String etcd(String request) {
        String urls = "\"name\":\"" + ID + "\",\"peerURLs\":[\"http://127.0.0.1:2380\"],"
                + "\"clientURLs\":[\"http://127.0.0.1:2379\"]";
        if (request.contains(" /version")) {
            return "{\"etcdserver\":\"3.5.0\",\"etcdcluster\":\"3.5.0\"}";
        }
        if (request.contains(" /members")) {
            return "[{\"id\":1," + urls + "}]";
        }
        if (request.contains("/member/list")) {
            return "{" + HEADER + ",\"members\":[{\"ID\":\"1\"," + urls + "}]}";
        }
        if (request.contains("/maintenance/status")) {
            return "{" + HEADER + ",\"version\":\"3.5.0\",\"leader\":\"1\",\"raftIndex\":\"1\",\"raftTerm\":\"1\","
                    + "\"raftAppliedIndex\":\"1\"}";
        }
        return request.contains(" /health") ? "{\"health\":\"true\"}" : "";
    }

    private static String element(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }
}
