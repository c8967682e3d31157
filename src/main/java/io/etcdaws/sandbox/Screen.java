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
    private static final String INDENT = " ".repeat(6);
    private static final String COMMANDS =
            "help  quit  kill|hang|resume|wipe|cut|heal|terminate|lose N  add  capacity N  refresh  log N  show";
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
        String layout = layout(sight, wide);
        lines.add(String.format(
                layout, "node", "instance", "address", "zone", "in the group", "etcd", "member", "last decision"));
        sight.nodes().forEach(node -> addNode(lines, node, layout, reasons));
        sight.strays()
                .forEach(member -> lines.add(INDENT + "member " + member.id() + " ("
                        + (member.name().isEmpty() ? member.address() : member.name()) + "), a " + member.role()
                        + ", has no instance in the group"));
        return lines;
    }

    /** A narrow terminal has no room for where a node is, which its number stands for; decisions are to be read there, too. */
    private static String layout(Sight sight, boolean wide) {
        int widest = sight.nodes().stream()
                .mapToInt(node -> lifecycle(node).length())
                .max()
                .orElse(0);
        return wide
                ? "%1$-5s %2$-11s %3$-11s %4$-5s %5$-19s %6$-9s %7$-8s %8$s"
                : "%1$-5s %5$-" + Math.max(12, widest) + "s %6$-9s %7$-8s %8$s";
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

    /** Lines of which none is longer than that, between words where that is possible. */
    static List<String> wrapped(List<String> lines, int columns) {
        List<String> parts = new ArrayList<>();
        for (String line : lines) {
            String left = line;
            while (left.length() > columns) {
                int space = left.lastIndexOf(' ', columns);
                int end = space > columns / 2 ? space : columns;
                parts.add(left.substring(0, end));
                left = left.substring(end).stripLeading();
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
            return "nobody tells its members";
        }
        if (!sight.hasQuorum()) {
            return sight.serving() + " of " + sight.voters() + " voters " + (sight.serving() == 1 ? "serves" : "serve")
                    + ", quorum is " + sight.quorum() + (sight.isLost() ? " and LOST FOR GOOD" : "");
        }
        return sight.voters() + (sight.voters() == 1 ? " voter" : " voters") + ", quorum " + sight.quorum()
                + (sight.hasLeader() ? "" : ", no leader");
    }

    private static void addNode(List<String> lines, NodeSight node, String layout, Predicate<Verdict> reasons) {
        Optional<Verdict> verdict = node.verdict();
        String zone = node.instance().zone();
        lines.add(String.format(
                        layout,
                        node.instance().number(),
                        node.instance().id(),
                        node.instance().address(),
                        zone.substring(zone.length() - 2),
                        lifecycle(node),
                        etcd(node),
                        node.member().map(MemberSight::role).orElse("-"),
                        verdict.map(Screen::decision).orElse(node.machine().isPresent() ? "none yet" : "-"))
                .stripTrailing());
        verdict.filter(reasons)
                .map(Verdict::why)
                .filter(why -> !why.isEmpty())
                .ifPresent(why -> lines.add(INDENT + why));
    }

    private static String lifecycle(NodeSight node) {
        String lifecycle = node.instance().lifecycle();
        return node.instance().inService() || !lifecycle.equals("InService") ? lifecycle : lifecycle + ", lost";
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
