package io.etcdaws.etcd;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;

/** Lets time pass without blocking; a simulator brings its own. */
@FunctionalInterface
public interface Pause {
    /** A stage that completes after that time. */
    CompletionStage<Void> of(Duration duration);

    /** Pauses on the scheduler of an actor system. */
    static Pause on(ActorSystem<?> system) {
        return duration -> {
            CompletableFuture<Void> passed = new CompletableFuture<>();
            system.scheduler().scheduleOnce(duration, () -> passed.complete(null), system.executionContext());
            return passed;
        };
    }
}
