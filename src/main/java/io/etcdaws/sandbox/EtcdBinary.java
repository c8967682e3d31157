package io.etcdaws.sandbox;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The etcd to run.
 *
 * @param path the program
 * @param version as it tells it, such as {@code 3.5.16}
 */
record EtcdBinary(Path path, String version) {
    private static final Pattern VERSION = Pattern.compile("etcd Version: ((\\d+)\\.(\\d+)\\S*)");

    private static final String HOW_TO_GET_IT = """
            Get one, 3.4 or newer:
              Debian, Ubuntu   apt-get install etcd-server
              Fedora           dnf install etcd
              macOS            brew install etcd
              any other        https://github.com/etcd-io/etcd/releases
            and put it on the PATH, or name it with --etcd PATH.""";

    /**
     * Finds it.
     *
     * @param given the program, or a directory that holds it
     * @param searchPath the variable PATH
     */
    static EtcdBinary find(Optional<Path> given, String searchPath) throws Misuse {
        Stream<Path> places = given.isPresent()
                ? Stream.of(
                        given.get(),
                        given.get().resolve("etcd"),
                        given.get().resolve("bin").resolve("etcd"))
                : Stream.of(searchPath.split(File.pathSeparator, -1)).map(directory -> Path.of(directory, "etcd"));
        Path found = places.filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst()
                .orElseThrow(() -> new Misuse(
                        given.map(path -> "there is no etcd at " + path).orElse("there is no etcd on the PATH") + ". "
                                + HOW_TO_GET_IT));
        return new EtcdBinary(found.toAbsolutePath(), version(found));
    }

    private static String version(Path etcd) throws Misuse {
        String said = firstWords(etcd);
        Matcher version = VERSION.matcher(said);
        if (!version.find()) {
            throw new Misuse(etcd + " does not tell etcd's version but '"
                    + said.lines().findFirst().orElse("") + "'. " + HOW_TO_GET_IT);
        }
        int major = Integer.parseInt(version.group(2));
        int minor = Integer.parseInt(version.group(3));
        if (major < 3 || (major == 3 && minor < 4)) {
            throw new Misuse(etcd + " is " + version.group(1) + ", which is too old for the sandbox. " + HOW_TO_GET_IT);
        }
        return version.group(1);
    }

    private static String firstWords(Path etcd) throws Misuse {
        try {
            Process process = new ProcessBuilder(etcd.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new Misuse(etcd + " does not run: " + e.getMessage() + ". " + HOW_TO_GET_IT);
        }
    }
}
