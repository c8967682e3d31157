package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.reconcile.Round;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ServiceManagerTest {
    private final List<List<String>> told = new ArrayList<>();
    private final Deque<Runnable> work = new ArrayDeque<>();
    private Optional<String> failure = Optional.empty();

    private final ServiceManager manager =
            new ServiceManager(Map.of("NOTIFY_SOCKET", "/run/systemd/notify"), work::add, news -> {
                told.add(news);
                return failure;
            });

    @Test
    void tellsWhatIsNewAndNothingTwice() {
        ended("waiting for others", false);
        ended("wrote the file", true);
        ended("wrote the file", true);
        assertEquals(
                List.of(List.of("--status=waiting for others"), List.of("--ready", "--status=wrote the file")), told);
    }

    @Test
    void readinessThatCouldNotBeToldIsToldAfterTheNextRound() {
        failure = Optional.of("Cannot allocate memory");
        ended("wrote the file", true);
        failure = Optional.empty();
        ended("wrote the file", true);
        ended("wrote the file", true);
        assertEquals(List.of("--ready", "--status=wrote the file"), told.get(1));
        assertEquals(2, told.size());
    }

    @Test
    void tellsOneThingAtATimeAndTheLatestLast() {
        manager.ended(round("one", true));
        manager.ended(round("two", true));
        manager.ended(round("three", true));
        assertEquals(1, work.size());
        work();
        assertEquals(List.of(List.of("--ready", "--status=one"), List.of("--status=three")), told);
    }

    @Test
    void tellsNobodyWhereNobodyListens() {
        new ServiceManager(Map.of(), work::add, news -> Optional.empty()).ended(round("one", true));
        assertEquals(0, work.size());
    }

    private void ended(String result, boolean settled) {
        manager.ended(round(result, settled));
        work();
    }

    private void work() {
        while (!work.isEmpty()) {
            work.remove().run();
        }
    }

    private static Round round(String result, boolean settled) {
        return new Round(
                1,
                Instant.EPOCH,
                Duration.ofSeconds(1),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                result,
                false,
                settled,
                false,
                Duration.ofSeconds(30));
    }
}
