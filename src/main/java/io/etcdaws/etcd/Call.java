package io.etcdaws.etcd;

import java.util.concurrent.CompletionStage;

/**
 * Work under way that can be given up.
 *
 * @param <T> what it results in
 */
public interface Call<T> {
    /** The result. */
    CompletionStage<T> answer();

    /** Gives the work up and closes its connections; the answer then means nothing. Harmless when it is done. */
    void cancel();

    /** What it is waiting for, for people; empty if for nothing. */
    String pending();
}
