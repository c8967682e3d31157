package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class WriteProblemTest {
    private static final Path PATH = Path.of("/etc/sysconfig/etcd-peers");

    @Test
    void tellsToMountTheDirectoryWhereTheFileIsAMountPoint() {
        assertEquals(
                "cannot write the peers file /etc/sysconfig/etcd-peers: Device or resource busy; the file is a mount point"
                        + " of its own and cannot be replaced: mount its directory into the container instead of the file",
                WriteProblem.explain(PATH, new FileSystemException("a", "b", "Device or resource busy")));
    }

    @Test
    void explainsAFullDisk() {
        assertTrue(WriteProblem.explain(PATH, new IOException("No space left on device"))
                .endsWith(": No space left on device; free some space or inodes there"));
    }

    @Test
    void explainsAReadOnlyFilesystem() {
        assertTrue(WriteProblem.explain(PATH, new FileSystemException("a", null, "Read-only file system"))
                .contains("mount it writable"));
    }

    @Test
    void explainsMissingPermission() {
        assertTrue(WriteProblem.explain(PATH, new AccessDeniedException("a"))
                .contains("permission denied; run as a user that may write in /etc/sysconfig"));
    }

    @Test
    void passesOnWhatItDoesNotKnow() {
        assertTrue(WriteProblem.explain(PATH, new FileSystemException("a", null, "Strange things"))
                .contains("Strange things"));
    }
}
