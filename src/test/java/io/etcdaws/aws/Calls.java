package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Calls to a fake, each of which is answered when the test says so.
 *
 * @param <Q> what is asked
 * @param <A> the answer
 */
final class Calls<Q, A> {
    /** A call under way. */
    record Call<Q, A>(Q question, CompletableFuture<A> answer) {}

    private final BlockingQueue<Call<Q, A>> open = new LinkedBlockingQueue<>();

    CompletionStage<A> ask(Q question) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        open.add(new Call<>(question, answer));
        return answer;
    }

    /** The next call. */
    Call<Q, A> next() {
        try {
            Call<Q, A> call = open.poll(3, TimeUnit.SECONDS);
            assertNotNull(call, "there was no call");
            return call;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    void expectNone() {
        try {
            assertNull(open.poll(100, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
