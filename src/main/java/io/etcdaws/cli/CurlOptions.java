package io.etcdaws.cli;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The TLS options among curl's, for {@code ETCD_CURLOPTS} of etcd-aws-cluster. */
final class CurlOptions {
    private static final String VARIABLE = "ETCD_CURLOPTS";
    private static final String ORIGIN = "environment variable " + VARIABLE;

    private CurlOptions() {}

    /**
     * What the options set.
     *
     * @throws ConfigurationException for any other option, which may not be left out silently
     */
    static List<GivenValue> parse(String options) {
        List<GivenValue> given = new ArrayList<>();
        Iterator<String> words = split(options).iterator();
        while (words.hasNext()) {
            given.add(parseOption(words.next(), words));
        }
        return given;
    }

    private static List<String> split(String options) {
        try {
            return ShellWords.split(options);
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(VARIABLE + " cannot be read: " + e.getMessage());
        }
    }

    private static GivenValue parseOption(String word, Iterator<String> rest) {
        int equals = word.indexOf('=');
        boolean joined = word.startsWith("--") && equals > 0;
        String option = joined ? word.substring(0, equals) : word;
        return switch (option) {
            case "--cacert", "--cert", "--key" -> {
                String value = joined ? word.substring(equals + 1) : rest.hasNext() ? rest.next() : "";
                yield new GivenValue(keyOf(option), requireFile(option, value), ORIGIN + ", " + option);
            }
            case "-k", "--insecure" -> new GivenValue("etcd.tls.insecure-skip-verify", "true", ORIGIN + ", " + option);
            default ->
                throw new ConfigurationException(
                        VARIABLE + " holds " + shown(option) + ", which this program does not know;"
                                + " only --cacert, --cert, --key and -k (--insecure) have a meaning here");
        };
    }

    /** What an error may tell of an option: its name alone, since a password may follow it without a blank. */
    private static String shown(String option) {
        if (option.startsWith("--")) {
            return option;
        }
        if (!option.startsWith("-")) {
            return "a word that is no option";
        }
        return option.length() > 2 ? option.substring(0, 2) + "…" : option;
    }

    private static String keyOf(String option) {
        return switch (option) {
            case "--cacert" -> "etcd.tls.ca-file";
            case "--cert" -> "etcd.tls.cert-file";
            default -> "etcd.tls.key-file";
        };
    }

    private static String requireFile(String option, String value) {
        if (value.isEmpty()) {
            throw new ConfigurationException(VARIABLE + " holds " + option + " without a file");
        }
        if (option.equals("--cert") && value.indexOf(':') >= 0) {
            // The value is not told, since it holds a password.
            throw new ConfigurationException(VARIABLE + " holds --cert with a password (file:password), which is not"
                    + " supported; give the file alone, and a key without a password");
        }
        return value;
    }
}
