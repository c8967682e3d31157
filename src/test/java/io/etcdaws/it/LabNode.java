package io.etcdaws.it;

import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Processes.Running;
import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One instance of the group: its own loopback address, peers file, data directory, and etcd. */
final class LabNode {
    /** No run may take longer, whatever it waits for. */
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final EmulatedAws aws;
    private final String id;
    private final String address;
    private final Path directory;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private List<String> etcdFlags = List.of();
    private String scheme = "http";
    private List<String> daemonArguments = List.of();
    private @Nullable Process etcd;
    private @Nullable Machine machine;
    private int runs;

    LabNode(EmulatedAws aws, String id, String address, Path directory) {
        this.aws = aws;
        this.id = id;
        this.address = address;
        this.directory = directory.resolve(id);
        variables.put("AWS_ENDPOINT_URL", aws.url());
        variables.put("AWS_EC2_METADATA_SERVICE_ENDPOINT", aws.metadataUrl(address));
        variables.put("AWS_ACCESS_KEY_ID", "lab");
        variables.put("AWS_SECRET_ACCESS_KEY", "lab");
        variables.put("ETCD_AWS_PEERS_FILE_PATH", peersFile().toString());
    }

    String id() {
        return id;
    }

    String address() {
        return address;
    }

    String clientUrl() {
        return scheme + "://" + address + ":2379";
    }

    String peerUrl() {
        return scheme + "://" + address + ":2380";
    }

    Path directory() {
        return directory;
    }

    Path peersFile() {
        return directory.resolve("etcd-peers");
    }

    Path dataDirectory() {
        return directory.resolve("data");
    }

