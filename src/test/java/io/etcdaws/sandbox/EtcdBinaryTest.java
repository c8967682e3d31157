package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EtcdBinaryTest {
    @TempDir
    private Path directory;

    private Path bin;

    @BeforeEach
    void makeDirectory() throws IOException {
        bin = Files.createDirectory(directory.resolve("bin"));
    }

    @Test
    void findsItOnThePathOrWhereItIsNamed() throws Exception {
        Path etcd = etcdThatSays("etcd Version: 3.5.16");
        EtcdBinary expected = new EtcdBinary(etcd, "3.5.16");
        assertEquals(expected, EtcdBinary.find(Optional.empty(), "/nowhere:" + bin));
        assertEquals(expected, EtcdBinary.find(Optional.of(etcd), ""));
        assertEquals(expected, EtcdBinary.find(Optional.of(bin), ""));
        assertEquals(expected, EtcdBinary.find(Optional.of(directory), ""));
    }

    @Test
    void saysHowToGetOne() {
        String message = refused(Optional.empty());
        assertTrue(message.startsWith("there is no etcd on the PATH. Get one, 3.4 or newer:"), message);
        assertTrue(message.contains("apt-get install etcd-server") && message.contains("--etcd PATH"), message);
        assertTrue(refused(Optional.of(directory)).startsWith("there is no etcd at " + directory), message);
    }

    @Test
    void refusesWhatIsTooOldOrNoEtcd() throws Exception {
        Path etcd = etcdThatSays("etcd Version: 3.3.25");
        assertTrue(refused(Optional.of(bin)).startsWith(etcd + " is 3.3.25, which is too old"));
        etcdThatSays("hello");
        assertTrue(refused(Optional.of(bin)).startsWith(etcd + " does not tell etcd's version but 'hello'"));
    }

    private static String refused(Optional<Path> given) {
        return String.valueOf(assertThrows(Misuse.class, () -> EtcdBinary.find(given, "/nowhere"))
                .getMessage());
    }

    private Path etcdThatSays(String words) throws IOException {
        Path script = Files.writeString(bin.resolve("etcd"), "#!/bin/sh\necho '" + words + "'\n");
        return Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
