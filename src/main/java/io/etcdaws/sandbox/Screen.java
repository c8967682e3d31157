package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.NodeSight.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Everything that is seen, as lines of text. */
final class Screen {
    private static final String ROW = "%-5s %-11s %-11s %-5s %-19s %-9s %-8s %s";
    private static final String HEADING = String.format(
            ROW, "node", "instance", "address", "zone", "in the group", "etcd", "member", "last decision");
    private static final String INDENT = " ".repeat(6);
    private static final String COMMANDS =
            "kill N  hang N  resume N  wipe N  cut N  heal N  terminate N  lose N  log N  add  refresh  help  quit";

    private Screen() {}

    /** The state of all. */
    static List<String> state(Sight sight) {
        List<String> lines = new ArrayList<>();
        lines.add(summary(sight));
        lines.add("");
        lines.add(HEADING);
        sight.nodes().forEach(node -> addNode(lines, node));
        sight.strays()
                .forEach(member -> lines.add(INDENT + "member " + member.id() + " ("
                        + (member.name().isEmpty() ? member.address() : member.name()) + "), a " + member.role()
                        + ", has no instance in the group"));
        return lines;
    }

    /**
     * A whole terminal.
     *
     * @param timeline what happened, the last thing last
     * @param rows how many lines there is room for
     * @param columns how many characters a line has
     */
    static List<String> full(Sight sight, List<String> timeline, int rows, int columns) {
        List<String> lines = state(sight);
        lines.add("");
        int room = Math.max(1, rows - lines.size() - 2);
        lines.addAll(timeline.subList(Math.max(0, timeline.size() - room), timeline.size()));
        lines.add("");
        lines.add(COMMANDS);
        return lines.stream().map(line -> cut(line, columns)).toList();
    }

    private static String cut(String line, int columns) {
        return line.length() <= columns ? line : line.substring(0, Math.max(1, columns - 1)) + "…";
    }

    private static String summary(Sight sight) {
        String members = sight.members().isEmpty()
                ? "no cluster seen"
                : sight.voters() + " voters, quorum " + sight.quorum() + (sight.hasLeader() ? "" : ", no leader");
        return "etcd-aws sandbox: group " + sight.group() + ", " + sight.inService() + " of " + sight.desired()
                + " instances in service; etcd: " + members
                + (sight.refreshing() ? "; instance refresh" : "")
                + (sight.converged() ? "; converged" : "");
    }

    private static void addNode(List<String> lines, NodeSight node) {
        Optional<Verdict> verdict = node.verdict();
        String zone = node.instance().zone();
        lines.add(String.format(
                        ROW,
                        node.instance().number(),
                        node.instance().id(),
                        node.instance().address(),
                        zone.substring(zone.length() - 2),
                        node.instance().runs() ? node.instance().lifecycle() : lost(node),
                        etcd(node),
                        node.member().map(MemberSight::role).orElse("-"),
                        verdict.map(Screen::decision).orElse("-"))
                .stripTrailing());
        verdict.map(Verdict::why).filter(why -> !why.isEmpty()).ifPresent(why -> lines.add(INDENT + why));
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
