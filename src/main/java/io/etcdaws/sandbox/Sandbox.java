package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Commands.Failed;
import io.etcdaws.sandbox.aws.Cloud;
import io.etcdaws.sandbox.aws.EmulatedAws;
import io.etcdaws.sandbox.aws.Refusal;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The sandbox, from its start until the user, a script or a signal ends it. Nothing is left behind. */
public final class Sandbox {
    private static final String GROUP = "sandbox";
    private static final String LOCALHOST = "127.0.0.1";

    /** The pause between two turns, which a look at everything adds to. */
    private static final long TURN_MILLIS = 300;

    /** The options of Java for a program that is one of many on this machine, as the launcher has them. */
    private static final List<String> SMALL = List.of(
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xms8m",
            "-Xmx64m",
            "-XX:ReservedCodeCacheSize=24m",
            "-XX:+ExitOnOutOfMemoryError");

    /** Stands in for systemd-notify, by which the program tells that etcd may start. */
    private static final String SYSTEMD_NOTIFY = "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$NOTIFY_SOCKET\"\n";

    /** How it ended. */
    public enum End {
        /** As the user or the script wanted. */
        DONE,
        /** It did not start; why was said. */
        MISUSE,
        /** Something that a script waited for did not come, or something that it wanted could not be done. */
        FAILED
    }

    private final InstantSource clock = InstantSource.system();
    private final Terminal terminal;
    private final Commands commands;
    private final Cloud cloud;
    private final LoopbackNetwork addresses;
    private final Home home;
    private final Machines machines;
    private final Machine.Site site;
    private final Watcher watcher;
    private final String greeting;
    private final Operator operator;
    private final ActorSystem<Void> system;
    private final Timeline timeline = new Timeline(Sight.nothing(GROUP));
    private volatile Sight sight = Sight.nothing(GROUP);

    private Sandbox(Prepared prepared, int nodes, PrintStream out) throws IOException {
        this.addresses = prepared.addresses();
        this.terminal = Terminal.of(out, prepared.script().isEmpty());
        this.commands = prepared.script().isPresent()
                ? new Script(prepared.script().get())
                : Keyboard.listen(System.in, terminal);
        this.system = ActorSystem.create(Behaviors.empty(), "sandbox");
        this.cloud = new Cloud(GROUP, addresses.prefix(), nodes, clock);
        EmulatedAws aws = EmulatedAws.of(system, cloud);
        String apis = aws.serveApis(LOCALHOST).toCompletableFuture().join();
        this.home = Home.make(terminal.restoration());
        this.machines = new Machines(home, aws);
        Network network = new Network();
        this.site = new Machine.Site(
                prepared.etcd(),
                prepared.java(),
                withSystemdNotify(home.directory()),
                apis,
                new Front.Street(system, network, new SocketOwners(machines::pids, System::nanoTime)));
        this.watcher = new Watcher(system, cloud, network);
        this.greeting = "an emulated AWS at " + apis + ", etcd "
                + prepared.etcd().version() + ", the group " + GROUP + " of " + nodes + ", logs in " + home.directory();
        this.operator = new Operator(cloud, machines, network, terminal, greeting);
    }

    /** What is known before anything is started. */
    private record Prepared(
            EtcdBinary etcd, List<String> java, Optional<List<Command>> script, LoopbackNetwork addresses) {
        static Prepared from(SandboxOptions options) throws Misuse {
            Optional<List<Command>> script = options.script().isPresent()
                    ? Optional.of(read(options.script().get()))
                    : Optional.empty();
            String searchPath = Optional.ofNullable(System.getenv("PATH")).orElse("");
            return new Prepared(
                    EtcdBinary.find(options.etcd(), searchPath), javaCommand(), script, LoopbackNetwork.take());
        }

        private static List<Command> read(Path script) throws Misuse {
            try {
                return CommandParser.script(Files.readAllLines(script));
            } catch (NoSuchFileException e) {
                throw new Misuse("there is no script " + script);
            } catch (CharacterCodingException e) {
                throw new Misuse("the script " + script + " is no text in UTF-8");
            } catch (IOException e) {
                throw new Misuse("the script " + script + " cannot be read: " + e.getMessage());
            }
        }
    }

