package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.it.Processes.Result;
import io.etcdaws.it.Tools.Etcd;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What must never be done to a cluster that is there, whatever was lost and whatever AWS says. */
class LiveClusterIT extends WholeProgramTest {
    @Test
    void aNodeWithAWipedDataDirectoryLeavesAndJoinsAnew() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        LabNode wiped = three.node(1).knowingItsData();
        wiped.killEtcd();
        wiped.wipeData();

        String file = wiped.onceSucceeds();
        wiped.startEtcd(Etcd.V3_5);

        assertEquals(LabGroup.existingClusterFile(wiped, three.nodes()), file);
        LabGroup.awaitHealthy(Etcd.V3_5, three.nodes());
        LabGroup.assertMembers(Etcd.V3_5, three.nodes());
    }

    @Test
    void aDataDirectoryThatIsNotSeenIsNotTakenForEmpty() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.node(1).killEtcd();

        assertEquals(
                LabGroup.newClusterFile(three.node(1), three.nodes()),
                three.node(1).onceSucceeds());
        assertEquals(3, LabGroup.members(Etcd.V3_5, three.node(0)).size());
    }

    @Test
    void aLiveMemberStaysWhateverTheGroupSays() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.desire(4);
        LabNode joining = three.launch();
        three.node(1).pretend(Map.of("hidden", true));
        three.node(2).pretend(Map.of("state", "terminated"));

        String file = joining.onceSucceeds();

        assertEquals(LabGroup.existingClusterFile(joining, three.nodes()), file);
        assertEquals(4, LabGroup.members(Etcd.V3_5, three.node(0)).size());
    }

    @Test
    void withoutQuorumNothingIsChangedAndTheWayOutIsSaid() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.node(1).terminate();
        three.node(2).terminate();
        LabNode joining = three.launch();

        Result result = joining.run("--once", "--timeout", "15s");

        assertEnds(7, "quorum", result);
        assertFalse(Files.exists(joining.peersFile()));
        assertEquals(3, LabGroup.membersListedBy(three.node(0)));
    }

    @Test
    void aFrozenMemberIsWaitedForAndCountsAgainstQuorum() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        three.desire(4);
        LabNode joining = three.launch();
        three.node(2).freezeEtcd();
        try {
            Result result = joining.run("--once", "--timeout", "15s");

            assertEnds(6, "healthy voters", result);
            assertEquals(3, LabGroup.members(Etcd.V3_5, three.node(0)).size());
        } finally {
            three.node(2).thawEtcd();
        }
    }

    @Test
    void aClusterOfOneGrowsWithoutStopping() {
        LabGroup one = groupOf(1).serving(Etcd.V3_5);
        one.desire(3);
        LabNode second = one.launch();
        LabNode third = one.launch();

        second.onceSucceeds();
        assertEquals(
                0,
                LabGroup.etcdctl(Etcd.V3_5, one.node(0), new String[0], "put", "still", "writable")
                        .exitCode());
        second.startEtcd(Etcd.V3_5);
        third.onceSucceeds();
        third.startEtcd(Etcd.V3_5);

        LabGroup.awaitHealthy(Etcd.V3_5, one.nodes());
        LabGroup.assertMembers(Etcd.V3_5, one.nodes());
    }

    @Test
    void dataOfARemovedMemberAreNotJoinedOver() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        LabNode removed = three.node(2).knowingItsData();
        removed.killEtcd();
        String id = LabGroup.etcdctl(Etcd.V3_5, three.node(0), new String[0], "member", "list")
                .stdout()
                .lines()
                .filter(line -> line.contains(removed.peerUrl()))
                .findFirst()
                .orElseThrow()
                .split(",", -1)[0];
        LabGroup.etcdctl(Etcd.V3_5, three.node(0), new String[0], "member", "remove", id);

        assertEnds(7, "member/", removed.once());
        assertEquals(2, LabGroup.members(Etcd.V3_5, three.node(0)).size());
    }

    @Test
    void anAddressThatIsUsedAgainIsNoMistakenIdentity() {
        LabGroup three = groupOf(3).serving(Etcd.V3_5);
        LabNode gone = three.node(2);
        gone.terminate();
        LabNode fresh = three.launchAt(gone.address());
        List<LabNode> after = List.of(three.node(0), three.node(1), fresh);

        String file = fresh.onceSucceeds();
        fresh.startEtcd(Etcd.V3_5);

        assertEquals(LabGroup.existingClusterFile(fresh, after), file);
        LabGroup.awaitHealthy(Etcd.V3_5, after);
        LabGroup.assertMembers(Etcd.V3_5, after);
    }
}
