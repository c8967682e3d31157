package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.simulation.CalibratedEtcd.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model of etcd does what real ones do: each story is told to both, and what they answer is compared. */
final class EtcdCalibrationIT {
    /** Stories are told side by side: real time passes in them, and hardly anything is worked. */
    private static final int TELLERS = 4;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"ETCD_34, V3_4", "ETCD_35, V3_5_OLD", "ETCD_36, V3_5_OLD"})
    void theModelAnswersAsEtcdDoes(String variable, EtcdModel.Version version) {
        ExecutorService tellers = Executors.newFixedThreadPool(TELLERS);
        try {
            List<CompletableFuture<String>> told = new ArrayList<>();
            List<String> modelled = new ArrayList<>();
            for (int number = 1; number <= Stories.ALL.size(); number++) {
                int story = number;
                told.add(CompletableFuture.supplyAsync(
                        () -> tell(story, new RealEtcd(variable, directory.resolve("story-" + story), story)),
                        tellers));
                modelled.add(tell(story, new ModelledEtcd(version, story)));
            }
            assertEquals(
                    told.stream().map(CompletableFuture::join).collect(Collectors.joining("\n")),
                    String.join("\n", modelled));
        } finally {
            tellers.shutdownNow();
        }
    }

    private static String tell(int number, Subject subject) {
        try (subject) {
            return number + ": " + Stories.ALL.get(number - 1).apply(subject);
        }
    }
}
