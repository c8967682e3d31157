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
                etcd-aws sandbox: group sandbox, 2 of 3 instances in service; etcd: 3 voters, quorum 2, NO QUORUM: 1 of them serves; instance refresh

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
