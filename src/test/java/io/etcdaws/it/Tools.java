package io.etcdaws.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The tools that {@code scripts/lab/setup} has put in place, as its output names them. */
final class Tools {
    private Tools() {}

    /** An etcd release: its directory holds {@code bin/etcd} and {@code bin/etcdctl}. */
    enum Etcd {
        V3_4("ETCD_34"),
        V3_5("ETCD_35"),
        V3_6("ETCD_36");

        private final String variable;

        Etcd(String variable) {
            this.variable = variable;
        }

        String binary(String name) {
            return existing(Path.of(required(variable), "bin", name)).toString();
        }
    }

    static String python() {
        return required("LAB_PYTHON");
    }

    /** The packed jar, which is what is tested. */
    static Path jar() {
        return existing(Path.of("target", "etcd-aws.jar").toAbsolutePath());
    }

    /** A {@code systemd-notify} that writes what it is told to the file that {@code NOTIFY_SOCKET} names. */
    static synchronized Path systemdNotify() {
        Path script = Path.of("target", "lab-bin", "systemd-notify").toAbsolutePath();
        try {
            if (!Files.exists(script)) {
                Files.createDirectories(script.getParent());
                Path made = Files.createTempFile(script.getParent(), "made", ".sh");
                Files.writeString(made, "#!/bin/sh\nprintf '%s\\n' \"$*\" >>\"$NOTIFY_SOCKET\"\n");
                Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(made, script, StandardCopyOption.ATOMIC_MOVE);
            }
            return script;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The Java that runs the jar; by default the one that runs the tests. */
    static String java() {
        String home = property("lab.java.home");
        return existing(Path.of(home, "bin", "java")).toString();
    }

    /** The command that runs the jar, with the options that the fewest seconds are spent with. */
    static List<String> runJar() {
        return List.of(
                java(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:SharedArchiveFile=" + CLASS_ARCHIVE.path,
                "-jar",
                jar().toString());
    }

    /** The classes of the jar as this Java holds them in memory, so that each run need not read and check them anew. */
    private static final class ClassArchive {
        private final Path path = Path.of(
                        "target", "etcd-aws-" + ProcessHandle.current().pid() + ".jsa")
                .toAbsolutePath();

        private ClassArchive() {
            path.toFile().deleteOnExit();
            // The run fails for lack of metadata, after most classes were loaded.
            Processes.start(
                            Path.of("target").toAbsolutePath(),
                            "class-archive",
                            Map.of("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1"),
                            List.of(
                                    java(),
                                    "-XX:ArchiveClassesAtExit=" + path,
                                    "-jar",
                                    jar().toString(),
                                    "plan",
                                    "--timeout",
                                    "2s"))
                    .await(Duration.ofMinutes(1));
        }
    }

    private static final ClassArchive CLASS_ARCHIVE = new ClassArchive();

    /** A variable that the set-up gives; a test without its tools is a failure, never skipped. */
    static String required(String variable) {
        String value = System.getenv(variable);
        if (value == null || value.isEmpty()) {
            throw new IllegalStateException(
                    variable + " is not set: run the tests through scripts/test, which installs" + " what they need");
        }
        return value;
    }

    static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(name + " is not set: run the tests through scripts/test");
        }
        return value;
    }

    private static Path existing(Path path) {
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: run the tests through scripts/test");
        }
        return path;
    }
}
