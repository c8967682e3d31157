package io.etcdaws.management;

import io.etcdaws.membership.Describe;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Whether the rounds go on. What they come to does not matter: a restart would not make it better. */
public final class Liveness implements Health, RoundListener {
    private final InstantSource clock;
    private final Duration bound;

    /** When the round under way began, or the next one is to begin. */
    private volatile Instant expected;

    /**
     * That of a process that starts now.
     *
     * @param clock the reconciler's
     * @param bound how long a round may last, and how late it may begin
     */
    public Liveness(InstantSource clock, Duration bound) {
        this.clock = clock;
        this.bound = bound;
        this.expected = clock.instant();
    }

    @Override
    public void began(Instant at) {
        expected = at;
    }

    @Override
    public void ended(Round round) {
        expected = round.endedAt().plus(round.nextIn());
    }

    @Override
    public void changed(Audit audit) {
        // Within a round.
    }

    @Override
    public CompletionStage<Verdict> check() {
        Duration late = Duration.between(expected, clock.instant());
        List<String> problems = late.compareTo(bound) > 0
                ? List.of("no round has begun or ended for " + Describe.duration(late)
                        + " since the last was to, which is more than " + Describe.duration(bound))
                : List.of();
        return CompletableFuture.completedFuture(Verdict.of(problems));
    }
}
