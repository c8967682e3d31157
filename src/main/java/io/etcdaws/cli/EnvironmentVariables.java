package io.etcdaws.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The environment as a source of settings: a variable for each key, those of etcd-aws-cluster, and those that AWS's own tools
 * share. A variable that is empty counts as not set.
 */
final class EnvironmentVariables {
    private static final String PREFIX = "ETCD_AWS_";

    /** Variables of others, and the keys they set; later ones win over earlier ones. */
    private static final List<Map.Entry<String, String>> BORROWED = List.of(
            Map.entry("AWS_DEFAULT_REGION", "aws.region"),
            Map.entry("AWS_REGION", "aws.region"),
            Map.entry("AWS_EC2_METADATA_SERVICE_ENDPOINT", "metadata.endpoint"),
            Map.entry("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "metadata.endpoint-mode"),
            Map.entry("ETCD_CLIENT_PORT", "etcd.client-port"),
            Map.entry("ETCD_SERVER_PORT", "etcd.peer-port"),
            Map.entry("ETCD_CLIENT_SCHEME", "etcd.client-scheme"),
            Map.entry("ETCD_PEER_SCHEME", "etcd.peer-scheme"),
            Map.entry("PROXY_ASG", "proxy.group"),
            Map.entry("RETRY_TIMES", "etcd.change-attempts"));

    private final Map<String, String> environment;

    EnvironmentVariables(Map<String, String> environment) {
        this.environment = new TreeMap<>(environment);
    }

    /** The variable that sets a key, such as {@code ETCD_AWS_PEERS_FILE_PATH} for {@code peers-file.path}. */
    static String nameOf(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    /**
     * What the environment sets; later values win over earlier ones.
     *
     * @param keys all keys there are
     * @throws ConfigurationException if there is a variable with this program's prefix that sets none of them
     */
    List<GivenValue> given(Set<String> keys) {
        List<GivenValue> given = new ArrayList<>();
        BORROWED.forEach(borrowed -> add(given, borrowed.getKey(), borrowed.getValue()));
        if (isSet("ASG_BY_TAG")) {
            given.add(new GivenValue("proxy.by-tag", String.valueOf(byTag()), origin("ASG_BY_TAG")));
        }
        if (isSet("ETCD_CURLOPTS")) {
            given.addAll(CurlOptions.parse(value("ETCD_CURLOPTS")));
        }
        Map<String, String> names = new TreeMap<>();
        keys.forEach(key -> names.put(nameOf(key), key));
        requireKnown(names.keySet());
        names.forEach((name, key) -> add(given, name, key));
        return given;
    }

    private void add(List<GivenValue> given, String variable, String key) {
        if (isSet(variable)) {
            given.add(new GivenValue(key, value(variable), origin(variable)));
        }
    }

    private boolean isSet(String variable) {
        return !value(variable).isEmpty();
    }

    private String value(String variable) {
        return environment.getOrDefault(variable, "").strip();
    }

    private static String origin(String variable) {
        return "environment variable " + variable;
    }

    /** To the script, any text meant yes; a plain no is believed all the same. */
    private boolean byTag() {
        return !Set.of("false", "no", "off", "0").contains(value("ASG_BY_TAG").toLowerCase(Locale.ROOT));
    }

    private void requireKnown(Set<String> names) {
        for (String variable : environment.keySet()) {
            if (variable.startsWith(PREFIX) && !names.contains(variable)) {
                throw new ConfigurationException(
                        "the environment variable " + variable + " is not known" + Suggestion.clause(variable, names));
            }
        }
    }
}
