package io.etcdaws.it;

import java.nio.file.Files;
import java.nio.file.Path;

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

    /** The Java that runs the jar; by default the one that runs the tests. */
    static String java() {
        String home = System.getProperty("lab.java.home", System.getProperty("java.home"));
        return existing(Path.of(home, "bin", "java")).toString();
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

    private static Path existing(Path path) {
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: run the tests through scripts/test");
        }
        return path;
    }
}
