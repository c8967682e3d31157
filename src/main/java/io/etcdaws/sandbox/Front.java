package io.etcdaws.sandbox;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/**
 * A port of a node as others see it. It hands every connection on to where etcd listens behind it, as far as the network lets
 * it through, and is there only while etcd's process is: a port that is closed must refuse.
 */
final class Front {
    /**
     * What fronts have in common.
     *
     * @param owners tells who made a connection
     */
    record Street(ActorSystem<?> system, Network network, SocketOwners owners) {
        private CompletionStage<Optional<String>> owner(InetSocketAddress end, InetSocketAddress otherEnd) {
            Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
            return CompletableFuture.supplyAsync(() -> owners.at(end, otherEnd), blocking);
        }
    }

    private final Street street;
    private final String node;
    private final String address;
    private final int port;
    private final int behind;
    private @Nullable CompletionStage<Tcp.ServerBinding> binding;

    /**
     * A front that is closed.
     *
     * @param port where others connect to
     * @param behind where etcd listens
     */
    Front(Street street, String node, String address, int port, int behind) {
        this.street = street;
        this.node = node;
        this.address = address;
        this.port = port;
        this.behind = behind;
    }

    boolean isOpen() {
        return binding != null
                && binding.toCompletableFuture().isDone()
                && !binding.toCompletableFuture().isCompletedExceptionally();
    }

    /** Opens if etcd runs, and closes if not. */
    void follow(boolean etcdRuns) {
        boolean failed = binding != null && binding.toCompletableFuture().isCompletedExceptionally();
        if (etcdRuns && (binding == null || failed) && Ports.accepts(address, behind)) {
            binding = open();
        } else if (!etcdRuns && binding != null) {
            binding.thenAccept(Tcp.ServerBinding::unbind);
            binding = null;
        }
    }

    private CompletionStage<Tcp.ServerBinding> open() {
        return tcp().bind(address, port).to(Sink.foreach(this::connect)).run(street.system());
    }

    private void connect(Tcp.IncomingConnection connection) {
        InetSocketAddress caller = connection.remoteAddress();
        Link link = new Link(node, () -> street.owner(caller, new InetSocketAddress(address, port)));
        Flow<ByteString, ByteString, NotUsed> passing = Flow.of(ByteString.class)
                .mapAsync(1, bytes -> street.network().passage(link).thenApply(open -> bytes));
        connection.handleWith(
                passing.via(tcp().outgoingConnection(address, behind)).via(passing), street.system());
    }

    private Tcp tcp() {
        return Tcp.get(Adapter.toClassic(street.system()));
    }
}
