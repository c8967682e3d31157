package io.etcdaws.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorSystem;

/** Lets time pass without blocking, and tells how much has; a simulator brings its own. */
@FunctionalInterface
public interface Pause {
    /** A stage that completes after that time. */
    CompletionStage<Void> of(Duration duration);

    /** Nanoseconds by a clock that nobody sets; only differences between two readings mean anything. */
    default long nanoTime() {
        return System.nanoTime();
    }

    /**
     * Pauses on the scheduler of an actor system.
     *
     * @param nanoTime the clock that nobody sets
     */
    static Pause on(ActorSystem<?> system, LongSupplier nanoTime) {
        return new Pause() {
            @Override
            public CompletionStage<Void> of(Duration duration) {
                CompletableFuture<Void> passed = new CompletableFuture<>();
                system.scheduler().scheduleOnce(duration, () -> passed.complete(null), system.executionContext());
                return passed;
            }

            @Override
            public long nanoTime() {
                return nanoTime.getAsLong();
            }
        };
    }
}
