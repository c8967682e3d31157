package io.etcdaws.etcd;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** One port of an etcd that answers as it is told to, byte for byte, and remembers what it was asked. */
final class ScriptedServer implements AutoCloseable {
    /**
     * A request as it came.
     *
     * @param connection the how manieth connection it came over, from 1
     */
    record Request(String line, Map<String, String> headers, String body, int connection) {}

    /** What becomes of a connection after an answer. */
    private enum Then {
        GOES_ON,
        HANGS,
        IS_RESET,
        IS_CLOSED
    }

    /** What is done after a request: bytes are sent, and then something becomes of the connection. */
    record Answer(String bytes, Then then) {}

    /** Accepts, reads, and never answers. */
    static final Answer HANG = new Answer("", Then.HANGS);

    /** Resets the connection without an answer. */
    static final Answer RESET = new Answer("", Then.IS_RESET);

    /** Closes the connection without an answer. */
    static final Answer CLOSE = new Answer("", Then.IS_CLOSED);

    private static final int TLS_HANDSHAKE = 0x16;

    private final ServerSocket socket;
    private final Map<String, Function<Request, Answer>> script = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> connections = new CopyOnWriteArrayList<>();
    private final CountDownLatch hungUp = new CountDownLatch(1);
    private volatile Answer otherwise = http(404, "text/plain; charset=utf-8", "404 page not found\n");

    private ScriptedServer(ServerSocket socket) {
        this.socket = socket;
        daemon(this::acceptAll);
    }

    static ScriptedServer plain() throws IOException {
        return new ScriptedServer(listen(ServerSocketFactory.getDefault(), 1));
    }

    /** At 127.0.0.x; wants a client certificate. */
    static ScriptedServer tls(SSLContext context, int lastOctet) throws IOException {
        ServerSocket socket = listen(context.getServerSocketFactory(), lastOctet);
        // Before anybody accepts: the first connection is made as the socket is then.
        ((SSLServerSocket) socket).setNeedClientAuth(true);
        return new ScriptedServer(socket);
    }

    private static ServerSocket listen(ServerSocketFactory factory, int lastOctet) throws IOException {
        return factory.createServerSocket(0, 50, loopback(lastOctet));
    }

    /** A port that nothing listens on. */
    static int refusingPort() throws IOException {
        try (ServerSocket unused = new ServerSocket(0, 1, loopback(1))) {
            return unused.getLocalPort();
        }
    }

    static Answer json(int status, String body) {
        return http(status, "application/json", body);
    }

    static Answer text(int status, String body) {
        return http(status, "text/plain; charset=utf-8", body);
    }

    static Answer http(int status, String contentType, String body, String... headers) {
        StringBuilder answer = new StringBuilder("HTTP/1.1 " + status + " Scripted\r\n");
        answer.append("Content-Type: ").append(contentType).append("\r\n");
        for (String header : headers) {
            answer.append(header).append("\r\n");
        }
        int length = body.getBytes(UTF_8).length;
        answer.append("Content-Length: ").append(length).append("\r\n\r\n");
        return new Answer(answer.append(body).toString(), Then.GOES_ON);
    }

    static Answer raw(String bytes) {
        return new Answer(bytes, Then.IS_CLOSED);
    }

    /** From now on answers requests such as {@code GET /version} like this. */
    ScriptedServer on(String methodAndPath, Answer answer) {
        return on(methodAndPath, request -> answer);
    }

    ScriptedServer on(String methodAndPath, Function<Request, Answer> answer) {
        script.put(methodAndPath, answer);
        return this;
    }

    /** From now on answers everything else like this, in place of 404. */
    ScriptedServer otherwise(Answer answer) {
        otherwise = answer;
        return this;
    }

    int port() {
        return socket.getLocalPort();
    }

    /** What it was asked: method, path and body of each. */
    List<String> asked() {
        List<String> lines = new ArrayList<>();
        requests.forEach(it -> lines.add((it.line() + " " + it.body()).trim()));
        return lines;
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Whether the other side closes a connection that was left hanging. */
    boolean sawHangUp() throws InterruptedException {
        return hungUp.await(3, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        for (Socket connection : connections) {
            connection.close();
        }
    }

    private void acceptAll() {
        while (!socket.isClosed()) {
            try {
                Socket connection = socket.accept();
                connections.add(connection);
                int number = connections.size();
                daemon(() -> serve(connection, number));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket connection, int number) {
        try (connection) {
            Answer answer;
            do {
                answer = answer(connection, number);
            } while (answer.then() == Then.GOES_ON);
            if (answer.then() == Then.IS_RESET) {
                connection.setSoLinger(true, 0);
            }
            if (answer.then() == Then.HANGS) {
                awaitHangUp(connection.getInputStream());
            }
        } catch (IOException e) {
            // A failed handshake or the client's end of the connection.
        }
    }

    private Answer answer(Socket connection, int number) throws IOException {
        Request request = read(connection.getInputStream(), number);
        requests.add(request);
        String path = request.line().replaceFirst("\\?.*", "");
        Function<Request, Answer> scripted = script.get(path);
        Answer answer = scripted == null ? otherwise : scripted.apply(request);
        connection.getOutputStream().write(answer.bytes().getBytes(UTF_8));
        connection.getOutputStream().flush();
        return answer;
    }

    private void awaitHangUp(InputStream in) {
        try {
            if (in.read() < 0) {
                hungUp.countDown();
            }
        } catch (IOException e) {
            hungUp.countDown();
        }
    }

    private static Request read(InputStream in, int connection) throws IOException {
        List<String> lines = readHead(in).lines().toList();
        Map<String, String> headers = new ConcurrentHashMap<>();
        for (String header : lines.subList(1, lines.size())) {
            int colon = header.indexOf(':');
            if (colon > 0) {
                headers.put(
                        header.substring(0, colon).toLowerCase(Locale.ROOT),
                        header.substring(colon + 1).strip());
            }
        }
        byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        return new Request(lines.get(0).replaceFirst(" HTTP/1.1$", ""), headers, new String(body, UTF_8), connection);
    }

    private static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0 || (next == TLS_HANDSHAKE && head.size() == 0)) {
                throw new IOException("no HTTP request");
            }
            head.write(next);
        }
        return head.toString(ISO_8859_1);
    }

    private static InetAddress loopback(int lastOctet) throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, (byte) lastOctet});
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }
}
