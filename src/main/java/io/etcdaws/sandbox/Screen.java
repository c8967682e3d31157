package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.NodeSight.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Everything that is seen, as lines of text. */
final class Screen {
    /** What is left out of a narrow terminal, so that decisions can be read there, too: the number stands for it. */
    private static final String WHERE = "%-11s %-11s %-5s ";

    private static final String INDENT = " ".repeat(6);
    private static final String COMMANDS =
            "help  quit  kill N  hang N  resume N  wipe N  cut N  heal N  terminate N  lose N  add  refresh  log N  show";
    private static final String ABOUT = "etcd-aws sandbox: group ";

    /** From here on there is room for all columns. */
    private static final int WIDE = 110;

    /** How much of the timeline is to be seen before reasons are. */
    private static final int LEAST_TIMELINE = 5;

    /** Which nodes' reasons are shown: the fewer, the less room there is. */
    private static final List<Predicate<Verdict>> REASONS =
            List.of(verdict -> true, verdict -> !verdict.converged(), verdict -> false);

    /** Lines of a page that are not of the answer. */
    static final int PAGE_FRAME = 2;

    private Screen() {}

    /** The state of all. */
    static List<String> state(Sight sight) {
        return state(sight, true, verdict -> true);
    }

    private static List<String> state(Sight sight, boolean wide, Predicate<Verdict> reasons) {
        List<String> lines = new ArrayList<>();
        lines.add(ABOUT + sight.group() + ", " + summary(sight));
        lines.add("");
        lines.add(row(
                wide ? String.format(WHERE, "instance", "address", "zone") : "",
                "node",
                "in the group",
                "etcd",
                "member",
                "last decision"));
        sight.nodes().forEach(node -> addNode(lines, node, wide, reasons));
        sight.strays()
                .forEach(member -> lines.add(INDENT + "member " + member.id() + " ("
                        + (member.name().isEmpty() ? member.address() : member.name()) + "), a " + member.role()
                        + ", has no instance in the group"));
        return lines;
    }

    private static String row(
            String where, Object node, String lifecycle, String etcd, String member, String decision) {
        return String.format("%-5s %s%-19s %-9s %-8s %s", node, where, lifecycle, etcd, member, decision)
                .stripTrailing();
    }

    /**
     * A whole terminal.
     *
     * @param timeline what happened, the last thing last
     * @param rows how many lines there is room for
     * @param columns how many characters a line has
     */
    static List<String> full(Sight sight, List<String> timeline, int rows, int columns) {
        List<String> tail = List.of("", COMMANDS);
        Optional<List<String>> fitting = REASONS.stream()
                .map(reasons -> state(sight, columns >= WIDE, reasons))
                .filter(state -> state.size() + 1 + LEAST_TIMELINE + tail.size() <= rows)
                .findFirst();
        List<String> lines = new ArrayList<>(fitting.orElseGet(() -> state(sight, columns >= WIDE, verdict -> false)));
        if (lines.get(0).length() > columns) {
            lines.set(0, summary(sight));
        }
        lines.add("");
        lines.addAll(tail);
        if (fitting.isEmpty()) {
            lines.removeIf(String::isEmpty);
        }
        int room = Math.min(timeline.size(), Math.max(0, rows - lines.size()));
        int end = lines.size() - (fitting.isPresent() ? tail.size() : 1);
        lines.addAll(end, timeline.subList(timeline.size() - room, timeline.size()));
        return lines.stream().limit(rows).map(line -> cut(line, columns)).toList();
    }

    /**
     * The first part of a long answer, which is shown instead of all else, and how to go on.
     *
     * @param rows how many lines there is room for
     */
    static List<String> page(List<String> answer, int rows) {
        boolean whole = answer.size() <= rows - PAGE_FRAME;
        return Stream.concat(
                        answer.stream().limit(rows - (long) PAGE_FRAME),
                        Stream.of("", whole ? "(Enter: back)" : "(Enter: more, any command: back)"))
                .toList();
    }

    /** Lines of which none is longer than that. */
    static List<String> wrapped(List<String> lines, int columns) {
        List<String> parts = new ArrayList<>();
        for (String line : lines) {
            String left = line;
            while (left.length() > columns) {
                parts.add(left.substring(0, columns));
                left = left.substring(columns);
            }
            parts.add(left);
        }
        return parts;
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, Math.max(1, columns - 1)) + "…";
    }

    private static String summary(Sight sight) {
        return sight.inService() + " of " + sight.desired() + " instances in service; etcd: " + members(sight)
                + (sight.refreshing() ? "; instance refresh" : "")
                + (sight.converged() ? "; converged" : "");
    }

    private static String members(Sight sight) {
        if (sight.members().isEmpty()) {
            return "no cluster seen";
        }
        String voters = sight.voters() + " voters, quorum " + sight.quorum();
        if (!sight.hasQuorum()) {
            return voters + ", NO QUORUM: " + sight.serving() + " of them "
                    + (sight.serving() == 1 ? "serves" : "serve");
        }
        return voters + (sight.hasLeader() ? "" : ", no leader");
    }

    private static void addNode(List<String> lines, NodeSight node, boolean wide, Predicate<Verdict> reasons) {
        Optional<Verdict> verdict = node.verdict();
        String zone = node.instance().zone();
        String where = String.format(
                WHERE, node.instance().id(), node.instance().address(), zone.substring(zone.length() - 2));
        lines.add(row(
                wide ? where : "",
                node.instance().number(),
                node.instance().runs() ? node.instance().lifecycle() : lost(node),
                etcd(node),
                node.member().map(MemberSight::role).orElse("-"),
                verdict.map(Screen::decision).orElse(node.machine().isPresent() ? "none yet" : "-")));
        verdict.filter(reasons)
                .map(Verdict::why)
                .filter(why -> !why.isEmpty())
                .ifPresent(why -> lines.add(INDENT + why));
    }

    private static String lost(NodeSight node) {
        String lifecycle = node.instance().lifecycle();
        return lifecycle.equals("InService") ? lifecycle + ", lost" : lifecycle;
    }

    private static String decision(Verdict verdict) {
        return (verdict.rule().isEmpty() ? "" : verdict.rule() + ": ") + verdict.summary();
    }

    private static String etcd(NodeSight node) {
        if (node.cutOff()) {
            return "cut off";
        }
        return node.machine()
                .map(EtcdState::name)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .orElse("-");
    }
}
