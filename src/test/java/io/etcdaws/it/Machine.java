package io.etcdaws.it;

import io.etcdaws.it.Processes.Running;
import io.etcdaws.it.Tools.Etcd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A node as it is in earnest: the program in its periodic mode and etcd, each under a supervisor. etcd starts when the program
 * has told the service manager that it is ready, with what stands in the peers file then, and again 1 s after each end. All
 * processes have a group id of their own, by which {@link Firewall} knows their packets.
 */
final class Machine {
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** What an etcd says that cannot go on with its data: its member was removed, or its log does not fit. */
    private static final List<String> UNFIT = List.of(
            "data-dir used by this member must be removed",
            "the member has been permanently removed",
            "tocommit(",
            "has already been bootstrapped");

    private final LabNode node;
    private final Etcd version;
    private final List<String> etcdFlags;
    private final Supervised daemon;
    private final Supervised etcd;
    private Instant etcdStarted = Instant.EPOCH;

    Machine(LabNode node, Etcd version, List<String> etcdFlags) {
        this.node = node;
        this.version = version;
        this.etcdFlags = List.copyOf(etcdFlags);
        daemon = new Supervised(PAUSE, number -> Optional.of(startDaemon(number)));
        etcd = new Supervised(PAUSE, this::startEtcd);
    }

    /** The program in its periodic mode. */
    Supervised daemon() {
        return daemon;
    }

    Supervised etcd() {
        return etcd;
    }

    /** Powers the machine on. */
    void boot() {
        Firewall.mark(node);
        node.forgetNotifications();
        daemon.up();
        etcd.up();
    }

    private Running startDaemon(int number) {
        return node.startDaemon("daemon-" + number);
    }

    private Optional<Running> startEtcd(int number) {
        if (!node.notifications().contains("--ready") || !Files.exists(node.peersFile())) {
            return Optional.empty();
        }
        if (endedAsUnfit() && wasGivenAnotherPlace()) {
            setDataAside();
        }
        etcdStarted = Instant.now();
        return Optional.of(node.launchEtcd(version, "etcd-" + number, prefix(node), etcdFlags));
    }

    /** The prefix of a command that gives it the group id of its node. */
    static List<String> prefix(LabNode node) {
        return List.of("setpriv", "--regid", Long.toString(Firewall.groupId(node)), "--clear-groups", "--");
    }

    private boolean endedAsUnfit() {
        List<Path> logs = etcd.logs();
        if (logs.isEmpty()) {
            return false;
        }
        try {
            String log = Files.readString(logs.get(logs.size() - 1));
            return UNFIT.stream().anyMatch(log::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the file was written after etcd's last start, and lets it join a cluster that is there. */
    private boolean wasGivenAnotherPlace() {
        try {
            return Files.getLastModifiedTime(node.peersFile()).toInstant().isAfter(etcdStarted)
                    && node.peers().contains("ETCD_INITIAL_CLUSTER_STATE=existing");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void setDataAside() {
        try {
            if (Files.exists(node.dataDirectory())) {
                String date = Instant.now().toString().replace(':', '-');
                Files.move(node.dataDirectory(), node.directory().resolve("data-" + date));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The machine is gone, with all its processes at once. */
    void powerOff() {
        daemon.unwanted();
        etcd.unwanted();
        signalAll("KILL");
        daemon.kill();
        etcd.kill();
    }

    /** The machine hangs: its processes run no more, and its kernel goes on to accept connections. */
    void freeze() {
        signalAll("STOP");
    }

    void thaw() {
        signalAll("CONT");
    }

    private void signalAll(String signal) {
        Processes.signal(
                signal,
                Stream.of(etcd, daemon)
                        .flatMap(program -> program.pid().stream())
                        .toList());
    }

    /** The machine starts again, at once. */
    void reboot() {
        powerOff();
        boot();
    }

    /** The machine starts again with an empty data disk. */
    void loseDisk() {
        powerOff();
        node.wipeData();
        boot();
    }
}
