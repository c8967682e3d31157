package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bootstraps whose nodes start at random moments; {@code scripts/bootstrap-race} runs many of them. */
class BootstrapRaceIT {
    private static final int LATEST_START_MILLIS = 10_000;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Test
    void nodesThatStartAtAnyMomentFormOneCluster(@TempDir Path directory) {
        int runs = number("BOOTSTRAP_RACE_RUNS", 2);
        long seed = number("BOOTSTRAP_RACE_SEED", 1);
        Random random = new Random(seed);
        List<Long> took = new ArrayList<>();
        for (int run = 1; run <= runs; run++) {
            Path place = directory.resolve("run-" + run);
            try (LabGroup group = LabGroup.of(3, EmulatedAws.fresh(), place)) {
                long started = System.nanoTime();
                race(group, random);
                took.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
            }
            System.out.printf("bootstrap %d of %d: one cluster after %d ms%n", run, runs, took.get(run - 1));
        }
        took.sort(null);
        System.out.printf(
                "%d bootstraps from seed %d, all gave one cluster; ms until healthy: median %d, longest %d%n",
                runs, seed, took.get(runs / 2), took.get(runs - 1));
    }

    private static int number(String variable, int otherwise) {
        String value = System.getenv(variable);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    private static void race(LabGroup group, Random random) {
        List<CompletableFuture<Void>> nodes = new ArrayList<>();
        for (LabNode node : group.nodes()) {
            Executor later =
                    CompletableFuture.delayedExecutor(random.nextInt(LATEST_START_MILLIS), TimeUnit.MILLISECONDS);
            nodes.add(CompletableFuture.runAsync(
                    () -> {
                        node.succeeded(node.start("--once").await(LIMIT));
                        node.startEtcd(Etcd.V3_5);
                    },
                    later));
        }
        try {
            nodes.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            throw new AssertionError(e.getCause());
        }
        LabGroup.awaitHealthy(Etcd.V3_5, group.nodes());
        LabGroup.assertMembers(Etcd.V3_5, group.nodes());
        long files = group.nodes().stream()
                .map(node -> node.peers().replaceAll("ETCD_NAME=.*", ""))
                .distinct()
                .count();
        assertEquals(1, files, "all nodes were given the same list");
        long clusters =
                group.nodes().stream().map(LabGroup::clusterId).distinct().count();
        assertEquals(1, clusters, "all members are of one cluster");
    }
}
