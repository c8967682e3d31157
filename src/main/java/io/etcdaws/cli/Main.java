package io.etcdaws.cli;

import io.etcdaws.cli.CommandLineParser.Misuse;
import io.etcdaws.cli.CommandLineParser.Parsed;
import io.etcdaws.cli.CommandLineParser.Play;
import io.etcdaws.cli.CommandLineParser.Show;
import io.etcdaws.cli.Invocation.Mode;
import io.etcdaws.reconcile.ExitCode;
import io.etcdaws.sandbox.Sandbox;
import io.etcdaws.sandbox.SandboxOptions;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The program: reads the command line and the settings, runs what is asked for, and ends with an exit code. */
public final class Main {
    /** For a run that its time limit has ended to stop by itself. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** Only an actor system that did not stop by itself leaves the hooks anything to do. */
    private static final Duration TIME_FOR_HOOKS = Duration.ofSeconds(3);

    private final Map<String, String> environment;
    private final PrintStream results;
    private final PrintStream errors;
    private final Runner runner;

    /**
     * The program in its surroundings.
     *
     * @param environment the environment
     * @param results where results go: standard output
     * @param errors where misuse is told: standard error
     * @param runner does what is asked for
     */
    Main(Map<String, String> environment, PrintStream results, PrintStream errors, Runner runner) {
        this.environment = Map.copyOf(environment);
        this.results = results;
        this.errors = errors;
        this.runner = runner;
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        ExitCode code = new Main(
                        System.getenv(), System.out, System.err, new ReconcilerRunner(System.getenv(), System.out))
                .run(arguments);
        Ending.exit(code, TIME_FOR_HOOKS);
    }

    /** Runs to the end and says how it went. */
    ExitCode run(String... arguments) {
        try {
            Parsed parsed = CommandLineParser.parse(arguments);
            if (parsed instanceof Show show) {
                results.print(show.text());
                results.flush();
                return ExitCode.DONE;
            }
            if (parsed instanceof Play play) {
                return play(play.options());
            }
            return parsed instanceof Misuse misuse
                    ? configurationError(misuse.hint())
                    : run(((CommandLineParser.Run) parsed).invocation());
        } catch (ConfigurationException e) {
            return configurationError("etcd-aws: configuration error: " + e.getMessage());
        } catch (Exception | Error e) {
            log().error("unexpected error; this is a bug", e);
            return ExitCode.BUG;
        }
    }

    private ExitCode play(SandboxOptions options) throws Exception {
        return switch (Sandbox.run(options, results, errors)) {
            case DONE -> ExitCode.DONE;
            case MISUSE -> ExitCode.CONFIGURATION;
            case FAILED -> ExitCode.TIMED_OUT;
        };
    }

    private ExitCode run(Invocation invocation) throws Exception {
        TrustOnDemand.install(environment);
        Settings settings = Settings.load(invocation, environment);
        Logging.apply(settings.log());
        log().debug("the settings are read");
        settings.warnings().forEach(warning -> log().warn("{}", warning));
        if (invocation.mode() == Mode.PERIODIC && !invocation.dryRun()) {
            return runner.run(invocation, settings);
        }
        Duration limit = settings.onceTimeout().plus(GRACE);
        Thread watchdog = Ending.after(limit, () -> Ending.halt(limit));
        try {
            return runner.run(invocation, settings);
        } finally {
            watchdog.interrupt();
        }
    }

    private ExitCode configurationError(String message) {
        errors.println(message);
        errors.flush();
        return ExitCode.CONFIGURATION;
    }

    /** Looked up when needed: most errors of use are told before the log is. */
    private static Logger log() {
        return LoggerFactory.getLogger(Main.class);
    }
}
