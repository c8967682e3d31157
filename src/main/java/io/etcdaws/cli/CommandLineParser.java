package io.etcdaws.cli;

import io.etcdaws.cli.Invocation.Mode;
import io.etcdaws.cli.Invocation.OutputFormat;
import io.etcdaws.sandbox.SandboxOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Reads the command line. Built without annotations, which would have to be looked for by reflection at each start. */
final class CommandLineParser {
    private static final String PROGRAM = "etcd-aws";
    private static final String SANDBOX = "sandbox";
    private static final Set<Integer> SIZES = Set.of(1, 3, 5, 7);

    /** What a command line comes to. */
    sealed interface Parsed {}

    /** Something is to be run. */
    record Run(Invocation invocation) implements Parsed {}

    /** The sandbox is to be run. */
    record Play(SandboxOptions options) implements Parsed {}

    /** A text is to be shown on standard output, and that is all. */
    record Show(String text) implements Parsed {}

    /** The command line makes no sense; the hint is one line for standard error. */
    record Misuse(String hint) implements Parsed {}

    private final OptionSpec help =
            flag("-h", "--help").description("Show this help.").build();
    private final OptionSpec version =
            flag("-V", "--version").description("Show the version.").build();
    private final OptionSpec once = flag("--once")
            .description("Bootstrap or join this node, write the peers file, and exit.")
            .build();
    private final OptionSpec dryRun = flag("--dry-run")
            .description("As the command plan: tell what the mode would do next, and change nothing.")
            .build();
    private final OptionSpec forceNewCluster = flag("--force-new-cluster")
            .description("Form a new cluster although the group is known to have had one. Its data is given up."
                    + " Must be said on each node.")
            .build();
    private final OptionSpec config = option("--config", "FILE", Path.class)
            .description("Configuration (HOCON) to lay over the defaults.")
            .build();
    private final OptionSpec output = option("--output", "FORMAT", OutputFormat.class)
            .description("How results are printed: text (the default) or json.")
            .build();
    private final OptionSpec timeout = option("--timeout", "DURATION", Duration.class)
            .description("How long --once and plan wait for a safe decision, such as 90s or 5m.")
            .build();
    private final OptionSpec nodes = OptionSpec.builder("--nodes")
            .type(Integer.class)
            .arity("1")
            .paramLabel("N")
            .description("How many instances the sandbox's group has: 1, 3 (the default), 5 or 7.")
            .build();
    private final OptionSpec etcd = OptionSpec.builder("--etcd")
            .type(Path.class)
            .arity("1")
            .paramLabel("PATH")
            .description("An etcd, or the directory that it is in; else the one on the PATH.")
            .build();
    private final OptionSpec script = OptionSpec.builder("--script")
            .type(Path.class)
            .arity("1")
            .paramLabel("FILE")
            .description("Commands to go through, one a line; else they are typed, and help lists them.")
            .build();
    private final CommandLine commandLine = new CommandLine(root())
            .setExpandAtFiles(false)
            .registerConverter(OutputFormat.class, CommandLineParser::outputFormat)
            .registerConverter(Duration.class, CommandLineParser::duration);

    private CommandLineParser() {}

    /** Reads a command line; never throws for what a user may type. */
    static Parsed parse(String... arguments) {
        return new CommandLineParser().read(arguments);
    }

    private CommandSpec root() {
        CommandSpec plan = CommandSpec.create().name("plan");
        plan.usageMessage()
                .description("Observe and decide only; print the decision, what it rests on and the reason."
                        + " Changes nothing, in AWS, in etcd or on disk.");
        CommandSpec root = CommandSpec.create()
                .name(PROGRAM)
                .addSubcommand("plan", new CommandLine(plan))
                .addSubcommand(SANDBOX, new CommandLine(sandboxSpec(SANDBOX, List.of(nodes, etcd, script))));
        root.usageMessage()
                .description("Makes etcd on an AWS auto scaling group run itself.")
                .synopsisHeading("Usage: ")
                .optionListHeading("%nOptions:%n")
                .commandListHeading("%nCommands:%n")
                .footer(
                        "",
                        "Without a command and without --once: periodic mode, until SIGTERM.",
                        "Exit codes: 0 done, 1 bug, 2 configuration, 3 instance metadata, 4 group,",
                        "5 AWS, 6 timed out, 7 refused, 8 peers file, 9 etcd refused.");
        List.of(once, dryRun, config, output, timeout, forceNewCluster, version, help)
                .forEach(root::addOption);
        return root;
    }

    private static CommandSpec sandboxSpec(String name, List<OptionSpec> options) {
        CommandSpec sandbox = CommandSpec.create().name(name);
        sandbox.usageMessage()
                .description(
                        "Run the whole of it on this machine: an emulated AWS, real etcd processes, this program on"
                                + " each node, and a view of what happens. Leaves nothing behind.");
        options.forEach(sandbox::addOption);
        return sandbox;
    }

