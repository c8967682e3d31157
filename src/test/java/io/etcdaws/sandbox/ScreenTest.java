package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.sandbox.Machine.EtcdState;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScreenTest {
    @Test
    void showsGroupMembersAndDecisions() {
        NodeSight launching = new NodeSight(
                Sights.instance(4, "Pending:Wait"),
                Optional.of(EtcdState.WAITS),
                false,
                Optional.empty(),
                Optional.empty(),
                List.of());
        Sight sight = new Sight(
                "sandbox",
                3,
                true,
                List.of(
                        Sights.node(1, true),
                        Sights.node(2, EtcdState.HANGS, false, "wait for node 3", "it is dead"),
                        launching),
                List.of(new MemberSight("a3", "i-00000003", "127.77.0.3", false, false)));
        assertEquals("""
                etcd-aws sandbox: group sandbox, 2 of 3 instances in service; etcd: 1 of 3 voters serves, quorum is 2; instance refresh

                node  instance    address     zone  in the group  etcd      member   last decision
                1     i-00000001  127.77.0.1  1a    InService     runs      leader   7h: leave all as it is
                      every member is a healthy voter
                2     i-00000002  127.77.0.2  1a    InService     hangs     voter    6: wait for node 3
                      it is dead
                4     i-00000004  127.77.0.4  1a    Pending:Wait  waits     -        none yet
                      member a3 (i-00000003), a voter, has no instance in the group
                """.stripTrailing(), squeezed(Screen.state(sight)));
    }

    /** The column for lifecycle states is as wide as the longest, which would not fit here. */
    private static String squeezed(List<String> lines) {
        return String.join("\n", lines)
                .replace("in the group       ", "in the group ")
                .replace("InService          ", "InService    ")
                .replace("Pending:Wait       ", "Pending:Wait ");
    }

    @Test
    void saysWhenTheQuorumCannotComeBack() {
        List<MemberSight> gone = List.of(
                new MemberSight("a2", "i-00000002", "127.77.0.2", false, false),
                new MemberSight("a3", "i-00000003", "127.77.0.3", false, false));
        Sight alone = new Sight("sandbox", 3, false, List.of(Sights.node(1, false)), gone);
        assertTrue(Screen.state(alone).get(0).contains("1 of 3 voters serves, quorum is 2 and LOST FOR GOOD"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "remove i-00000002 (17f68738da218ab6 at http://127.77.0.2:2380) | remove node 2",
                "promote i-0000000a (65b02166888f45a0 at http://127.77.0.10:2380, learner) | promote node 10",
                "i-00000003 (a3 at http://127.77.0.3:2380, learner, never started) to start | node 3 to start",
                "wait for i-00000004 at 127.77.0.4 (Pending:Wait, running) to join | wait for node 4 (Pending:Wait, running) to join",
                "unnamed (a4f49a44cc64f27d at http://127.77.0.4:2380, never started) to start | node 4 to start",
                "leave to the node of i-00000001, the leader | leave to node 1, the leader",
                "add http://127.77.0.4:2380 as a learner | add http://127.77.0.4:2380 as a learner"
            })
    void namesNodesByTheirNumbers(String said, String shown) {
        assertEquals(shown, NodeSight.shortened(said));
    }

    @Test
    void fitsTheTerminal() {
        List<String> timeline =
                IntStream.range(0, 100).mapToObj(i -> "line " + i).toList();
        List<String> lines = Screen.full(Sights.converged(), timeline, 24, 60);
        assertEquals(24, lines.size());
        assertTrue(lines.stream().allMatch(line -> line.length() <= 60));
        assertTrue(lines.contains("line 99"), "the last things that happened");
    }

    @ParameterizedTest
    @CsvSource({"7, 13, 60", "7, 22, 80", "5, 22, 80", "3, 22, 80", "9, 10, 40", "3, 3, 20"})
    void givesTheNodesAndTheLastNewsTheRoomThereIs(int nodes, int rows, int columns) {
        Sight sight = Sights.of(IntStream.rangeClosed(1, nodes)
                .mapToObj(number -> Sights.node(number, number == 1))
                .toArray(NodeSight[]::new));
        List<String> lines = Screen.full(sight, List.of("an old line", "the last line"), rows, columns);
        assertTrue(lines.size() <= rows, () -> String.join("\n", lines));
        assertTrue(lines.get(0).startsWith(nodes + " of 3 "), lines.get(0));
        long shown = lines.stream().filter(line -> line.contains(" InService ")).count();
        assertEquals(Math.min(nodes, Math.max(0, rows - 2)), shown, () -> String.join("\n", lines));
        assertEquals(rows > nodes + 3, lines.contains("the last line"), () -> String.join("\n", lines));
    }

    @Test
    void wrapsBetweenWordsWhereItCan() {
        assertEquals(
                List.of("short", "one two", "three", "0123456789", "abc"),
                Screen.wrapped(List.of("short", "one two three", "0123456789abc"), 10));
    }

    @Test
    void showsDecisionsInANarrowTerminalAndReasonsWhereThereIsRoom() {
        NodeSight waiting = Sights.node(2, EtcdState.RUNS, false, "wait for node 3", "it is dead");
        Sight sight = Sights.of(Sights.node(1, true), waiting, Sights.node(3, false));
        List<String> roomy = Screen.full(sight, List.of(), 17, 80);
        assertTrue(roomy.contains("2     InService    runs      voter    6: wait for node 3"));
        assertTrue(roomy.contains("      it is dead") && roomy.contains("      every member is a healthy voter"));
        List<String> tight = Screen.full(sight, List.of(), 15, 80);
        assertTrue(tight.contains("      it is dead"), "the reason of one that is not content");
        assertFalse(tight.contains("      every member is a healthy voter"));
        assertFalse(Screen.full(sight, List.of(), 14, 80).contains("      it is dead"));
    }
}
