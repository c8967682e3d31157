package io.etcdaws.membership;

import java.io.File;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** How long a decision takes, and what it allocates; {@code scripts/benchmark} runs it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class DecideBenchmark {
    /** Scenarios with five instances. */
    @Param({"7h-five-converged", "6-five-replaces"})
    public String scenario = "";

    private Policy policy = Scene.policy();
    private Observation observation = Scene.of("i-0000000a 10.0.0.1").observation();

    /** Reads the scenario. */
    @Setup
    public void read() {
        Scene scene = Scenario.read(new File("src/test/resources/scenarios/" + scenario + ".conf"))
                .scene();
        observation = scene.observation();
        policy = scene.thePolicy();
    }

    /** Decides. */
    @Benchmark
    public Decision decide() {
        return Decider.decide(observation, policy);
    }
}
