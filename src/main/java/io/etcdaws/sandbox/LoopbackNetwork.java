package io.etcdaws.sandbox;

import java.util.stream.IntStream;

/** A network of 256 loopback addresses for the instances. */
final class LoopbackNetwork {
    private static final int FIRST = 77;
    private static final int LAST = 96;

    private LoopbackNetwork() {}

    /** The first three numbers of the addresses of a network on which no etcd listens yet. */
    static String free() throws Misuse {
        if (!exists("127." + FIRST + ".0.1")) {
            throw new Misuse(
                    "this system has no loopback address 127." + FIRST + ".0.1. Linux has all of them; on macOS add"
                            + " as many as there will be instances first: for n in $(seq 20); do sudo ifconfig lo0 alias 127."
                            + FIRST + ".0.$n; done");
        }
        return IntStream.rangeClosed(FIRST, LAST)
                .mapToObj(number -> "127." + number + ".0")
                .filter(network -> Ports.areFree(network + ".1", Machine.CLIENT_PORT)
                        && Ports.areFree(network + ".1", Machine.PEER_PORT)
                        && Ports.areFree(network + ".1", Machine.MANAGEMENT_PORT))
                .findFirst()
                .orElseThrow(() -> new Misuse(
                        "something listens on the ports " + Machine.MANAGEMENT_PORT + " to " + Machine.PEER_PORT
                                + " of all loopback addresses, such as an etcd on 0.0.0.0. Stop it first."));
    }

    private static boolean exists(String address) {
        return Ports.areFree(address, 0);
    }
}
