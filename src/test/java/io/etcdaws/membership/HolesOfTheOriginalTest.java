package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Policy.Role;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where the program that this one replaces went wrong, hole by hole. Not the rules' business, and tested where they are:
 *
 * <ul>
 *   <li>3, in part: which answers are a rejection and which are silence: {@code etcd}, the probe;
 *   <li>7, in part: the dry run: {@code cli}, {@code plan};
 *   <li>19: asks for its own group only, by IMDSv2, and speaks TLS: {@code aws} and {@code etcd};
 *   <li>20: counts of retries, and metadata that are empty or {@code null}: {@code aws} (here: such a name is no instance id).
 * </ul>
 */
class HolesOfTheOriginalTest {
    private static final String A = "i-0000000a 10.0.0.1 InService running";
    private static final String B = "i-0000000b 10.0.0.2 InService running";
    private static final String C = "i-0000000c 10.0.0.3 InService running";
    private static final String D = "i-0000000d 10.0.0.4 InService running";
    private static final String[] MEMBERS = {"1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3"};

    /** A group of three that never had a cluster, seen by its first instance. */
    private static Scene empty() {
        return Scene.of("i-0000000a 10.0.0.1")
                .instances(A, B, C)
                .peer("10.0.0.1", "not-serving")
                .peer("10.0.0.2", "not-serving")
                .peer("10.0.0.3", "not-serving");
    }

    /** A healthy cluster of three, seen by an instance that is to join. */
    private static Scene joining() {
        return Scene.of("i-0000000d 10.0.0.4")
                .instances(A, B, D)
                .members(MEMBERS)
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving")
                .peer("10.0.0.4", "not-serving");
    }

    private static void decides(String kind, Scene scene) {
        Decision decision = scene.decide();
        assertEquals(kind, Golden.kind(decision), Golden.told(decision));
    }

    private static void changes(String change, Scene scene) {
        Decision decision = scene.decide();
        assertEquals(change, Golden.change(decision).orElse("nothing"), Golden.told(decision));
    }

    private static List<String> file(Scene scene) {
        Decision decision = scene.decide();
        return Golden.file(decision).orElseThrow(() -> new AssertionError(Golden.told(decision)));
    }

    @Test
    void hole1AnAddressIsComparedWholeNotAsASubstring() {
        Scene scene = Scene.of("i-0000000a 10.0.0.1")
                .instances(A, "i-0000000b 10.0.0.10 InService running", "i-0000000c 10.0.0.11 InService running")
                .members("2 i-0000000b 10.0.0.10", "3 i-0000000c 10.0.0.11")
                .peer("10.0.0.1", "not-serving")
                .peer("10.0.0.10", "serving leader")
                .peer("10.0.0.11", "serving");
        changes("add http://10.0.0.1:2380 as a voter", scene);
    }

    @Test
    void hole2APartOfTheGroupFormsNoCluster() {
        decides(
                "wait for others",
                Scene.of("i-0000000a 10.0.0.1").instances(A).desired(3).peer("10.0.0.1", "not-serving"));
        decides("wait for time", empty().stable(Duration.ofSeconds(4), 2));
        decides("wait for time", empty().stable(Duration.ofHours(1), 1));
        decides("write new", empty());
    }

    @ParameterizedTest
    @CsvSource({"silent, wait for others", "rejected, wait until safe"})
    void hole3SilenceAndRejectionAreNotAbsence(String seen, String kind) {
        decides(kind, empty().peer("10.0.0.3", seen));
    }

