package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.sandbox.Machine.EtcdState;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
                etcd-aws sandbox: group sandbox, 2 of 3 instances in service; etcd: 3 voters, quorum 2; instance refresh

                node  instance    address     zone  in the group  etcd      member   last decision
                1     i-00000001  127.77.0.1  1a    InService     runs      leader   7h: leave all as it is
                      every member is a healthy voter
                2     i-00000002  127.77.0.2  1a    InService     hangs     voter    6: wait for node 3
                      it is dead
                4     i-00000004  127.77.0.4  1a    Pending:Wait  waits     -        -
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
}
