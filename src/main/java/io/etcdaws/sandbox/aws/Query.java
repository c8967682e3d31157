package io.etcdaws.sandbox.aws;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call in AWS's query protocol: an action, its version, and parameters, of which lists and structures are numbered and
 * dotted names.
 */
record Query(Map<String, String> parameters) {
    /** Reads the body of a form. */
    static Query parse(String form) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : form.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return new Query(Map.copyOf(parameters));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    String action() {
        return find("Action").orElse("");
    }

    Optional<String> find(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    String required(String name) {
        return find(name).orElseThrow(() -> Refusal.validation("The request must contain the parameter " + name + "."));
    }

    /** The texts {@code prefix.1}, {@code prefix.2} and so on. */
    List<String> texts(String prefix) {
        List<String> texts = new ArrayList<>();
        for (Optional<String> next = find(prefix + ".1"); next.isPresent(); ) {
            texts.add(next.get());
            next = find(prefix + "." + (texts.size() + 1));
        }
        return texts;
    }

    /** The structures {@code prefix.1.…}, {@code prefix.2.…} and so on, each as a query of its own. */
    List<Query> structures(String prefix) {
        List<Query> structures = new ArrayList<>();
        while (true) {
            String start = prefix + "." + (structures.size() + 1) + ".";
            Map<String, String> fields = new HashMap<>();
            parameters.forEach((name, value) -> {
                if (name.startsWith(start)) {
                    fields.put(name.substring(start.length()), value);
                }
            });
            if (fields.isEmpty()) {
                return structures;
            }
            structures.add(new Query(fields));
        }
    }
}