    /** Sets a variable for the runs that follow. */
    LabNode with(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    /** Takes a variable away for the runs that follow. */
    LabNode without(String variable) {
        variables.remove(variable);
        return this;
    }

    /** Tells the program where the data directory is, so that it can know it to be empty. */
    LabNode knowingItsData() {
        return with("ETCD_AWS_ETCD_DATA_DIR", dataDirectory().toString());
    }

    /** Has the program form a cluster of its own sooner than by default, for tests of something else. */
    LabNode hurrying() {
        return with("ETCD_AWS_BOOTSTRAP_STABLE_MARGIN", "1s").with("ETCD_AWS_AWS_SCAN_MAX_AGE", "500ms");
    }

    /** Has the program find its credentials as on an instance: those of the instance's role, which AWS knows it by. */
    LabNode withItsRole() {
        variables.remove("AWS_ACCESS_KEY_ID");
        variables.remove("AWS_SECRET_ACCESS_KEY");
        return this;
    }

    /** Gives the program in its periodic mode these arguments. */
    LabNode withArguments(String... arguments) {
        daemonArguments = List.of(arguments);
        return this;
    }

    LabNode withTls(List<String> flags, Map<String, String> tlsVariables) {
        scheme = "https";
        etcdFlags = flags;
        variables.put("ETCD_CLIENT_SCHEME", "https");
        variables.put("ETCD_PEER_SCHEME", "https");
        variables.putAll(tlsVariables);
        return this;
    }

    /** Starts the jar with these arguments. */
    Running start(String... arguments) {
        return start(Tools.runJar(), arguments);
    }

    private Running start(List<String> program, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        runs++;
        return Processes.start(directory, "run-" + runs, variables, command);
    }

    /** Runs the jar with these arguments to its end. */
    Result run(String... arguments) {
        return start(arguments).await(LIMIT);
    }

    /** The same without the launcher, its flags and its archive. */
    Result runPlainly(String... arguments) {
        return start(Tools.runJarPlainly(), arguments).await(LIMIT);
    }

    Result once() {
        return run("--once");
    }

    /** Runs it once, which must succeed; gives the peers file. */
    String onceSucceeds() {
        return succeeded(once());
    }

    /** Checks that a run succeeded; gives the peers file. */
    String succeeded(Result result) {
        if (result.exitCode() != 0) {
            throw new AssertionError(id + ": " + result);
        }
        return peers();
    }

    String peers() {
        try {
            return Files.readString(peersFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts a peers file in place that the program has not written. */
    void givePeers(String file) {
        try {
            Files.createDirectories(directory);
            Files.writeString(peersFile(), file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts this node's etcd from the peers file, as a systemd unit with that EnvironmentFile does. */
    void startEtcd(Etcd version, String... moreFlags) {
        etcd = launchEtcd(version, "etcd", List.of(), List.of(moreFlags)).process();
    }

    /** The same, for whoever keeps it running: with a name for its logs, and a prefix to the command. */
    Running launchEtcd(Etcd version, String name, List<String> prefix, List<String> moreFlags) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                version.binary("etcd"),
                "--data-dir=" + dataDirectory(),
                "--listen-client-urls=" + clientUrl(),
                "--advertise-client-urls=" + clientUrl(),
                "--listen-peer-urls=" + peerUrl(),
                "--initial-advertise-peer-urls=" + peerUrl()));
        command.addAll(etcdFlags);
        command.addAll(moreFlags);
        return Processes.start(directory, name, readEnvironmentFile(peersFile()), command);
    }

    /** Starts the program in its periodic mode, as a service that tells when it is ready. */
    Running startDaemon(String name) {
        with("NOTIFY_SOCKET", notifySocket().toString());
        with("PATH", Tools.systemdNotify().getParent() + ":/usr/bin:/bin");
        List<String> command = new ArrayList<>(Machine.prefix(this));
        command.addAll(Tools.runJar());
        command.addAll(daemonArguments);
        return Processes.start(directory, name, variables, command);
    }

    /** What the program has told its service manager since the machine was powered on. */
    String notifications() {
        try {
            return Files.exists(notifySocket()) ? Files.readString(notifySocket()) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void forgetNotifications() {
        notifySocket().toFile().delete();
    }

    private Path notifySocket() {
        return directory.resolve("notify");
    }

    /** Runs this node as a machine: the program in its periodic mode and etcd, both under a supervisor. */
    Machine machine(Etcd version, String... moreFlags) {
        Machine made = new Machine(this, version, List.of(moreFlags));
        machine = made;
        return made;
    }

    /** The machine that was made of this node. */
    Machine machine() {
        if (machine == null) {
            throw new IllegalStateException(id + " is no machine");
        }
        return machine;
    }

    private static Map<String, String> readEnvironmentFile(Path file) {
        try {
            Map<String, String> variables = new LinkedHashMap<>();
            for (String line : Files.readAllLines(file)) {
                int equals = line.indexOf('=');
                variables.put(
                        line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
            }
            return variables;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean etcdRuns() {
        return etcd != null && etcd.isAlive();
    }

    /** Kills etcd as a lost machine does; its port then refuses. */
    void killEtcd() {
        if (etcd != null) {
            Processes.kill(etcd);
        }
    }

    /** Freezes etcd: it accepts connections and never answers. */
    void freezeEtcd() {
        signal("-STOP");
    }

    void thawEtcd() {
        signal("-CONT");
    }

    private void signal(String signal) {
        if (etcd != null) {
            Processes.run(directory, List.of("kill", signal, Long.toString(etcd.pid())));
        }
    }

    /** Loses the disk. */
    void wipeData() {
        if (!Files.exists(dataDirectory())) {
            return;
        }
        try (Stream<Path> files = Files.walk(dataDirectory())) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The instance is terminated, and its machine is gone with its etcd. */
    void terminate() {
        if (machine != null) {
            machine.powerOff();
        }
        killEtcd();
        aws.post("/lab/instances/" + id + "/terminate", Map.of());
    }

    /** Overrides what AWS says of the instance. */
    void pretend(Map<String, Object> override) {
        aws.post("/lab/instances/" + id, override);
    }

    void close() {
        if (machine != null) {
            machine.powerOff();
            Firewall.heal(this);
        }
        if (etcd != null) {
            etcd.destroyForcibly();
        }
    }
}
