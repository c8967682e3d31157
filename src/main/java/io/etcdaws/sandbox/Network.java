package io.etcdaws.sandbox;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Who can reach whom. A node that is cut off and the other nodes hear nothing of each other, in both directions: connections
 * are made and stay, and nothing comes through until the node is healed. It still reaches itself and AWS.
 */
final class Network {
    private final Set<String> cut = new TreeSet<>();
    private CompletableFuture<Void> change = new CompletableFuture<>();

    /** Cuts a node off. */
    void cutOff(String node) {
        changed(() -> cut.add(node));
    }

    /** Ends that. */
    void heal(String node) {
        changed(() -> cut.remove(node));
    }

    private void changed(Runnable how) {
        CompletableFuture<Void> over;
        synchronized (this) {
            how.run();
            over = change;
            change = new CompletableFuture<>();
        }
        over.complete(null);
    }

    synchronized boolean isCutOff(String node) {
        return cut.contains(node);
    }

    /** Completes when what the link carries may go on. */
    CompletionStage<Void> passage(Link link) {
        CompletableFuture<Void> next;
        synchronized (this) {
            if (cut.isEmpty()) {
                return CompletableFuture.completedFuture(null);
            }
            next = change;
        }
        return link.from()
                .thenCompose(from -> isOpen(from, link.to())
                        ? CompletableFuture.completedFuture(null)
                        : next.thenCompose(changed -> passage(link)));
    }

    private synchronized boolean isOpen(Optional<String> from, String to) {
        boolean within = from.filter(to::equals).isPresent();
        return within || !(cut.contains(to) || from.filter(cut::contains).isPresent());
    }
}
