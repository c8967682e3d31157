package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.simulation.CalibratedEtcd.Subject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model of etcd does what real ones do: each story is told to both, and what they answer is compared. */
final class EtcdCalibrationIT {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"ETCD_34, V3_4", "ETCD_35, V3_5_OLD", "ETCD_36, V3_5_OLD"})
    void theModelAnswersAsEtcdDoes(String variable, EtcdModel.Version version) {
        List<String> told = new ArrayList<>();
        List<String> modelled = new ArrayList<>();
        int number = 0;
        for (Function<Subject, List<String>> story : Stories.ALL) {
            number++;
            try (Subject real = new RealEtcd(variable, directory.resolve("story-" + number), number)) {
                told.add(number + ": " + story.apply(real));
            }
            try (Subject model = new ModelledEtcd(version, number)) {
                modelled.add(number + ": " + story.apply(model));
            }
        }
        assertEquals(String.join("\n", told), String.join("\n", modelled));
    }
}
