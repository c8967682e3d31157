package io.etcdaws.sandbox;

import io.etcdaws.sandbox.aws.CloudInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What stands for one instance: a directory as its disk, and as its units this program in the periodic mode and etcd, which
 * starts when the program has told that the peers file is in place. etcd listens behind {@link Front}s, which are there
 * while it is.
 */
final class Machine {
    static final int MANAGEMENT_PORT = 2378;
    static final int CLIENT_PORT = 2379;
    static final int PEER_PORT = 2380;

    /** Added to a port of etcd: where it listens behind its front. */
    static final int BEHIND = 10000;

    /** How etcd is. */
    enum EtcdState {
        /** The program has not yet said that it may start. */
        WAITS,
        DOWN,
        STARTING,
        RUNS,
        HANGS
    }

    /**
     * What all machines have in common.
     *
     * @param java the command that runs this program
     * @param path the variable PATH for the program
     * @param apis the URL of the Auto Scaling and EC2 APIs
     */
    record Site(EtcdBinary etcd, List<String> java, String path, String apis, Front.Street street) {}

    private final Site site;
    private final CloudInstance instance;
    private final Path directory;
    private final String metadata;
    private final Service daemon;
    private final Service etcd;
    private final List<Front> fronts;
    private boolean hangs;

    /**
     * A machine that is switched off.
     *
     * @param directory is made here
     * @param metadata the URL of the instance's metadata
     */
    Machine(Site site, CloudInstance instance, Path directory, String metadata) throws IOException {
        this.site = site;
        this.instance = instance;
        this.directory = Files.createDirectories(directory);
        this.metadata = metadata;
        this.daemon = new Service(directory.resolve("etcd-aws.log"));
        this.etcd = new Service(directory.resolve("etcd.log"));
        this.fronts = Stream.of(CLIENT_PORT, PEER_PORT)
                .map(port -> new Front(site.street(), instance.id(), instance.address(), port, port + BEHIND))
                .toList();
    }

    CloudInstance instance() {
        return instance;
    }

    /** Where etcd itself answers, whatever is cut off. */
    String etcdUrl() {
        return "http://" + instance.address() + ":" + (CLIENT_PORT + BEHIND);
    }

    /** Where the program answers. */
    String managementUrl() {
        return "http://" + instance.address() + ":" + MANAGEMENT_PORT;
    }

    EtcdState etcdState() {
        if (!etcd.runs()) {
            return isReady() ? EtcdState.DOWN : EtcdState.WAITS;
        }
        if (hangs) {
            return EtcdState.HANGS;
        }
        return fronts.stream().allMatch(Front::isOpen) ? EtcdState.RUNS : EtcdState.STARTING;
    }

    /** How often the program was started. */
    int daemonStarts() {
        return daemon.starts();
    }

    /** The processes that run. */
    List<Long> pids() {
        return Stream.of(daemon, etcd)
                .flatMap(service -> service.pid().stream())
                .toList();
    }

    /** Does what a service manager does: starts what is due. */
    void tend(Instant now) {
        if (daemon.isDue(now)) {
            daemon.start(directory, daemonEnvironment(), daemonCommand());
        }
        if (isReady() && etcd.isDue(now)) {
            etcd.start(directory, readPeersFile(), etcdCommand());
        }
        boolean runs = etcd.runs();
        fronts.forEach(front -> front.follow(runs));
    }

    /** etcd is killed; it is started again after a pause. */
    void killEtcd() {
        etcd.kill();
        hangs = false;
        fronts.forEach(front -> front.follow(false));
    }

    /** etcd goes on holding its connections, and does nothing. */
    void hang() {
        etcd.signal("STOP");
        hangs = etcd.runs();
    }

    /** etcd goes on. */
    void resume() {
        etcd.signal("CONT");
        hangs = false;
    }

    /** The disk with etcd's data is lost, and the machine restarted, but for its other disk with the peers file. */
    void wipe() {
        powerOff();
        Home.delete(data());
        Home.delete(notifications());
        daemon.reset();
        etcd.reset();
    }

    /** Everything ends at once. */
    void powerOff() {
        killEtcd();
        daemon.kill();
    }

    /** The last lines of both logs. */
    List<String> logs(int most) {
        List<String> lines = new ArrayList<>();
        lines.add("== " + directory.resolve("etcd-aws.log"));
        lines.addAll(daemon.lastLines(most));
        lines.add("== " + directory.resolve("etcd.log"));
        lines.addAll(etcd.lastLines(most));
        return lines;
    }

    private Path data() {
        return directory.resolve("data");
    }

    private Path peersFile() {
        return directory.resolve("etcd-peers");
    }

    private Path notifications() {
        return directory.resolve("notifications");
    }

    /** Whether the program has said, as to systemd, that the peers file is in place. */
    private boolean isReady() {
        try {
            return Files.exists(notifications())
                    && Files.readString(notifications()).contains("--ready");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With the directory in it, so that whoever looks at processes can tell whose it is. */
    private List<String> daemonCommand() {
        List<String> command = new ArrayList<>(site.java());
        command.add(1, "-Dsandbox.node=" + directory);
        return command;
    }

    private Map<String, String> daemonEnvironment() {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", site.path());
        environment.put("AWS_ENDPOINT_URL", site.apis());
        environment.put("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata);
        environment.put("AWS_ACCESS_KEY_ID", "sandbox");
        environment.put("AWS_SECRET_ACCESS_KEY", "sandbox");
        environment.put("AWS_CONFIG_FILE", "/dev/null");
        environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        environment.put("NOTIFY_SOCKET", notifications().toString());
        environment.put("ETCD_AWS_PEERS_FILE_PATH", peersFile().toString());
        environment.put("ETCD_AWS_ETCD_DATA_DIR", data().toString());
        environment.put("ETCD_AWS_MANAGEMENT_ADDRESS", instance.address() + ":" + MANAGEMENT_PORT);
        // People watch, so everything goes faster than on AWS.
        environment.put("ETCD_AWS_RECONCILE_INTERVAL", "3s");
        environment.put("ETCD_AWS_METADATA_WATCH_INTERVAL", "1s");
        environment.put("ETCD_AWS_MEMBERSHIP_REMOVE_AFTER", "20s");
        return environment;
    }

    /** As a unit with {@code EnvironmentFile=} does. */
    private Map<String, String> readPeersFile() {
        try {
            Map<String, String> environment = new LinkedHashMap<>();
            for (String line : Files.readAllLines(peersFile())) {
                int equals = line.indexOf('=');
                environment.put(
                        line.substring(0, equals), line.substring(equals + 1).replace("\"", ""));
            }
            return environment;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> etcdCommand() {
        String url = "http://" + instance.address() + ":";
        return List.of(
                site.etcd().path().toString(),
                "--data-dir=" + data(),
                "--listen-client-urls=" + url + (CLIENT_PORT + BEHIND),
                "--advertise-client-urls=" + url + CLIENT_PORT,
                "--listen-peer-urls=" + url + (PEER_PORT + BEHIND),
                "--initial-advertise-peer-urls=" + url + PEER_PORT,
                "--logger=zap",
                "--log-level=warn");
    }
}
