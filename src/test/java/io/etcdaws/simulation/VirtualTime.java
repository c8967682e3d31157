package io.etcdaws.simulation;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Time that passes when all that was to happen has happened. Everything runs on the thread that calls {@link #step}: what is
 * ready in the order in which it became so, then the next event, those of the same moment in the order of their making.
 */
final class VirtualTime {
    private static final Comparator<Event> IN_ORDER =
            Comparator.<Event>comparingLong(event -> event.at).thenComparingLong(event -> event.number);

    private final Queue<Runnable> ready = new ArrayDeque<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(IN_ORDER);
    private final ExecutorService forStart = Executors.newSingleThreadExecutor();
    private volatile boolean begun;
    private long now;
    private long numbers;

    /** Something that is to happen. */
    static final class Event {
        private final long at;
        private final long number;
        private final Runnable action;
        private boolean cancelled;

        private Event(long at, long number, Runnable action) {
            this.at = at;
            this.number = number;
            this.action = action;
        }

        /** Keeps it from happening; whether it would have happened. */
        boolean cancel() {
            boolean would = !cancelled;
            cancelled = true;
            return would;
        }

        boolean cancelled() {
            return cancelled;
        }
    }

    /** Since the beginning, in milliseconds. */
    long now() {
        return now;
    }

    /** Has something happen later. */
    Event in(Duration delay, Runnable action) {
        return at(now + Math.max(0, delay.toMillis()), action);
    }

    /** Has something happen after that many milliseconds. */
    Event after(long millis, Runnable action) {
        return at(now + millis, action);
    }

    private Event at(long moment, Runnable action) {
        Event event = new Event(moment, numbers++, action);
        events.add(event);
        return event;
    }

    /** Has something happen now, after what is ready already; before the beginning, on a thread of its own. */
    void execute(Runnable action) {
        if (begun) {
            ready.add(action);
        } else {
            forStart.execute(action);
        }
    }

    /** Begins: an actor system waits for some of its actors while it starts, and only after that all is one thread's. */
    void begin() throws InterruptedException {
        CompletableFuture<Void> allBefore = CompletableFuture.runAsync(() -> begun = true, forStart);
        allBefore.join();
        forStart.shutdown();
        forStart.awaitTermination(1, TimeUnit.MINUTES);
    }

    /** Runs all that is ready. */
    void drain() {
        for (Runnable next = ready.poll(); next != null; next = ready.poll()) {
            next.run();
        }
    }

    /** Runs all that is ready, then the next event with what comes of it; whether there was one before that moment. */
    boolean step(long until) {
        drain();
        Event next = events.peek();
        while (next != null && next.cancelled) {
            events.poll();
            next = events.peek();
        }
        if (next == null || next.at > until) {
            return false;
        }
        events.poll();
        now = next.at;
        next.cancelled = true;
        next.action.run();
        drain();
        return true;
    }

    /** Begins anew; whatever was to happen does not. */
    void reset() {
        drain();
        events.clear();
        now = 0;
        numbers = 0;
    }
}
