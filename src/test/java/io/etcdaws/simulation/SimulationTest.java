package io.etcdaws.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import io.etcdaws.membership.Policy.JoinAs;
import io.etcdaws.reconcile.ReconcileSettings.Mode;
import io.etcdaws.simulation.Fleet.Report;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

@Tag("exhaustive")
final class SimulationTest {
    private static final int SCHEDULES = Integer.getInteger("simulation.schedules", 20_000);

    private final Map<Logger, Level> levels = new HashMap<>();

    @BeforeEach
    void silence() {
        for (Logger logger : ((LoggerContext) LoggerFactory.getILoggerFactory()).getLoggerList()) {
            levels.put(logger, logger.getLevel());
            logger.setLevel(Level.OFF);
        }
    }

    @AfterEach
    void speak() {
        levels.forEach(Logger::setLevel);
    }

    @Test
    void whateverHappensToTheGroupAllInvariantsHold() throws InterruptedException {
        Report report = Fleet.run(1, SCHEDULES, 3, 4, news -> {});

        assertEquals(
                List.of(),
                report.failed().stream()
                        .map(one -> "scripts/simulate --seed " + one.seed() + " --nodes 3..4: "
                                + one.violation().getMessage())
                        .toList());
        assertEquals(SCHEDULES, report.coverage().schedules());
    }

    @Test
    void theSameSeedIsTheSameSchedule() {
        Stage stage = Stage.create();
        for (long seed = 1; seed <= 5; seed++) {
            assertEquals(transcript(seed, stage), transcript(seed, stage));
        }
        stage.close();
    }

    @Test
    void aGroupWithoutFaultsFormsOneClusterAndRests() {
        Stage stage = Stage.create();
        Plan calm = new Plan(
                1, 3, EtcdModel.Version.V3_5, Mode.PERIODIC, JoinAs.AUTO, false, false, false, true, List.of(), 1_000);
        List<String> told = new ArrayList<>();

        assertTrue(Simulation.tell(calm, stage, told::add).isEmpty());

        assertTrue(told.stream().anyMatch(line -> line.endsWith("converged")), String.join("\n", told));
        stage.close();
    }

    private static String transcript(long seed, Stage stage) {
        List<String> lines = new ArrayList<>();
        Simulation.tell(Plan.of(seed, 3, 5), stage, lines::add);
        return String.join("\n", lines);
    }
}
