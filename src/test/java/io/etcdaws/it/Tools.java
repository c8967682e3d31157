package io.etcdaws.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

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
    private static String javaHome() {
        return existing(Path.of(property("lab.java.home"))).toString();
    }

    /** The command that runs the jar as it is run on a node, by its launcher with the archive of its classes. */
    static List<String> runJar() {
        return List.of(
                "env",
                "ETCD_AWS_JAVA_HOME=" + javaHome(),
                "JVM_JAR=" + jar(),
                "JVM_ARCHIVE=" + existing(Path.of(property("lab.archive"))),
                "JVM_SETTINGS=/dev/null",
                Path.of("scripts", "etcd-aws").toAbsolutePath().toString());
    }

    /** The command that runs the jar without its launcher. */
    static List<String> runJarPlainly() {
        return List.of(Path.of(javaHome(), "bin", "java").toString(), "-jar", jar().toString());
    }

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
