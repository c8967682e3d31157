package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.membership.ClusterFinder.Quorate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Member 3, a learner beside two voters, of which member 1 leads at index 50000. */
class LearnersTest {
    private final Scene scene = Scene.of("i-0000000a 10.0.0.1")
            .settled()
            .instances(
                    "i-0000000a 10.0.0.1 InService running",
                    "i-0000000b 10.0.0.2 InService running",
                    "i-0000000c 10.0.0.3 InService running")
            .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3 learner")
            .peer("10.0.0.1", "serving leader index 50000")
            .peer("10.0.0.2", "serving index 50000")
            .peer("10.0.0.3", "serving index 50000");

    private String verdict() {
        Observation observation = scene.observation();
        if (!(ClusterFinder.find(observation) instanceof Quorate quorate)) {
            throw new AssertionError("no quorum");
        }
        Learners learners = new Learners(quorate.view(), observation, Duration.ofMinutes(5));
        List<Member> ready = learners.ready();
        String stuck = learners.stuck().isEmpty() ? "waits" : "stuck";
        return ready.isEmpty() ? stuck : learners.stuck().isEmpty() ? "ready" : "ready and stuck";
    }

    @ParameterizedTest
    @CsvSource({
        "serving index 50000, ready",
        "serving index 49000, ready",
        // The leader was asked first, and it has written since.
        "serving index 60000, ready",
        "serving index 48999, waits",
        // It has applied nothing yet, or does not tell.
        "serving index 0, waits",
        "serving no-quorum index 50000, waits",
        // Another member answers there.
        "serving as 9 index 50000, waits",
        "serving cluster c2 no-quorum index 50000, waits",
        "not-serving, waits",
        "silent, waits",
        "rejected, waits",
        "holds-data, waits"
    })
    void aLearnerInStepIsOneThatFollowsTheLeaderClosely(String seen, String verdict) {
        scene.peer("10.0.0.3", seen);
        assertEquals(verdict, verdict());
    }

    @Test
    void whereTheLeadersIndexIsNotKnownNoLearnerIsInStep() {
        scene.peer("10.0.0.1", "serving leader index 0");
        assertEquals("waits", verdict());
        scene.peer("10.0.0.1", "serving index 50000");
        assertEquals("waits", verdict());
    }

    @Test
    void aLearnerThatIsNotSaidToHaveStartedIsNotInStep() {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 unnamed 10.0.0.3 learner");
        assertEquals("waits", verdict());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Terminating:Wait", "Terminating", "Detaching", "Warmed:Running"})
    void aLearnerOfAnInstanceThatTheGroupDoesNotExpectIsNotReady(String lifecycle) {
        Scene other = Scene.of("i-0000000a 10.0.0.1")
                .settled()
                .instances("i-0000000a 10.0.0.1 InService running", "i-0000000c 10.0.0.3 " + lifecycle + " running")
                .members("1 i-0000000a 10.0.0.1", "3 i-0000000c 10.0.0.3 learner")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.3", "serving");
        Observation observation = other.observation();
        ClusterView view = ((Quorate) ClusterFinder.find(observation)).view();
        assertEquals(List.of(), new Learners(view, observation, Duration.ofMinutes(5)).ready());
    }

    @ParameterizedTest
    @CsvSource({"4m, waits", "5m, stuck", "1h, stuck"})
    void aLearnerIsStuckAfterItsTimeWithoutProgress(String idle, String verdict) {
        scene.peer("10.0.0.3", "serving index 100").learnerIdle(3, Lines.duration(idle));
        assertEquals(verdict, verdict());
    }

    @Test
    void aLearnerInStepIsNeverStuck() {
        scene.learnerIdle(3, Duration.ofHours(1));
        assertEquals("ready", verdict());
    }

    @ParameterizedTest
    @CsvSource({
        "unnamed, - not-found outside 1h 9, stuck",
        "i-0000000c, - not-found outside 1h 9, stuck",
        "etcd3, i-0000000c running in-group 1h 9, stuck",
        "etcd3, - not-found outside 1h 9, waits"
    })
    void aLearnerThatMapsToNoInstanceIsSomebodyElses(String name, String sighting, String verdict) {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 " + name + " 10.0.0.3 learner")
                .peer("10.0.0.3", "not-serving")
                .sighting(3, sighting)
                .learnerIdle(3, Duration.ofHours(1));
        assertEquals(verdict, verdict());
    }

    @Test
    void aLearnerWithAStrangeNameWhoseInstanceNobodyLookedUpIsLeftAlone() {
        scene.members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 etcd3 10.9.9.9 learner")
                .peer("10.0.0.3", "not-serving")
                .peer("10.9.9.9", "not-serving")
                .learnerIdle(3, Duration.ofHours(1));
        assertEquals("waits", verdict());
    }
}
