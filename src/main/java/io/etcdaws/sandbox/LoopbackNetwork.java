package io.etcdaws.sandbox;

import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A network of 256 loopback addresses for the instances, which no other sandbox gets while this process holds it. */
final class LoopbackNetwork {
    private static final int FIRST = 77;
    private static final int LAST = 96;
    private static final int MOST_INSTANCES = 254;

    /** Where nothing is served: whoever listens there has the network, from before its first instance runs. */
    private static final int CLAIM_PORT = Machine.MANAGEMENT_PORT + Machine.BEHIND;

    private static final List<Integer> PORTS = List.of(
            Machine.MANAGEMENT_PORT,
            Machine.CLIENT_PORT,
            Machine.PEER_PORT,
            Machine.CLIENT_PORT + Machine.BEHIND,
            Machine.PEER_PORT + Machine.BEHIND);

    private final String prefix;
    private final ServerSocket claim;

    private LoopbackNetwork(String prefix, ServerSocket claim) {
        this.prefix = prefix;
        this.claim = claim;
    }

    /** Takes the first on which nothing listens: no other sandbox, nor what is left of one, nor an etcd. */
    static LoopbackNetwork take() throws Misuse {
        if (!exists("127." + FIRST + ".0.1")) {
            throw new Misuse(
                    "this system has no loopback address 127." + FIRST + ".0.1. Linux has all of them; on macOS add"
                            + " as many as there will be instances first: for n in $(seq 20); do sudo ifconfig lo0 alias 127."
                            + FIRST + ".0.$n; done");
        }
        return IntStream.rangeClosed(FIRST, LAST)
                .mapToObj(number -> claim("127." + number + ".0"))
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow(() -> new Misuse("on each of the networks 127." + FIRST + ".0.* to 127." + LAST
                        + ".0.* something listens on one of the ports " + Machine.MANAGEMENT_PORT + " to "
                        + Machine.PEER_PORT + " and " + CLAIM_PORT + " to " + (Machine.PEER_PORT + Machine.BEHIND)
                        + ", such as an etcd on 0.0.0.0. Stop it first."));
    }

    /** The first three numbers of its addresses. */
    String prefix() {
        return prefix;
    }

    /** Gives it back. */
    void release() {
        Ports.close(claim);
    }

    private static Optional<LoopbackNetwork> claim(String prefix) {
        Optional<LoopbackNetwork> claimed =
                Ports.listen(prefix + ".1", CLAIM_PORT).map(socket -> new LoopbackNetwork(prefix, socket));
        claimed.filter(network -> !network.isFree()).ifPresent(LoopbackNetwork::release);
        return claimed.filter(network -> !network.claim.isClosed());
    }

    private boolean isFree() {
        return IntStream.rangeClosed(1, MOST_INSTANCES)
                .mapToObj(host -> prefix + "." + host)
                .allMatch(address -> PORTS.stream().allMatch(port -> Ports.areFree(address, port)) || !exists(address));
    }

    private static boolean exists(String address) {
        return Ports.areFree(address, 0);
    }
}
