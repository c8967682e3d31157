package io.etcdaws.peersfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.peersfile.PeersFile.Failed;
import io.etcdaws.peersfile.PeersFile.Unchanged;
import io.etcdaws.peersfile.PeersFile.Written;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FilesystemPeersFileTest {
    private static final byte[] CONTENT = "ETCD_NAME=i-694fad83\n".getBytes(UTF_8);

    @TempDir
    Path directory;

    private Path path;
    private FilesystemPeersFile file;

    @BeforeEach
    void chooseAPath() {
        path = directory.resolve("etcd-peers");
        file = FilesystemPeersFile.at(path);
    }

    @Test
    void writesTheFileAndLeavesNothingBeside() throws IOException {
        assertFalse(file.present());

        assertEquals(new Written(path), file.write(CONTENT));

        assertTrue(file.present());
        assertEquals("ETCD_NAME=i-694fad83\n", Files.readString(path));
        assertEquals(List.of("etcd-peers"), names());
    }

    @Test
    void anEmptyFileIsAsGoodAsNone() throws IOException {
        Files.createFile(path);
        assertFalse(file.present());
        file.write(CONTENT);
        assertTrue(file.present());
    }

    @Test
    void isReadableByAllWhateverTheUmask() throws IOException {
        file.write(CONTENT);

        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void leavesAFileOfTheSameContentUntouched() throws IOException {
        file.write(CONTENT);
        FileTime longAgo = FileTime.from(Instant.EPOCH);
        Files.setLastModifiedTime(path, longAgo);
        Object inode = Files.getAttribute(path, "unix:ino");

        assertEquals(new Unchanged(path), file.write(CONTENT));

        assertEquals(longAgo, Files.getLastModifiedTime(path));
        assertEquals(inode, Files.getAttribute(path, "unix:ino"));
    }

    @Test
    void replacesOtherContentBesideReadersOfTheOld() throws IOException {
        Files.writeString(path, "ETCD_NAME=i-00000000\n");
        Object inode = Files.getAttribute(path, "unix:ino");

        try (Stream<String> old = Files.lines(path)) {
            assertEquals(new Written(path), file.write(CONTENT));
            assertEquals(List.of("ETCD_NAME=i-00000000"), old.toList());
        }

        assertNotEquals(inode, Files.getAttribute(path, "unix:ino"));
        assertEquals("ETCD_NAME=i-694fad83\n", Files.readString(path));
    }

    @Test
    void followsALinkAndKeepsIt() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        Files.createSymbolicLink(path, Path.of("elsewhere/peers"));

        assertEquals(new Written(path), file.write(CONTENT));
        assertEquals(new Unchanged(path), file.write(CONTENT));

        assertTrue(Files.isSymbolicLink(path));
        assertEquals("ETCD_NAME=i-694fad83\n", Files.readString(elsewhere.resolve("peers")));
    }

    @Test
    void createsTheDirectoryButNotItsParent() throws IOException {
        Path sysconfig = directory.resolve("sysconfig");

        assertInstanceOf(
                Written.class,
                FilesystemPeersFile.at(sysconfig.resolve("etcd-peers")).write(CONTENT));
        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(sysconfig)));

        Path parent = directory.resolve("no");
        assertFailure(parent.resolve("such/etcd-peers"), "the directory " + parent + " does not exist");
        assertFalse(Files.exists(parent));
    }

    @Test
    void removesWhatACrashHasLeft() throws IOException {
        Path left = Files.writeString(directory.resolve(".etcd-peers.etcd-aws-0123456789abcdef.tmp"), "ETCD_NA");
        Path foreign = Files.createFile(directory.resolve(".etcd-peers.swp"));

        file.write(CONTENT);

        assertFalse(Files.exists(left));
        assertTrue(Files.exists(foreign));
    }

    @Test
    void leavesWhatIsBeingWritten() throws IOException {
        try (TemporaryFile other = TemporaryFile.beside(path)) {
            file.write(CONTENT);

            assertTrue(Files.exists(other.path()));
        }
        assertEquals(List.of("etcd-peers"), names());
    }

    @Test
    void makesAnotherTemporaryFileWhereARunThatCleansUpTakesTheFirst() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> cleaning = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                TemporaryFile.deleteStale(path);
            }
        });
        try {
            for (int i = 0; i < 200; i++) {
                try (TemporaryFile temporary = TemporaryFile.beside(path)) {
                    assertTrue(Files.exists(temporary.path()));
                }
            }
        } finally {
            done.set(true);
            cleaning.join();
        }
        assertEquals(List.of(), names());
    }

    @Test
    void findsThatItCanBeWrittenAndLeavesItAsItIs() throws IOException {
        assertEquals(Optional.empty(), file.checkWritable());
        assertEquals(List.of(), names());

        Files.writeString(path, "ETCD_NAME=i-00000000\n");
        Object inode = Files.getAttribute(path, "unix:ino");
        assertEquals(Optional.empty(), file.checkWritable());
        assertEquals(inode, Files.getAttribute(path, "unix:ino"));
        assertEquals("ETCD_NAME=i-00000000\n", Files.readString(path));
        assertEquals(List.of("etcd-peers"), names());
    }

    @Test
    void findsWhatAWriteWouldFailOf() throws IOException {
        Path taken = Files.createDirectory(directory.resolve("taken"));

        for (Path hopeless : List.of(taken, directory.resolve("no/such/etcd-peers"), Path.of("/proc/etcd-peers"))) {
            FilesystemPeersFile peersFile = FilesystemPeersFile.at(hopeless);
            Failed failed = assertInstanceOf(Failed.class, peersFile.write(CONTENT));
            assertEquals(
                    withoutTemporaryName(failed.message()),
                    withoutTemporaryName(peersFile.checkWritable().orElseThrow()));
        }
    }

    @Test
    void refusesToReplaceADirectory() throws IOException {
        Files.createDirectory(path);

        assertFailure(path, "is a directory");
    }

    @Test
    void refusesToReplaceADevice() {
        assertFailure(Path.of("/dev/null"), "not a regular file");
    }

    @Test
    void refusesLinksInACircle() throws IOException {
        Files.createSymbolicLink(path, path);

        assertFailure(path, "circle");
    }

    @Test
    void refusesAPathThroughAFile() throws IOException {
        Path through = Files.createFile(directory.resolve("file")).resolve("etcd-peers");

        assertFailure(through, "file");
    }

    @Test
    void namesTheFileTheCauseAndWhatToDoWhereTheKernelRefuses() {
        // The kernel's own filesystem takes no files from anyone, root included.
        String message = assertFailure(Path.of("/proc/etcd-peers"), "cannot write the peers file /proc/etcd-peers: ");

        assertTrue(message.contains("; "), message);
    }

    private static String assertFailure(Path path, String words) {
        Failed failed =
                assertInstanceOf(Failed.class, FilesystemPeersFile.at(path).write(CONTENT));
        assertTrue(failed.message().contains(words), failed.message());
        assertTrue(failed.message().contains(path.toString()), failed.message());
        return failed.message();
    }

    private static String withoutTemporaryName(String message) {
        return message.replaceAll("-[0-9a-f]{16}\\.tmp", "");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(found -> String.valueOf(found.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
