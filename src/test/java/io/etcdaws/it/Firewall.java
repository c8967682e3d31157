package io.etcdaws.it;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Cuts nodes off. All nodes are on the loopback interface, and what they dial comes from 127.0.0.1, so packets are known by
 * the group id of the process that sends them, and those that answer a dialled connection by the mark that its first packet
 * has put on it. AWS, the metadata and this harness have group id 0 and stay reachable.
 */
final class Firewall {
    /** What does not get through. */
    enum Cut {
        /** Nobody reaches the node; it reaches the others, and their answers reach it. */
        INBOUND,
        /** The node reaches nobody; the others reach it, and its answers reach them. */
        OUTBOUND,
        /** Nothing in either direction. */
        BOTH
    }

    /** Test processes run side by side: each has chains of its own. */
    private static final String CHAIN = "etcd-aws-" + LabGroup.network().replace(".", "-");

    private static final Map<LabNode, List<List<String>>> CUTS = new LinkedHashMap<>();

    private static final Set<Long> MARKED = new HashSet<>();

    private static boolean ready;

    private Firewall() {}

    /** The group id of a node's processes: its address as a number, without the 127. */
    static long groupId(LabNode node) {
        String[] parts = node.address().split("\\.", -1);
        return Long.parseLong(parts[1]) << 16 | Long.parseLong(parts[2]) << 8 | Long.parseLong(parts[3]);
    }

    private static void prepare() {
        if (ready) {
            return;
        }
        ready = true;
        remove();
        for (String table : List.of("filter", "mangle")) {
            iptables(table, "-N", CHAIN);
            iptables(table, "-I", "OUTPUT", "-j", CHAIN);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(Firewall::remove, "end-of-firewall"));
    }

    /** Removes what this run, or an earlier one that was killed, has made. */
    private static void remove() {
        for (String table : List.of("filter", "mangle")) {
            tryIptables(table, "-D", "OUTPUT", "-j", CHAIN);
            tryIptables(table, "-F", CHAIN);
            tryIptables(table, "-X", CHAIN);
        }
    }

    /** Marks the connections that the node dials from now on. */
    static synchronized void mark(LabNode node) {
        prepare();
        if (!MARKED.add(groupId(node))) {
            return;
        }
        String id = Long.toString(groupId(node));
        iptables(
                "mangle",
                "-A",
                CHAIN,
                "-m",
                "owner",
                "--gid-owner",
                id,
                "-m",
                "conntrack",
                "--ctdir",
                "ORIGINAL",
                "-j",
                "CONNMARK",
                "--set-mark",
                id);
    }

    /** Cuts a node off, in place of how it was cut off before. */
    static synchronized void cut(LabNode node, Cut cut) {
        heal(node);
        List<List<String>> rules = new ArrayList<>();
        if (cut != Cut.OUTBOUND) {
            rules.add(inbound(node));
        }
        if (cut != Cut.INBOUND) {
            rules.add(outbound(node));
        }
        if (cut == Cut.BOTH) {
            rules.add(answers(node));
        }
        CUTS.put(node, rules);
        rules.forEach(rule -> rule("-A", rule));
    }

    /** Whatever is sent to the node, but by itself and by the harness. */
    private static List<String> inbound(LabNode node) {
        return List.of(
                "-d",
                node.address(),
                "-m",
                "owner",
                "!",
                "--gid-owner",
                Long.toString(groupId(node)),
                "-m",
                "owner",
                "!",
                "--gid-owner",
                "0");
    }

    /** Whatever the node sends to the others. */
    private static List<String> outbound(LabNode node) {
        return List.of(
                "-d",
                network(node),
                "-m",
                "iprange",
                "!",
                "--dst-range",
                node.address(),
                "-m",
                "owner",
                "--gid-owner",
                Long.toString(groupId(node)));
    }

    /** Whatever the others answer in connections that the node has dialled. */
    private static List<String> answers(LabNode node) {
        return List.of(
                "-s",
                network(node),
                "-m",
                "iprange",
                "!",
                "--src-range",
                node.address(),
                "-m",
                "connmark",
                "--mark",
                Long.toString(groupId(node)));
    }

    private static String network(LabNode node) {
        return node.address().substring(0, node.address().lastIndexOf('.')) + ".0/24";
    }

    static synchronized void heal(LabNode node) {
        List<List<String>> rules = CUTS.remove(node);
        if (rules != null) {
            rules.forEach(rule -> rule("-D", rule));
        }
    }

    private static void rule(String operation, List<String> match) {
        List<String> arguments = new ArrayList<>(List.of(operation, CHAIN));
        arguments.addAll(match);
        arguments.addAll(List.of("-j", "DROP"));
        iptables("filter", arguments.toArray(String[]::new));
    }

    private static void iptables(String table, String... arguments) {
        tryIptables(table, arguments).ifPresent(said -> {
            throw new AssertionError(said);
        });
    }

    private static Optional<String> tryIptables(String table, String... arguments) {
        return Processes.tell(command(table, arguments));
    }

    private static List<String> command(String table, String... arguments) {
        List<String> command = new ArrayList<>(List.of("iptables", "-w", "-t", table));
        command.addAll(List.of(arguments));
        return command;
    }
}