    /** Without the options that it takes over from the program, since none of these has a meaning for it. */
    private String sandboxHelp() {
        List<OptionSpec> own = Stream.of(nodes, etcd, script, help)
                .map(option -> OptionSpec.builder(option).build())
                .toList();
        return new CommandLine(sandboxSpec(PROGRAM + " " + SANDBOX, own)).getUsageMessage(Ansi.AUTO);
    }

    private static OptionSpec.Builder flag(String name, String... others) {
        return OptionSpec.builder(name, others).type(boolean.class).arity("0").scopeType(ScopeType.INHERIT);
    }

    private static OptionSpec.Builder option(String name, String label, Class<?> type) {
        return OptionSpec.builder(name).type(type).arity("1").paramLabel(label).scopeType(ScopeType.INHERIT);
    }

    private static Duration duration(String text) {
        return Durations.parse(text)
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is not " + Durations.ALLOWED));
    }

    private static OutputFormat outputFormat(String text) {
        return Arrays.stream(OutputFormat.values())
                .filter(format -> format.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + text + "' is neither text nor json"));
    }

    private Parsed read(String... arguments) {
        ParseResult result;
        try {
            result = commandLine.parseArgs(arguments);
        } catch (ParameterException e) {
            return misuse(problem(e));
        }
        if (isSet(result, help)) {
            return new Show(isCommand(result, SANDBOX) ? sandboxHelp() : commandLine.getUsageMessage(Ansi.AUTO));
        }
        if (isSet(result, version)) {
            return new Show(PROGRAM + " " + Version.read() + "\n");
        }
        return isCommand(result, SANDBOX) ? sandbox(result) : invocation(result);
    }

    private Parsed invocation(ParseResult result) {
        boolean plan = result.hasSubcommand() || isSet(result, dryRun);
        Mode mode = isSet(result, once) ? Mode.ONCE : Mode.PERIODIC;
        Optional<Duration> limit = value(result, timeout, Duration.class);
        if (mode == Mode.PERIODIC && !plan && limit.isPresent()) {
            return misuse("--timeout has no meaning without --once or plan");
        }
        return new Run(new Invocation(
                mode,
                plan,
                value(result, config, Path.class),
                value(result, output, OutputFormat.class).orElse(OutputFormat.TEXT),
                limit,
                isSet(result, forceNewCluster)));
    }

    private static boolean isCommand(ParseResult result, String name) {
        return result.hasSubcommand()
                && result.subcommand().commandSpec().name().equals(name);
    }

    /** Of the program's other options none has a meaning here. */
    private Parsed sandbox(ParseResult result) {
        for (OptionSpec option : List.of(once, dryRun, config, output, timeout, forceNewCluster)) {
            if (value(result, option, Object.class).isPresent()) {
                return misuse(option.longestName() + " has no meaning with " + SANDBOX, PROGRAM + " " + SANDBOX);
            }
        }
        int wanted = value(result, nodes, Integer.class).orElse(3);
        if (!SIZES.contains(wanted)) {
            return misuse("--nodes must be 1, 3, 5 or 7, not " + wanted, PROGRAM + " " + SANDBOX);
        }
        return new Play(new SandboxOptions(wanted, value(result, etcd, Path.class), value(result, script, Path.class)));
    }

    private static boolean isSet(ParseResult result, OptionSpec option) {
        return value(result, option, Boolean.class).orElse(false);
    }

    /** An option's value, wherever on the line it stands: before the command or after. */
    private static <T> Optional<T> value(ParseResult result, OptionSpec option, Class<T> type) {
        for (ParseResult at : result.asCommandLineList().stream()
                .map(CommandLine::getParseResult)
                .toList()) {
            if (at.hasMatchedOption(option.longestName())) {
                return Optional.of(type.cast(at.matchedOptionValue(option.longestName(), null)));
            }
        }
        return Optional.empty();
    }

    private static Misuse misuse(String problem) {
        return misuse(problem, PROGRAM);
    }

    private static Misuse misuse(String problem, String helpful) {
        return new Misuse(PROGRAM + ": " + problem + " (see " + helpful + " --help)");
    }

    private static String problem(ParameterException thrown) {
        if (thrown instanceof UnmatchedArgumentException unmatched) {
            String argument = unmatched.getUnmatched().get(0);
            String kind = argument.startsWith("-") ? "option" : "command";
            return "unknown " + kind + " '" + argument.lines().findFirst().orElse("") + "'"
                    + unmatched.getSuggestions().stream()
                            .findFirst()
                            .map(name -> "; did you mean " + name + "?")
                            .orElse("");
        }
        String message = String.valueOf(thrown.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}
