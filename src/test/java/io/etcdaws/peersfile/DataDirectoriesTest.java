package io.etcdaws.peersfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoriesTest {
    @TempDir
    Path directory;

    @Test
    void holdsDataWhenThereIsAMemberInIt() throws IOException {
        Files.createDirectory(directory.resolve("member"));

        assertEquals(DataDirectory.HOLDS_DATA, found(directory, true));
        assertEquals(DataDirectory.HOLDS_DATA, found(directory, false));
    }

    @Test
    void holdsDataWhenTheMemberIsALinkToADiskThatIsNotMounted() throws IOException {
        Files.createSymbolicLink(directory.resolve("member"), directory.resolve("not-mounted"));

        assertEquals(DataDirectory.HOLDS_DATA, found(directory, true));
    }

    @Test
    void isEmptyOnlyWhereTheOperatorNamedIt() {
        Path missing = directory.resolve("missing");

        assertEquals(DataDirectory.EMPTY, found(directory, true));
        assertEquals(DataDirectory.EMPTY, found(missing, true));
        assertEquals(DataDirectory.UNKNOWN, found(directory, false));
        assertEquals(DataDirectory.UNKNOWN, found(missing, false));
    }

    @Test
    void isEmptyOnAFreshDisk() throws IOException {
        Files.createDirectory(directory.resolve("lost+found"));

        assertEquals(DataDirectory.EMPTY, found(directory, true));
    }

    @Test
    void isUnknownWhereADirectoryInItIsTheDataDirectory() throws IOException {
        Files.createDirectories(directory.resolve("default/member/wal"));

        assertUnknownWithWarning(directory, directory.resolve("default").toString());
    }

    @Test
    void isUnknownWhereItIsALinkToADiskThatIsNotMounted() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("etcd"), directory.resolve("not-mounted"));

        assertUnknownWithWarning(link, "mounted");
    }

    @Test
    void isUnknownWhereItIsAFile() throws IOException {
        assertUnknownWithWarning(Files.createFile(directory.resolve("file")), "is not a directory");
    }

    @Test
    void isUnknownWhereItMayNotBeRead() throws IOException, InterruptedException {
        Path closed = Files.createDirectory(directory.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));

        DataDirectory found = found(closed, true);

        // Root may read everything.
        assertEquals(Files.isReadable(closed) ? DataDirectory.EMPTY : DataDirectory.UNKNOWN, found);
    }

    private static DataDirectory found(Path path, boolean configured) {
        return DataDirectories.inspect(path, configured).directory();
    }

    private static void assertUnknownWithWarning(Path path, String words) {
        DataDirectories.Inspection inspection = DataDirectories.inspect(path, true);
        assertEquals(DataDirectory.UNKNOWN, inspection.directory());
        assertTrue(inspection.warning().orElseThrow().contains(words), inspection.toString());
    }
}
