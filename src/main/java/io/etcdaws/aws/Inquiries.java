package io.etcdaws.aws;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The questions that an actor has under way: who waits for each answer, and how often it has failed. Equal questions
 * share one inquiry. Belongs to one actor; nothing here is safe for others.
 *
 * @param <Q> the question, compared by equality
 * @param <R> the reply
 */
final class Inquiries<Q, R> {
    private final int maxAttempts;
    private final Backoff backoff;
    private final RandomGenerator random;
    private final Map<Q, Inquiry<R>> open = new HashMap<>();

    private static final class Inquiry<R> {
        private final List<ActorRef<R>> waiting = new ArrayList<>();
        private int failures;
    }

    Inquiries(int maxAttempts, Backoff backoff, RandomGenerator random) {
        this.maxAttempts = maxAttempts;
        this.backoff = backoff;
        this.random = random;
    }

    /** Lets somebody wait for the answer; whether the question is new, so that it has to be asked. */
    boolean join(Q question, ActorRef<R> replyTo) {
        boolean isNew = !open.containsKey(question);
        open.computeIfAbsent(question, q -> new Inquiry<>()).waiting.add(replyTo);
        return isNew;
    }

    /** Whether somebody waits for the answer. */
    boolean isOpen(Q question) {
        return open.containsKey(question);
    }

    /** Lets all who wait for one answer wait for another; whether that question is new, so that it has to be asked. */
    boolean move(Q from, Q to) {
        boolean isNew = !open.containsKey(to);
        Inquiry<R> inquiry = open.remove(from);
        if (inquiry != null) {
            open.computeIfAbsent(to, q -> new Inquiry<>()).waiting.addAll(inquiry.waiting);
        }
        return isNew;
    }

    /**
     * Counts a failed attempt; how long to wait before the next one, or empty if it was the last.
     *
     * @param retryable whether another attempt has a chance
     * @param patient whether the other side asked to be spared
     */
    Optional<Duration> failed(Q question, boolean retryable, boolean patient) {
        Inquiry<R> inquiry = open.get(question);
        if (inquiry == null || !retryable || ++inquiry.failures >= maxAttempts) {
            return Optional.empty();
        }
        return Optional.of(backoff.after(inquiry.failures, patient, random));
    }

    /** Ends an inquiry with the reply to all who waited. */
    void close(Q question, R reply) {
        Inquiry<R> inquiry = open.remove(question);
        if (inquiry != null) {
            inquiry.waiting.forEach(replyTo -> replyTo.tell(reply));
        }
    }
}
