package io.etcdaws.simulation;

import io.etcdaws.membership.DataDirectory;
import io.etcdaws.peersfile.PeersFile;
import io.etcdaws.reconcile.LocalFiles;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** What one copy of the program sees of its machine's disk, and writes there. */
final class DiskPort implements PeersFile, LocalFiles {
    private static final Path PATH = Path.of("/etc/sysconfig/etcd-peers");

    private final Simulation world;
    private final Daemon daemon;

    DiskPort(Simulation world, Daemon daemon) {
        this.world = world;
        this.daemon = daemon;
    }

    @Override
    public Result write(byte[] content) {
        Machine machine = daemon.machine;
        if (!daemon.calls() || machine.fileUnwritable) {
            return new Failed("the disk is full");
        }
        String text = new String(content, StandardCharsets.UTF_8);
        if (text.equals(machine.peersFile)) {
            return new Unchanged(PATH);
        }
        machine.peersFile = text;
        world.wrote(daemon, text);
        daemon.calls();
        return new Written(PATH);
    }

    @Override
    public Optional<String> checkWritable() {
        daemon.calls();
        return daemon.machine.fileUnwritable ? Optional.of("the disk is full") : Optional.empty();
    }

    @Override
    public boolean present() {
        return daemon.machine.peersFile != null;
    }

    @Override
    public Found read() {
        daemon.calls();
        DataDirectory seen = daemon.machine.data != null ? DataDirectory.HOLDS_DATA : DataDirectory.EMPTY;
        return new Found(world.plan().dataSeen() ? seen : DataDirectory.UNKNOWN, present());
    }
}
