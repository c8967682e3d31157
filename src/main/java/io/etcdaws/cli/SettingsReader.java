package io.etcdaws.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigOrigin;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads single values with the types they should have, and tells what is wrong with those that have not. */
final class SettingsReader {
    private static final int HIGHEST_PORT = 65535;
    private static final Pattern HOST_AND_PORT = Pattern.compile("(\\[[0-9a-fA-F:.%]+\\]|[^:\\[\\]\\s]+):(\\d{1,5})");

    private final Config given;
    private final Config merged;

    /**
     * A reader.
     *
     * @param given what was set by someone
     * @param merged that, over the defaults
     */
    SettingsReader(Config given, Config merged) {
        this.given = given;
        this.merged = merged;
    }

    /** The configuration of the libraries. */
    Config libraries() {
        return merged.withoutPath(SettingsSources.ROOT);
    }

    /** Whether someone has set the key to anything. */
    boolean isGiven(String key) {
        return given.hasPath(full(key)) && optionalText(key).isPresent();
    }

    String text(String key) {
        return require(key, optionalText(key), "some text");
    }

    Optional<String> optionalText(String key) {
        String value = String.valueOf(merged.getValue(full(key)).unwrapped()).strip();
        return value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    /** A command line, split as a shell would. */
    Optional<List<String>> words(String key) {
        return optionalText(key)
                .map(text -> require(
                        key,
                        parse(text, ShellWords::split)
                                .filter(words -> !words.get(0).isEmpty()),
                        "a program and its arguments, with every quote closed"));
    }

    int port(String key) {
        return require(key, number(key, 1, HIGHEST_PORT), "a port from 1 to 65535");
    }

    int count(String key, int highest) {
        return require(key, number(key, 1, highest), "a whole number from 1 to " + highest);
    }

    private Optional<Integer> number(String key, int lowest, int highest) {
        return optionalText(key)
                .flatMap(text -> parse(text, Integer::valueOf))
                .filter(value -> value >= lowest && value <= highest);
    }

    Duration duration(String key) {
        return require(key, optionalText(key).flatMap(Durations::parse), Durations.ALLOWED);
    }

    boolean flag(String key) {
        return require(
                key,
                optionalText(key)
                        .flatMap(text -> Optional.ofNullable(
                                switch (text.toLowerCase(Locale.ROOT)) {
                                    case "true", "yes", "on", "1" -> Boolean.TRUE;
                                    case "false", "no", "off", "0" -> Boolean.FALSE;
                                    default -> null;
                                })),
                "true or false");
    }

    /** One of an enum's values, spelt in lower case with hyphens. */
    <E extends Enum<E>> E choice(String key, Class<E> type) {
        E[] values = type.getEnumConstants();
        String allowed =
                "one of " + Arrays.stream(values).map(SettingsReader::spelling).collect(Collectors.joining(", "));
        return require(
                key,
                optionalText(key)
                        .flatMap(text -> Arrays.stream(values)
                                .filter(value -> spelling(value).equalsIgnoreCase(text))
                                .findFirst()),
                allowed);
    }

    /** How the configuration spells an enum's value. */
    static String spelling(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    Path path(String key) {
        return require(key, optionalText(key).flatMap(text -> parse(text, Path::of)), "a path")
                .toAbsolutePath();
    }

    /** The path of a file that must be there. */
    Optional<Path> readableFile(String key) {
        if (optionalText(key).isEmpty()) {
            return Optional.empty();
        }
        Path file = path(key);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw invalid(key, "a file that is there and can be read");
        }
        return Optional.of(file);
    }

    Optional<URI> httpUrl(String key) {
        return optionalText(key)
                .map(text -> require(
                        key,
                        parse(text, URI::create).filter(SettingsReader::isHttp),
                        "a URL such as http://169.254.169.254, with a port from 1 to 65535 if any"));
    }

    private static boolean isHttp(URI url) {
        boolean http = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
        @Nullable String host = url.getHost();
        // Pekko knows no addresses with a zone (%25eth0).
        return http
                && host != null
                && host.indexOf('%') < 0
                && (url.getPort() == -1 || (url.getPort() >= 1 && url.getPort() <= HIGHEST_PORT));
    }

    /** A host and a port; empty for {@code off}. */
    Optional<InetSocketAddress> listenAddress(String key) {
        String text = text(key);
        if (text.equalsIgnoreCase("off")) {
            return Optional.empty();
        }
        String allowed = "host:port, such as 127.0.0.1:2378 or [::1]:2378, or off";
        Matcher matcher = HOST_AND_PORT.matcher(text);
        int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
        if (port < 1 || port > HIGHEST_PORT) {
            throw invalid(key, allowed);
        }
        return Optional.of(InetSocketAddress.createUnresolved(matcher.group(1).replaceAll("[\\[\\]]", ""), port));
    }

    /** The error for a value that is not allowed. */
    ConfigurationException invalid(String key, String allowed) {
        return new ConfigurationException(tell(key) + ": must be " + allowed);
    }

    /** A key with its value and where it was set, for messages. */
    String tell(String key) {
        return full(key) + " is '" + optionalText(key).orElse("") + "' ("
                + describe(merged.getValue(full(key)).origin()) + ")";
    }

    private <T> T require(String key, Optional<T> value, String allowed) {
        return value.orElseThrow(() -> invalid(key, allowed));
    }

    /** Parses with a function that throws for what it does not like. */
    private static <T> Optional<T> parse(String text, Function<String, T> parser) {
        try {
            return Optional.of(parser.apply(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String full(String key) {
        return SettingsSources.ROOT + "." + key;
    }

    /** Where a value was set, in short: a file and its line, or a variable. */
    static String describe(ConfigOrigin origin) {
        @Nullable String file = origin.filename();
        if (file != null) {
            return file + ", line " + origin.lineNumber();
        }
        return origin.resource() != null ? "the default" : origin.description();
    }
}