    @Test
    void hole4AGroupThatHadAClusterFormsNoOtherUnasked() {
        decides("wait until safe", empty().mark("c1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Standby", "EnteringStandby", "Pending", "Pending:Wait", "Terminating:Wait", "InService"})
    void hole5ALiveMemberStaysWhateverTheGroupSays(String lifecycle) {
        changes(
                "add http://10.0.0.4:2380 as a voter",
                joining().instances("i-0000000c 10.0.0.3 " + lifecycle + " running"));
    }

    @Test
    void hole5ALiveMemberStaysThoughTheGroupsAnswerLacksIt() {
        changes("add http://10.0.0.4:2380 as a voter", joining().sighting(3, "i-0000000c not-found outside 24h 999"));
    }

    @Test
    void hole6AMemberWithTwoUrlsOrADnsNameStays() {
        changes(
                "add http://10.0.0.4:2380 as a voter",
                joining()
                        .members(MEMBERS[0], MEMBERS[1], "3 i-0000000c 10.0.7.3,10.0.0.3")
                        .sighting(3, "i-0000000c terminated outside 1h 99")
                        .peer("10.0.7.3", "silent"));
        changes(
                "add http://10.0.0.4:2380 as a voter",
                joining()
                        .members(MEMBERS[0], MEMBERS[1], "3 etcd-c http://etcd-c.example:2380")
                        .sighting(3, "- not-found outside 24h 999")
                        .peer("10.0.0.3", "not-serving")
                        .peer("etcd-c.example", "serving"));
    }

    @Test
    void hole7OneRemovalARoundAndNoneBelowQuorum() {
        Scene scene = Scene.of("i-0000000f 10.0.0.6")
                .instances(A, B, "i-0000000f 10.0.0.6 InService running")
                .members(MEMBERS[0], MEMBERS[1], MEMBERS[2], "4 i-0000000d 10.0.0.4", "5 i-0000000e 10.0.0.5")
                .sighting(4, "i-0000000d terminated outside 1m 2")
                .sighting(5, "i-0000000e terminated outside 1m 2")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving")
                .peer("10.0.0.4", "silent")
                .peer("10.0.0.5", "silent")
                .peer("10.0.0.6", "not-serving");
        changes("remove i-0000000d (4 at http://10.0.0.4:2380)", scene);
        changes("nothing", scene.peer("10.0.0.3", "silent"));
    }

    @Test
    void hole8AJoinerWaitsForAnotherAndNeverWritesAnEmptyName() {
        decides("wait for others", joining().members(MEMBERS[0], MEMBERS[1], MEMBERS[2], "5 unnamed 10.0.0.5"));
        assertEquals(
                List.of(
                        "5=http://10.0.0.5:2380",
                        "i-0000000a=http://10.0.0.1:2380",
                        "i-0000000b=http://10.0.0.2:2380",
                        "i-0000000c=http://10.0.0.3:2380",
                        "i-0000000d=http://10.0.0.4:2380"),
                file(joining()
                        .members(MEMBERS[0], MEMBERS[1], MEMBERS[2], "4 unnamed 10.0.0.4", "5 unnamed 10.0.0.5")));
    }

    @Test
    void hole9ACrashBetweenAdditionAndWriteListsTheNodeOnce() {
        assertEquals(
                List.of(
                        "i-0000000a=http://10.0.0.1:2380",
                        "i-0000000b=http://10.0.0.2:2380",
                        "i-0000000c=http://10.0.0.3:2380",
                        "i-0000000d=http://10.0.0.4:2380"),
                file(joining().members(MEMBERS[0], MEMBERS[1], MEMBERS[2], "4 unnamed 10.0.0.4")));
    }

    @Test
    void hole10WithoutQuorumPeopleAreToldTheWayOut() {
        Scene scene = joining()
                .peer("10.0.0.1", "serving no-quorum")
                .peer("10.0.0.2", "silent")
                .peer("10.0.0.3", "silent");
        decides("wait until safe", scene);
        assertTrue(Golden.told(scene.decide()).contains("restore a snapshot"));
    }

    @Test
    void hole11AWipedMemberIsRemovedAndJoinsAnew() {
        Scene wiped = Scene.of("i-0000000c 10.0.0.3")
                .instances(A, B, C)
                .members(MEMBERS)
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "not-serving");
        changes("remove i-0000000c (3 at http://10.0.0.3:2380)", wiped);
        changes("add http://10.0.0.3:2380 as a voter", wiped.members(MEMBERS[0], MEMBERS[1]));
        assertEquals(
                3,
                file(wiped.members(MEMBERS[0], MEMBERS[1], "9 unnamed 10.0.0.3"))
                        .size());
        decides("write new", wiped.members(MEMBERS).data(DataDirectory.UNKNOWN));
    }

