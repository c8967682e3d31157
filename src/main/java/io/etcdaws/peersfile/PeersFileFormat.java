package io.etcdaws.peersfile;

import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How the peers file is spelt. */
public enum PeersFileFormat {
    /** A systemd {@code EnvironmentFile}; also read by a shell. Quotes stand only round the initial cluster. */
    SYSTEMD {
        @Override
        String line(EtcdOption option) {
            boolean quoted = option.name().equals(EtcdOptions.INITIAL_CLUSTER);
            return option.variable() + "=" + (quoted ? "\"" + option.value() + "\"" : option.value());
        }
    },
    /** A Docker {@code --env-file}, to which quotes would be part of the value. */
    DOCKER {
        @Override
        String line(EtcdOption option) {
            return option.variable() + "=" + option.value();
        }
    },
    /** A file that a shell sources. Quoted throughout, since the brackets of IPv6 are a pattern to a shell. */
    EXPORT {
        @Override
        String line(EtcdOption option) {
            return "export " + option.variable() + "=\"" + option.value() + "\"";
        }
    },
    /** etcd's command-line flags, one a line. */
    FLAGS {
        @Override
        String line(EtcdOption option) {
            return "--" + option.name() + "=" + option.value();
        }
    },
    /** A JSON object whose keys are etcd's option names; etcd reads it as its configuration file, too. */
    JSON {
        @Override
        String line(EtcdOption option) {
            return "  " + inJson(option.name()) + ": " + inJson(option.value());
        }

        @Override
        String lines(List<EtcdOption> options) {
            return options.stream().map(this::line).collect(Collectors.joining(",\n", "{\n", "\n}\n"));
        }
    },
    /** etcd's configuration file ({@code --config-file}). etcd then ignores its flags and environment altogether. */
    ETCD_YAML {
        @Override
        String line(EtcdOption option) {
            // A JSON string is a YAML string; without quotes, "on" would be a boolean.
            return option.name() + ": " + inJson(option.value());
        }
    };

    // No quote, backslash, dollar, blank or glob star: these lines are read by systemd, Docker and shells, each with
    // its own
    // idea of them.
    private static final Pattern SAFE_IN_A_LINE = Pattern.compile("[A-Za-z0-9._~:/,=@%+\\[\\]-]+");

    abstract String line(EtcdOption option);

    String lines(List<EtcdOption> options) {
        return options.stream().map(option -> line(option) + "\n").collect(Collectors.joining());
    }

    /**
     * The file's text, with a newline at its end.
     *
     * @throws InexpressibleException if a value cannot be told safely in this format
     */
    String render(List<EtcdOption> options) {
        if (this != JSON && this != ETCD_YAML) {
            options.forEach(this::requireSafe);
        }
        return lines(options);
    }

    private void requireSafe(EtcdOption option) {
        if (!SAFE_IN_A_LINE.matcher(option.value()).matches()) {
            throw new InexpressibleException(option.variable() + " would be " + inJson(option.value())
                    + ", which a peers file of format '" + this + "' cannot hold safely: only letters, digits and"
                    + " ._~:/,=@%+[]- are allowed there; rename what holds the other character,"
                    + " or set peers-file.format to json or etcd-yaml");
        }
    }

    /** The text as a JSON string, quotes included. */
    static String inJson(String text) {
        return new JsonPrimitive(text).toString();
    }

    /** As the configuration spells it, such as {@code etcd-yaml}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
