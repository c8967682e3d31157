package io.etcdaws.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The program's version. */
final class Version {
    private Version() {}

    /** As the build wrote it, such as {@code 0.1.0}. */
    static String read() {
        Properties properties = new Properties();
        try (@Nullable InputStream resource = Version.class.getResourceAsStream("/io/etcdaws/version.properties")) {
            if (resource != null) {
                properties.load(resource);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "unknown");
    }
}
