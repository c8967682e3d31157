package io.etcdaws.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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

    /** Pauses on the scheduler of an actor system. */
    static Pause on(ActorSystem<?> system) {
        return duration -> {
            CompletableFuture<Void> passed = new CompletableFuture<>();
            system.scheduler().scheduleOnce(duration, () -> passed.complete(null), system.executionContext());
            return passed;
        };
    }
}
