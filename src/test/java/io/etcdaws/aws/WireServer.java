package io.etcdaws.aws;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.util.ByteString;

/** An HTTP server that keeps requests as they came over the wire, and answers or misbehaves as it is told. */
final class WireServer implements AutoCloseable {
    /** A request, with nothing decoded. */
    record Request(String method, String target, List<String> headers, ByteString body) {
        /** The value of the only header of that name. */
        Optional<String> header(String name) {
            List<String> values = headers.stream()
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).trim())
                    .toList();
            if (values.size() > 1) {
                throw new AssertionError(name + " came more than once: " + values);
            }
            return values.stream().findFirst();
        }

        String text() {
            return body.utf8String();
        }
    }

    /** What comes back. */
    sealed interface Answer {}

    record Reply(int status, String contentType, ByteString body) implements Answer {}

    /** Nothing, until the server is closed. */
    record Hang() implements Answer {}

    /** A TCP reset. */
    record Reset() implements Answer {}

    /** The head of a reply whose body never ends. */
    record Stall() implements Answer {}

    static Answer text(String body) {
        return text(200, body);
    }

    static Answer text(int status, String body) {
        return new Reply(status, "text/plain", ByteString.fromString(body));
    }

    static Answer xml(int status, String body) {
        return new Reply(status, "text/xml", ByteString.fromString(body));
    }

    private final ServerSocket server;
    private final Function<Request, Answer> behaviour;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();

    private WireServer(ServerSocket server, Function<Request, Answer> behaviour) {
        this.server = server;
        this.behaviour = behaviour;
    }

    static WireServer start(Function<Request, Answer> behaviour) {
        try {
            WireServer wire = new WireServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), behaviour);
            wire.threads.execute(wire::accept);
            return wire;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends a first request, which loads classes for longer than the requests of a test may take. */
    static void warmUp(ActorSystem<?> system) {
        try (WireServer server = start(request -> text("warm"))) {
            new PooledHttp(system, Duration.ofSeconds(30))
                    .send(HttpRequest.GET(server.url() + "/"))
                    .toCompletableFuture()
                    .join()
                    .response()
                    .discardEntityBytes(system)
                    .completionStage()
                    .toCompletableFuture()
                    .join();
        }
    }

    /** A URL at which nothing listens. */
    static URI nowhere() {
        try (WireServer gone = start(request -> new Hang())) {
            return gone.url();
        }
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    String authority() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    List<Request> requests() {
        return List.copyOf(requests);
    }

    int connections() {
        return connections.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                connections.incrementAndGet();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                Request request = read(line, in);
                requests.add(request);
                if (!answer(behaviour.apply(request), request, socket)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has gone, which is its right.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(socket);
        }
    }

    private static Request read(String requestLine, InputStream in) throws IOException {
        List<String> headers = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            headers.add(line);
        }
        List<String> words = List.of(requestLine.split(" ", -1));
        Request head = new Request(words.get(0), words.get(1), headers, ByteString.emptyByteString());
        byte[] body = head.header("Transfer-Encoding").isPresent()
                ? chunks(in)
                : in.readNBytes(Integer.parseInt(head.header("Content-Length").orElse("0")));
        return new Request(head.method(), head.target(), headers, ByteString.fromArray(body));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in), 16); size > 0; size = Integer.parseInt(line(in), 16)) {
            body.write(in.readNBytes(size));
            line(in);
        }
        line(in);
        return body.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    /** Whether the connection goes on. */
    private boolean answer(Answer answer, Request request, Socket socket) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        if (answer instanceof Reply reply) {
            String head = "HTTP/1.1 " + reply.status() + " Said\r\nContent-Type: " + reply.contentType()
                    + "\r\nX-Request: 7\r\nContent-Length: " + reply.body().length() + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            if (!request.method().equals("HEAD")) {
                out.write(reply.body().toArray());
            }
            out.flush();
            return true;
        }
        if (answer instanceof Stall) {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
        }
        if (answer instanceof Reset) {
            socket.setSoLinger(true, 0);
            return false;
        }
        closed.await();
        return false;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            server.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        threads.shutdownNow();
    }
}