    @Test
    void hole12AnOldFileDoesNotWinOverAWipedDataDirectory() {
        Scene wiped = Scene.of("i-0000000c 10.0.0.3")
                .instances(A, B, C)
                .peersFile()
                .members(MEMBERS)
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "not-serving");
        changes("remove i-0000000c (3 at http://10.0.0.3:2380)", wiped);
    }

    @Test
    void hole13AProxyWritesNoMemberFileAndEjectsNobody() {
        Policy usual = Scene.policy();
        Policy proxy = new Policy(
                Role.PROXY,
                usual.joinAs(),
                usual.stableMargin(),
                usual.removeAfter(),
                usual.confirmAfter(),
                usual.peerScheme(),
                usual.peerPort(),
                false,
                usual.clusterToken(),
                usual.staying());
        decides("wait for others", empty().policy(proxy));
        decides(
                "write proxy",
                joining()
                        .peer("10.0.0.3", "silent")
                        .sighting(3, "i-0000000c terminated outside 1h 9")
                        .policy(proxy));
    }

    @Test
    void hole14AnInstanceThatIsLeavingIsNoVoterOfANewCluster() {
        Scene scene = empty().desired(3)
                .instances("i-0000000d 10.0.0.4 Terminating running", "i-0000000e 10.0.0.5 InService shutting-down")
                .peer("10.0.0.4", "not-serving");
        assertEquals(3, file(scene).size());
    }

    @Test
    void hole15AnInstanceWithSeveralInterfacesIsListedOnce() {
        Scene scene = Scene.of("i-0000000a 10.0.0.1")
                .instances(A + " 10.0.9.1 ip-10-0-0-1.ec2.internal", B + " 10.0.9.2")
                .peer("10.0.0.1", "not-serving")
                .peer("10.0.0.2", "not-serving");
        assertEquals(List.of("i-0000000a=http://10.0.0.1:2380", "i-0000000b=http://10.0.0.2:2380"), file(scene));
    }

    @Test
    void hole16TheFirstPeerToAnswerIsNotBelieved() {
        Scene scene = joining()
                .list("stale", List.of(MEMBERS[0], "9 i-0000000f 10.0.0.9"))
                .peer("10.0.0.1", "serving list stale")
                .peer("10.0.0.2", "silent")
                .peer("10.0.0.3", "silent");
        decides("wait until safe", scene);
        changes(
                "add http://10.0.0.4:2380 as a voter",
                scene.peer("10.0.0.2", "serving").peer("10.0.0.3", "serving leader"));
    }

    @Test
    void hole17ATokenOfItsOwnKeepsAClusterApartFromThoseBeforeIt() {
        List<List<PeerUrl>> urls = List.of(List.of(Lines.peerUrl("10.0.0.1")), List.of(Lines.peerUrl("10.0.0.2")));
        assertFalse(BootstrapId.of(urls, "group-one").equals(BootstrapId.of(urls, "group-two")));
    }

    @Test
    void hole18ADeadMemberIsRemovedWithoutALossOfQuorum() {
        changes(
                "remove i-0000000c (3 at http://10.0.0.3:2380)",
                joining().peer("10.0.0.3", "silent").sighting(3, "i-0000000c terminated outside 0s 1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null"})
    void hole20EmptyOrNullMetadataAreNoName(String name) {
        assertTrue(InstanceId.fromName(name).isEmpty());
    }
}
