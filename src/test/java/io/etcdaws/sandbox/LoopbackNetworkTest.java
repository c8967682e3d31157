package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class LoopbackNetworkTest {
    @Test
    void isOnlyOnesUntilItIsGivenBack() throws Misuse {
        LoopbackNetwork first = LoopbackNetwork.take();
        LoopbackNetwork second = LoopbackNetwork.take();
        first.release();
        second.release();
        assertNotEquals(first.prefix(), second.prefix());
    }

    @Test
    void leavesOutANetworkOfWhichAnyAddressIsInUse() throws Misuse, IOException {
        LoopbackNetwork free = LoopbackNetwork.take();
        free.release();
        try (ServerSocket leftOver =
                Ports.listen(free.prefix() + ".200", Machine.PEER_PORT).orElseThrow()) {
            LoopbackNetwork other = LoopbackNetwork.take();
            other.release();
            assertEquals(Machine.PEER_PORT, leftOver.getLocalPort());
            assertNotEquals(free.prefix(), other.prefix());
        }
    }
}
