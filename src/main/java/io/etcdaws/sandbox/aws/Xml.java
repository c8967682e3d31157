package io.etcdaws.sandbox.aws;

import java.util.List;
import java.util.function.Function;

/** Text as XML. */
final class Xml {
    private Xml() {}

    /** An element that holds text. */
    static String text(String name, Object value) {
        return element(name, escaped(value.toString()));
    }

    /** An element that holds XML. */
    static String element(String name, String... content) {
        return "<" + name + ">" + String.join("", content) + "</" + name + ">";
    }

    /** An element that holds one {@code item} for each of them. */
    static <T> String list(String name, String item, List<T> of, Function<T, String> content) {
        return element(
                name, of.stream().map(one -> element(item, content.apply(one))).toArray(String[]::new));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
