package io.etcdaws.simulation;

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
 *
 * <p>What a {@link Stoppable} does, by a message, a timer or an answer, waits while the process is stopped.
 */
final class VirtualTime {
    private static final Comparator<Event> IN_ORDER =
            Comparator.<Event>comparingLong(event -> event.at).thenComparingLong(event -> event.number);

    /** The world, which nobody stops. */
    private static final Stoppable WORLD = new Stoppable();

    private final Queue<Task> ready = new ArrayDeque<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>(IN_ORDER);
    private final ExecutorService forStart = Executors.newSingleThreadExecutor();
    private volatile boolean begun;
    private Stoppable running = WORLD;
    private long now;
    private long numbers;

    /** Something that can be stopped and goes on later, as by SIGSTOP and SIGCONT. */
    static final class Stoppable {
        private final Queue<Runnable> held = new ArrayDeque<>();
        private boolean stopped;

        boolean stopped() {
            return stopped;
        }
    }

    private record Task(Stoppable whose, Runnable action) {}

    /** Something that is to happen. */
    static final class Event {
        private final long at;
        private final long number;
        private final Stoppable whose;
        private final Runnable action;
        private boolean cancelled;

        private Event(long at, long number, Stoppable whose, Runnable action) {
            this.at = at;
            this.number = number;
            this.whose = whose;
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

    /** Has something happen in the world after that many milliseconds. */
    Event after(long millis, Runnable action) {
        return at(now + millis, WORLD, action);
    }

    /** Has something happen later to whoever runs now: its timer. */
    Event timer(long millis, Runnable action) {
        return at(now + Math.max(0, millis), running, action);
    }

    private Event at(long moment, Stoppable whose, Runnable action) {
        Event event = new Event(moment, numbers++, whose, action);
        events.add(event);
        return event;
    }

    /** Has whoever runs now do something next, after what is ready already; before the beginning, on a thread of its own. */
    void execute(Runnable action) {
        if (begun) {
            ready.add(new Task(running, action));
        } else {
            forStart.execute(action);
        }
    }

    /** Has a process do something now, or once it goes on. */
    void as(Stoppable whose, Runnable action) {
        if (whose.stopped) {
            whose.held.add(action);
            return;
        }
        Stoppable before = running;
        running = whose;
        try {
            action.run();
        } finally {
            running = before;
        }
    }

    /** Stops a process: whatever reaches it waits. */
    void stop(Stoppable whose) {
        whose.stopped = true;
    }

    /** Has a process go on, with what has waited first. */
    void goOn(Stoppable whose) {
        whose.stopped = false;
        whose.held.forEach(action -> ready.add(new Task(whose, action)));
        whose.held.clear();
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
        for (Task next = ready.poll(); next != null; next = ready.poll()) {
            as(next.whose, next.action);
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
        as(next.whose, next.action);
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
