package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.sandbox.Machine.EtcdState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private final Timeline timeline = new Timeline(Sights.converged());

    @Test
    void saysNothingWhereNothingIsNew() {
        timeline.follow(Sights.converged());
        assertEquals(List.of(), timeline.follow(Sights.converged()));
    }

    @Test
    void tellsADecisionOnce() {
        timeline.follow(Sights.converged());
        NodeSight waiting = Sights.node(2, EtcdState.RUNS, false, "wait for node 3 (2 s so far)", "it is dead");
        Sight sight = Sights.of(Sights.node(1, true), waiting, Sights.node(3, false));
        assertEquals(List.of("node 2 decided: wait for node 3 (rule 6)"), timeline.follow(sight));
        NodeSight longer = Sights.node(2, EtcdState.RUNS, false, "wait for node 3 (7 s so far)", "it is dead");
        assertEquals(List.of(), timeline.follow(Sights.of(Sights.node(1, true), longer, Sights.node(3, false))));
    }

    @Test
    void tellsWhoLeadsAndWhoseEtcdIsDown() {
        timeline.follow(Sights.converged());
        NodeSight down = Sights.node(1, EtcdState.DOWN, false, "leave all as it is", "every member is a healthy voter");
        assertEquals(
                List.of(
                        "node 1: etcd is down",
                        "member a1 (node 1) is no longer the leader",
                        "member a2 (node 2) is the leader"),
                timeline.follow(Sights.of(down, Sights.node(2, true), Sights.node(3, false))));
    }

    @Test
    void tellsWhenQuorumIsLostAndBack() {
        timeline.follow(Sights.converged());
        assertTrue(timeline.follow(Sights.of(Sights.node(1, true), down(2), down(3)))
                .contains("the cluster has lost its quorum: etcd serves on 1 of 3 voters, and 2 are needed"));
        assertTrue(timeline.follow(Sights.converged()).contains("the cluster has its quorum again"));
    }

    @Test
    void tellsWhenQuorumCannotComeBack() {
        timeline.follow(Sights.converged());
        List<MemberSight> gone =
                List.of(down(2).member().orElseThrow(), down(3).member().orElseThrow());
        Sight alone = new Sight("sandbox", 3, false, List.of(Sights.node(1, true)), gone);
        assertTrue(timeline.follow(alone)
                .contains(
                        "the quorum is lost for good, only a snapshot in a new cluster helps: there are machines for 1"
                                + " of 3 voters, and 2 are needed"));
    }

    @Test
    void takesAClusterThatFormsForNoneThatLostItsQuorum() {
        List<String> news = timeline.follow(Sights.of(Sights.node(1, true), down(2), down(3)));
        assertTrue(news.stream().noneMatch(line -> line.contains("quorum")), news::toString);
    }

    private static NodeSight down(int number) {
        return Sights.node(number, EtcdState.DOWN, false, "keep the peers file", "this node holds data");
    }

    @Test
    void tellsLaunchesAndDepartures() {
        timeline.follow(Sights.converged());
        NodeSight fresh = new NodeSight(
                Sights.instance(4, "Pending"), Optional.empty(), false, Optional.empty(), Optional.empty(), List.of());
        Sight sight = Sights.of(Sights.node(1, true), Sights.node(2, false), fresh);
        assertEquals(
                List.of(
                        "node 4 is launched: i-00000004 at 127.77.0.4 in us-east-1a",
                        "node 3 is terminated and out of the group",
                        "member a3 (node 3) has left the cluster"),
                timeline.follow(sight));
    }

    @Test
    void takesSilenceForNoNewsOfTheMembers() {
        timeline.follow(Sights.converged());
        NodeSight mute = new NodeSight(
                Sights.instance(1, "InService"),
                Optional.of(EtcdState.RUNS),
                false,
                Optional.empty(),
                Optional.empty(),
                List.of());
        Sight sight = new Sight("sandbox", 3, false, List.of(mute), List.of());
        assertEquals(
                List.of("node 2 is terminated and out of the group", "node 3 is terminated and out of the group"),
                timeline.follow(sight));
    }
}
