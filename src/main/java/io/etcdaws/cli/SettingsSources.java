package io.etcdaws.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where settings come from: the defaults of {@code application.conf}, laid over by the file that the operator names, by the
 * environment, and by the command line.
 */
final class SettingsSources {
    /** The section that is this program's own. */
    static final String ROOT = "etcd-aws";

    private static final String PEKKO = "pekko";

    private final Config defaults;
    private final Set<String> keys = new TreeSet<>();

    private SettingsSources(Config defaults) {
        this.defaults = defaults;
        defaults.getConfig(ROOT).entrySet().forEach(entry -> keys.add(entry.getKey()));
    }

    /** The sources, with the defaults read. */
    static SettingsSources create() {
        ConfigParseOptions options = ConfigParseOptions.defaults()
                .setClassLoader(SettingsSources.class.getClassLoader())
                .setAllowMissing(false);
        return new SettingsSources(
                ConfigFactory.parseResources("application.conf", options).resolve());
    }

    /** Every key there is under {@code etcd-aws}. */
    Set<String> keys() {
        return keys;
    }

    /**
     * Lays all sources over each other.
     *
     * @param file the operator's file
     * @param environment the environment
     * @param options what the command line sets
     * @throws ConfigurationException if one of them cannot be read, or sets what is not known
     */
    SettingsReader read(Optional<Path> file, Map<String, String> environment, List<GivenValue> options) {
        List<GivenValue> values = new ArrayList<>(new EnvironmentVariables(environment).given(keys));
        values.addAll(options);
        Config given = file.map(this::readFile).orElseGet(ConfigFactory::empty);
        for (GivenValue value : values) {
            given = ConfigValueFactory.fromAnyRef(value.value(), value.origin())
                    .atPath(ROOT + "." + value.key())
                    .withFallback(given);
        }
        return new SettingsReader(given, given.withFallback(defaults));
    }

    private Config readFile(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new ConfigurationException("--config " + file + ": not a file that can be read");
        }
        try {
            Config config = ConfigFactory.parseFile(
                            file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false))
                    .resolve();
            requireKnownSections(config.root());
            return config;
        } catch (ConfigException e) {
            throw new ConfigurationException("--config " + file + ": " + e.getMessage());
        }
    }

    private void requireKnownSections(ConfigObject file) {
        file.forEach((name, value) -> {
            if (name.equals(ROOT)) {
                requireKnown("", asSection("", value));
            } else if (name.equals(PEKKO)) {
                if (!(value instanceof ConfigObject)) {
                    throw new ConfigurationException(
                            name + " (" + SettingsReader.describe(value.origin()) + ") is a section: keys in braces");
                }
            } else {
                Set<String> candidates = new TreeSet<>(Set.of(ROOT, PEKKO));
                keys.forEach(key -> candidates.add(ROOT + "." + key.replaceFirst("\\..*", "")));
                throw unknown(
                        name,
                        value,
                        keys.stream().anyMatch(key -> key.startsWith(name + "."))
                                ? "; did you mean " + ROOT + "." + name + "?"
                                : Suggestion.clause(name, candidates));
            }
        });
    }

    private void requireKnown(String prefix, ConfigObject section) {
        section.forEach((name, value) -> {
            String key = prefix + ConfigUtil.joinPath(name);
            if (keys.contains(key)) {
                requireScalar(key, value);
            } else if (keys.stream().anyMatch(known -> known.startsWith(key + "."))) {
                requireKnown(key + ".", asSection(key, value));
            } else {
                throw unknown(ROOT + "." + key, value, Suggestion.clause(ROOT + "." + key, candidates()));
            }
        });
    }

    private Set<String> candidates() {
        Set<String> candidates = new TreeSet<>();
        for (String key : keys) {
            candidates.add(ROOT + "." + key);
            candidates.add(ROOT + "." + key.replaceFirst("\\.[^.]*$", ""));
        }
        return candidates;
    }

    private static ConfigurationException unknown(String key, ConfigValue value, String suggestion) {
        return new ConfigurationException(
                key + " (" + SettingsReader.describe(value.origin()) + ") is not known" + suggestion);
    }

    private static ConfigObject asSection(String key, ConfigValue value) {
        if (value instanceof ConfigObject section) {
            return section;
        }
        throw new ConfigurationException(
                path(key) + " (" + SettingsReader.describe(value.origin()) + ") is a section: keys in braces");
    }

    private static void requireScalar(String key, ConfigValue value) {
        ConfigValueType type = value.valueType();
        if (type == ConfigValueType.OBJECT || type == ConfigValueType.LIST || type == ConfigValueType.NULL) {
            throw new ConfigurationException(
                    path(key) + " (" + SettingsReader.describe(value.origin()) + ") must be a single value");
        }
    }

    private static String path(String key) {
        return key.isEmpty() ? ROOT : ROOT + "." + key;
    }
}
