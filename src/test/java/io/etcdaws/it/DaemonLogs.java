package io.etcdaws.it;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the program has told of itself in its log, of which each line is an object. */
final class DaemonLogs {
    private static final String AUDIT = "audit ";
    private static final String STEP = "membership change: ";

    private DaemonLogs() {}

    /** A line of the log. */
    record Line(Instant at, String level, String message) {}

    /** A membership change as the program has recorded it. */
    record Audited(LabNode by, Instant at, JsonObject record) {
        boolean changed() {
            return record.get("outcome").getAsString().startsWith("changed");
        }

        /**
         * Whether this tells of a change.
         *
         * @param kind such as {@code add}
         * @param id of the member, as etcd's JSON has it: decimal, without a sign
         */
        boolean tells(String kind, String id) {
            String member = Long.toHexString(Long.parseUnsignedLong(id));
            JsonObject change = record.getAsJsonObject("change");
            boolean ofMember = kind.equals("add")
                    ? has("after", member) && !has("before", member)
                    : change.get("text").getAsString().contains(member);
            return changed() && change.get("kind").getAsString().equals(kind) && ofMember;
        }

        private boolean has(String list, String member) {
            return record.getAsJsonArray(list).asList().stream()
                    .anyMatch(entry ->
                            entry.getAsJsonObject().get("id").getAsString().equals(member));
        }
    }

    /** A step of a membership change, told at the level debug. */
    record Step(LabNode by, int run, Instant at, String name) {}

    static List<Line> lines(Path log) {
        List<Line> lines = new ArrayList<>();
        for (String text : read(log).lines().toList()) {
            parse(text).ifPresent(lines::add);
        }
        return lines;
    }

    /** A process that is killed leaves half a line. */
    private static Optional<Line> parse(String text) {
        try {
            JsonElement line = JsonParser.parseString(text);
            if (!line.isJsonObject()) {
                return Optional.empty();
            }
            JsonObject object = line.getAsJsonObject();
            return Optional.of(new Line(
                    Instant.parse(object.get("time").getAsString()),
                    object.get("level").getAsString(),
                    object.get("message").getAsString()));
        } catch (JsonParseException half) {
            return Optional.empty();
        }
    }

    private static String read(Path log) {
        try {
            return Files.exists(log) ? Files.readString(log, StandardCharsets.UTF_8) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All lines of a node's program, of all its runs. */
    static List<Line> lines(LabNode node) {
        return node.machine().daemon().logs().stream()
                .flatMap(log -> lines(log).stream())
                .toList();
    }

    /** Whether a node's program has said this in any of its runs. */
    static boolean said(LabNode node, String words) {
        return node.machine().daemon().logs().stream().anyMatch(log -> read(log).contains(words));
    }

    static long timesSaid(LabNode node, String words) {
        return lines(node).stream()
                .filter(line -> line.message().contains(words))
                .count();
    }

    /** All membership changes that these nodes have recorded, the oldest first. */
    static List<Audited> audits(List<LabNode> nodes) {
        List<Audited> audits = new ArrayList<>();
        for (LabNode node : nodes) {
            for (Line line : lines(node)) {
                if (line.message().startsWith(AUDIT)) {
                    JsonObject record = JsonParser.parseString(line.message().substring(AUDIT.length()))
                            .getAsJsonObject();
                    audits.add(new Audited(node, line.at(), record));
                }
            }
        }
        audits.sort(Comparator.comparing(Audited::at));
        return audits;
    }

    /** All steps of membership changes that these nodes have gone through, the oldest first. */
    static List<Step> steps(List<LabNode> nodes) {
        List<Step> steps = new ArrayList<>();
        for (LabNode node : nodes) {
            int run = 0;
            for (Path log : node.machine().daemon().logs()) {
                run++;
                for (Line line : lines(log)) {
                    if (line.message().startsWith(STEP)) {
                        steps.add(new Step(node, run, line.at(), line.message().substring(STEP.length())));
                    }
                }
            }
        }
        steps.sort(Comparator.comparing(Step::at));
        return steps;
    }
}