    /**
     * Runs it to its end.
     *
     * @param out where everything is shown
     * @param errors where it is said why it does not start
     */
    public static End run(SandboxOptions options, PrintStream out, PrintStream errors) throws Exception {
        Prepared prepared;
        try {
            prepared = Prepared.from(options);
        } catch (Misuse e) {
            errors.println("etcd-aws sandbox: " + e.getMessage());
            return End.MISUSE;
        }
        Sandbox sandbox = new Sandbox(prepared, options.nodes(), out);
        Thread hook = new Thread(sandbox::cleanUp, "clean-up");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            sandbox.terminal.tell(sandbox.clock.instant(), sandbox.greeting);
            sandbox.goRound();
            return End.DONE;
        } catch (Failed e) {
            sandbox.terminal.tell(sandbox.clock.instant(), String.valueOf(e.getMessage()));
            if (!sandbox.terminal.isLive()) {
                sandbox.terminal.print(Screen.state(sandbox.sight));
            }
            return End.FAILED;
        } finally {
            sandbox.cleanUp();
        }
    }

    private void goRound() throws Failed {
        while (true) {
            Instant now = clock.instant();
            cloud.advance();
            machines.follow(cloud.instances(), site, now);
            sight = watcher.look(machines.all());
            Optional<Command> command = tellAndTake(now);
            if (terminal.isGone()
                    || command.filter(Command.Quit.class::isInstance).isPresent()) {
                return;
            }
            if (command.isPresent()) {
                carryOut(command.get(), now);
            }
            terminal.draw(sight);
            try {
                Thread.sleep(TURN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void carryOut(Command command, Instant now) throws Failed {
        try {
            operator.carryOut(command, sight, now);
        } catch (Refusal e) {
            commands.failed("AWS refuses: " + e.getMessage());
        } catch (Misuse e) {
            commands.failed(String.valueOf(e.getMessage()));
        }
    }

    private Optional<Command> tellAndTake(Instant now) throws Failed {
        timeline.follow(sight).forEach(news -> terminal.tell(now, news));
        return commands.next(sight, now);
    }

    /** Ends all processes and deletes all files; nothing starts after that. May be called twice. */
    private synchronized void cleanUp() {
        machines.close();
        terminal.leave(sight);
        home.delete();
        addresses.release();
        system.terminate();
    }

    private static String withSystemdNotify(Path home) throws IOException {
        Path directory = Files.createDirectory(home.resolve("bin"));
        Path script = Files.writeString(directory.resolve("systemd-notify"), SYSTEMD_NOTIFY);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return directory
                + File.pathSeparator
                + Optional.ofNullable(System.getenv("PATH")).orElse("/usr/bin:/bin");
    }

    /** The command that runs this program with the Java that runs the sandbox. */
    private static List<String> javaCommand() throws Misuse {
        Path jar;
        try {
            jar = Path.of(Sandbox.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        if (!Files.isRegularFile(jar)) {
            throw new Misuse("the sandbox runs only from the packed jar: java -jar etcd-aws.jar sandbox");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return Stream.of(List.of(java), SMALL, archive(), List.of("-jar", jar.toString()))
                .flatMap(List::stream)
                .toList();
    }

    /** The option by which the launcher has this very program start from the archive of its classes. */
    private static List<String> archive() {
        return ProcessHandle.current().info().arguments().stream()
                .flatMap(Stream::of)
                .filter(argument ->
                        argument.startsWith("-XX:SharedArchiveFile=") || argument.startsWith("-XX:AOTCache="))
                .toList();
    }
}
