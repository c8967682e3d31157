package io.etcdaws.cli;

import java.util.Collection;
import java.util.Comparator;

/** Finds what was probably meant by a name that is not known. */
final class Suggestion {
    private Suggestion() {}

    /** A clause for the end of an error message, naming the nearest of the known names; empty if none is near. */
    static String clause(String unknown, Collection<String> known) {
        int near = Math.max(2, unknown.length() / 3);
        return known.stream()
                .filter(name -> distance(unknown, name) <= near)
                .min(Comparator.comparingInt((String name) -> distance(unknown, name))
                        .thenComparing(Comparator.naturalOrder()))
                .map(name -> "; did you mean " + name + "?")
                .orElse("");
    }

    /** How many letters must be put in, taken out or changed to make one name of the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
