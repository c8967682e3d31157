package io.etcdaws.it;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Supplier;

/** Writes one key after another, as an application does, and remembers what etcd has acknowledged. */
final class Writer implements AutoCloseable {
    private static final String PREFIX = "lab/";
    /** The first key after all that begin with the prefix. */
    private static final String END = "lab0";

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int PAGE = 5000;

    private final EtcdGateway etcd;
    private final Supplier<List<LabNode>> nodes;
    private final Set<String> acknowledged = new ConcurrentSkipListSet<>();
    private final Thread thread = new Thread(this::write, "writer");
    private volatile boolean over;
    private volatile long longestSilenceNanos;
    private volatile long lastAcknowledgedNanos;

    /** Begins to write to any of the nodes that are there at each moment. */
    Writer(EtcdGateway etcd, Supplier<List<LabNode>> nodes) {
        this.etcd = etcd;
        this.nodes = nodes;
        thread.setDaemon(true);
        thread.start();
    }

    private void write() {
        int next = 0;
        for (int number = 0; !over; number++) {
            String key = PREFIX + String.format("%08d", number);
            while (!over && !put(key, next)) {
                next++;
            }
            Pauses.sleep(PAUSE);
        }
    }

    /** The same key is written again elsewhere if its outcome is not known: it has the same value. */
    private boolean put(String key, int next) {
        List<LabNode> there = nodes.get();
        if (there.isEmpty()) {
            Pauses.sleep(PAUSE);
            return false;
        }
        JsonObject body = new JsonObject();
        body.addProperty("key", EtcdGateway.encode(key));
        body.addProperty("value", EtcdGateway.encode("value of " + key));
        boolean done = etcd.ask(there.get(next % there.size()), "/v3/kv/put", body, LIMIT)
                .join()
                .isPresent();
        if (done) {
            long now = System.nanoTime();
            if (!acknowledged.isEmpty()) {
                longestSilenceNanos = Math.max(longestSilenceNanos, now - lastAcknowledgedNanos);
            }
            acknowledged.add(key);
            lastAcknowledgedNanos = now;
        } else {
            Pauses.sleep(PAUSE);
        }
        return done;
    }

    /** Begins anew: what was written is not looked for. */
    void forget() {
        acknowledged.clear();
    }

    int acknowledged() {
        return acknowledged.size();
    }

    /** The longest time between two writes that were acknowledged. */
    Duration longestSilence() {
        return Duration.ofNanos(longestSilenceNanos);
    }

    /** Measures that time anew. */
    void forgetSilence() {
        longestSilenceNanos = 0;
    }

    /** Acknowledged writes that cannot be read now: there must be none. Wants a cluster with quorum. */
    Set<String> lost() {
        Set<String> lost = new TreeSet<>(acknowledged);
        String from = PREFIX;
        while (true) {
            JsonArray page = range(from);
            for (JsonElement pair : page) {
                from = EtcdGateway.decode(pair.getAsJsonObject().get("key").getAsString());
                String value =
                        EtcdGateway.decode(pair.getAsJsonObject().get("value").getAsString());
                if (value.equals("value of " + from)) {
                    lost.remove(from);
                }
            }
            if (page.size() < PAGE) {
                return lost;
            }
            from += '\0';
        }
    }

    private JsonArray range(String from) {
        JsonObject body = new JsonObject();
        body.addProperty("key", EtcdGateway.encode(from));
        body.addProperty("range_end", EtcdGateway.encode(END));
        body.addProperty("limit", PAGE);
        for (int attempt = 0; attempt < 20; attempt++) {
            for (LabNode node : nodes.get()) {
                Optional<JsonObject> answer = etcd.ask(node, "/v3/kv/range", body, Duration.ofSeconds(5))
                        .join();
                if (answer.isPresent()) {
                    return answer.get().has("kvs") ? answer.get().getAsJsonArray("kvs") : new JsonArray();
                }
            }
            Pauses.sleep(Duration.ofMillis(500));
        }
        throw new AssertionError("no member could be read through a quorum");
    }

    /** Writes no more; what was begun is finished or given up. */
    @Override
    public void close() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
