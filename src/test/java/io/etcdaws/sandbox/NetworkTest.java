package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class NetworkTest {
    private final Network network = new Network();
    private final AtomicInteger searches = new AtomicInteger();

    @Test
    void letsEverythingThroughAndLooksForNobodyWhileNoNodeIsCutOff() {
        assertEquals(true, passes(link("one", "two")));
        assertEquals(0, searches.get());
    }

    @Test
    void cutsBothDirectionsAndNothingElse() {
        network.cutOff("one");
        assertEquals(false, passes(link("one", "two")));
        assertEquals(false, passes(link("two", "one")));
        assertEquals(true, passes(link("one", "one")), "a node reaches itself");
        assertEquals(true, passes(link("two", "three")));
        Link stranger = new Link("one", () -> CompletableFuture.completedFuture(Optional.empty()));
        assertEquals(false, passes(stranger));
    }

    @Test
    void letsWhatWaitsThroughWhenItIsHealed() {
        network.cutOff("one");
        network.cutOff("three");
        CompletableFuture<Void> waiting = network.passage(link("one", "two")).toCompletableFuture();
        network.heal("three");
        assertEquals(false, waiting.isDone());
        network.heal("one");
        assertEquals(true, waiting.isDone());
        assertEquals(1, searches.get());
    }

    private boolean passes(Link link) {
        return network.passage(link).toCompletableFuture().isDone();
    }

    private Link link(String from, String to) {
        return new Link(to, () -> {
            searches.incrementAndGet();
            return CompletableFuture.completedFuture(Optional.of(from));
        });
    }
}
