package io.etcdaws.management;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads Prometheus's text format (0.0.4) as strictly as it is written down: every metric has its help and its type before its
 * samples, all of them stand together, no sample comes twice, counters end in {@code _total}, buckets are cumulative and end
 * with {@code +Inf}, and the last line ends.
 */
final class PrometheusText {
    private static final String NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
    private static final Pattern HELP = Pattern.compile("# HELP (" + NAME + ") (\\S.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (" + NAME + ") (counter|gauge|histogram)");
    private static final Pattern SAMPLE = Pattern.compile("(" + NAME + ")(?:\\{(.*)\\})? (\\S+)");
    private static final Pattern LABEL =
            Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");

    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Set<String> finished = new HashSet<>();
    private String helped = "";
    private String current = "";

    private PrometheusText() {}

    /**
     * Every sample by its name and sorted labels, such as {@code etcd_aws_peers{seen="silent"}}.
     *
     * @throws AssertionError naming the line that is wrong
     */
    static Map<String, Double> parse(String text) {
        PrometheusText parser = new PrometheusText();
        if (!text.endsWith("\n")) {
            throw new AssertionError("the last line does not end");
        }
        for (String line : text.substring(0, text.length() - 1).split("\n", -1)) {
            try {
                parser.read(line);
            } catch (IllegalArgumentException e) {
                throw new AssertionError(e.getMessage() + ": " + line, e);
            }
        }
        parser.types.forEach((name, type) -> {
            if (type.equals("histogram")) {
                parser.checkHistogram(name);
            }
        });
        return parser.samples;
    }

    private void read(String line) {
        Matcher help = HELP.matcher(line);
        Matcher type = TYPE.matcher(line);
        Matcher sample = SAMPLE.matcher(line);
        if (help.matches()) {
            helped = help.group(1);
        } else if (type.matches()) {
            begin(type.group(1), type.group(2));
        } else if (sample.matches() && !line.startsWith("#")) {
            add(sample.group(1), sample.group(2) == null ? "" : sample.group(2), number(sample.group(3)));
        } else {
            throw new IllegalArgumentException("neither help, nor type, nor sample");
        }
    }

    private void begin(String name, String type) {
        require(helped.equals(name), "a type without its help before it");
        require(
                !name.startsWith("etcd_aws_") || type.equals("counter") == name.endsWith("_total"),
                "_total is for counters");
        require(name.startsWith("etcd_aws_"), "without our prefix");
        if (!current.isEmpty()) {
            finished.add(current);
        }
        require(types.put(name, type) == null && !finished.contains(name), "a metric in two places");
        current = name;
    }

    private void add(String name, String labels, double value) {
        String base = "histogram".equals(types.get(current)) ? name.replaceFirst("_(bucket|sum|count)$", "") : name;
        require(base.equals(current), "a sample outside of its metric");
        require(!"counter".equals(types.get(current)) || value >= 0, "a counter below zero");
        require(samples.put(name + sorted(labels), value) == null, "a sample that came before");
    }

    private static String sorted(String labels) {
        Map<String, String> found = new TreeMap<>();
        Matcher label = LABEL.matcher(labels);
        int at = 0;
        while (at < labels.length()) {
            require(label.find(at) && label.start() == at, "not a list of labels");
            require(found.put(label.group(1), label.group(2)) == null, "a label twice");
            at = label.end();
        }
        List<String> each = new ArrayList<>();
        found.forEach((name, value) -> each.add(name + "=\"" + value + "\""));
        return each.isEmpty() ? "" : "{" + String.join(",", each) + "}";
    }

    private void checkHistogram(String name) {
        double before = 0;
        double last = -1;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            if (sample.getKey().startsWith(name + "_bucket")) {
                require(sample.getValue() >= before, "buckets that are not cumulative");
                before = sample.getValue();
                last = sample.getKey().contains("le=\"+Inf\"") ? sample.getValue() : -1;
            }
        }
        require(last >= 0 && last == samples.getOrDefault(name + "_count", -2.0), "no last bucket with all of them");
        require(samples.containsKey(name + "_sum"), "no sum");
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
