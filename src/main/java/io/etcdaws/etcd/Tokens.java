package io.etcdaws.etcd;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** The token of the last log-in; every member of the cluster accepts it. Thread-safe. */
final class Tokens {
    private final AtomicReference<Optional<String>> current = new AtomicReference<>(Optional.empty());

    Optional<String> current() {
        return current.get();
    }

    void set(String token) {
        current.set(Optional.of(token));
    }
}
