package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigResolveOptions;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The jar as it is shipped, after the code that nothing reaches has been taken out. */
class PackedJarIT extends WholeProgramTest {
    private static final long LARGEST_BYTES = 20_000_000;

    private static final Pattern CLASS = Pattern.compile("(?:[a-z]\\w*\\.){2,}[A-Z]\\w*(?:\\$\\w*)*");

    /** What the configuration names and this program has no use for: messages between machines, and the log's old bridge. */
    private static final Pattern LEFT_OUT = Pattern.compile(
            "com\\.google\\.protobuf\\..*"
                    + "|com\\.typesafe\\.sslconfig\\..*"
                    + "|org\\.apache\\.pekko\\.(protobufv3|serialization)\\..*"
                    + "|org\\.apache\\.pekko\\.actor\\.CoordinatedShutdown\\$Cluster.*"
                    + "|org\\.apache\\.pekko\\.actor\\.typed\\.(internal|receptionist)\\..*"
                    + "|org\\.apache\\.pekko\\.stream\\.(SystemMaterializer\\$|serialization\\..*|impl\\.streamref\\..*|S\\w+Ref)");

    @Test
    void isSmall() throws IOException {
        long bytes = Files.size(Tools.jar());

        assertEquals(Math.min(bytes, LARGEST_BYTES), bytes);
    }

    @Test
    void runsWithoutItsLauncher() {
        LabNode node = groupOf(1).node(0);

        node.succeeded(node.runPlainly("--once"));
    }

    @Test
    void holdsEveryClassThatItsConfigurationNames() throws IOException {
        try (JarFile jar = new JarFile(Tools.jar().toFile())) {
            TreeSet<String> missing = new TreeSet<>();
            CLASS.matcher(configuration(jar).root().render())
                    .results()
                    .map(found -> found.group())
                    .filter(name -> name.startsWith("org.") || name.startsWith("com."))
                    .filter(name -> !LEFT_OUT.matcher(name).matches())
                    .filter(name -> jar.getEntry(name.replace('.', '/') + ".class") == null)
                    .forEach(missing::add);

            assertEquals(new TreeSet<>(), missing);
        }
    }

    private static Config configuration(JarFile jar) throws IOException {
        return parsed(jar, "application.conf")
                .withFallback(parsed(jar, "reference.conf"))
                .resolve(ConfigResolveOptions.defaults().setAllowUnresolved(true));
    }

    private static Config parsed(JarFile jar, String name) throws IOException {
        try (Reader reader = new InputStreamReader(jar.getInputStream(jar.getEntry(name)), StandardCharsets.UTF_8)) {
            return ConfigFactory.parseReader(reader);
        }
    }

    @Test
    void holdsOnlyClassesThatJavaVerifies() throws IOException {
        try (JarFile jar = new JarFile(Tools.jar().toFile());
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {Tools.jar().toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            List<String> broken = jar.stream()
                    .map(entry -> entry.getName())
                    .filter(name -> name.endsWith(".class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .flatMap(name -> problemOf(loader, name).stream())
                    .toList();

            assertEquals(List.of(), broken);
        }
    }

    /** Looking at a class's methods makes Java link it, and so verify its code. */
    private static Optional<String> problemOf(ClassLoader loader, String name) {
        try {
            Method[] methods = Class.forName(name, false, loader).getDeclaredMethods();
            return Optional.ofNullable(methods == null ? name : null);
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.of(name + ": " + e);
        }
    }
}
