package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Condition.Kind;
import io.etcdaws.membership.Policy.Role;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each condition, where it is and where it is not; the scene that they start from has none. */
class ConditionsTest {
    private static final String A = "i-0000000a 10.0.0.1 InService running zone=a";
    private static final String B = "i-0000000b 10.0.0.2 InService running zone=b";
    private static final String C = "i-0000000c 10.0.0.3 InService running zone=c";
    private static final String D = "i-0000000d 10.0.0.4 InService running zone=a";

    private static Scene scene(String... instances) {
        return Scene.of("i-0000000a 10.0.0.1")
                .policy(policy(Role.MEMBER, "token-of-its-own"))
                .settled()
                .mark("c1")
                .instances(instances)
                .members(Arrays.stream(instances).map(ConditionsTest::member).toArray(String[]::new))
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving");
    }

    private static String member(String instance) {
        String[] words = instance.split(" ", -1);
        return words[1].replace("10.0.0.", "") + " " + words[0] + " " + words[1];
    }

    private static Policy policy(Role role, String token) {
        Policy usual = Scene.policy();
        return new Policy(
                role,
                usual.joinAs(),
                usual.stableMargin(),
                usual.removeAfter(),
                usual.confirmAfter(),
                usual.peerScheme(),
                usual.peerPort(),
                false,
                token,
                usual.staying());
    }

    private static List<Condition> conditions(Scene scene) {
        return Conditions.of(scene.observation(), scene.thePolicy());
    }

    private static void has(Kind kind, String message, String wayOut, Scene scene) {
        Optional<Condition> found = conditions(scene).stream()
                .filter(condition -> condition.kind() == kind)
                .findFirst();
        assertTrue(
                found.filter(condition -> condition.message().contains(message)
                                && condition.wayOut().contains(wayOut))
                        .isPresent(),
                conditions(scene).toString());
    }

    private static void hasNot(Kind kind, Scene scene) {
        assertFalse(
                conditions(scene).stream().anyMatch(condition -> condition.kind() == kind),
                conditions(scene).toString());
    }

    @Test
    void whereAllIsWellThereIsNone() {
        assertEquals(List.of(), conditions(scene(A, B, C)));
    }

    @Test
    void aMemberThatMapsToNoInstanceIsForeign() {
        Scene scene = scene(A, B)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "15 onprem 10.0.0.3")
                .sighting(15, "- not-found outside 1h 9");
        has(Kind.FOREIGN_MEMBER, "onprem (f at http://10.0.0.3:2380)", "etcdctl member remove f", scene);
        hasNot(Kind.OUTSIDE_GROUP, scene);
        hasNot(Kind.FOREIGN_MEMBER, scene(A, B, C).sighting(3, "i-0000000c not-found outside 1h 9"));
    }

    @Test
    void aMemberThatServesOutsideTheGroupIsReported() {
        Scene scene = scene(A, B)
                .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3")
                .sighting(3, "i-0000000c running outside 1h 9");
        has(Kind.OUTSIDE_GROUP, "i-0000000c", "--auto-scaling-group-name etcd --instance-ids i-0000000c", scene);
        hasNot(Kind.FOREIGN_MEMBER, scene);
        hasNot(Kind.OUTSIDE_GROUP, scene.peer("10.0.0.3", "not-serving"));
    }

    @Test
    void aMemberOfAnotherNameOutsideTheGroupIsReportedByItsInstance() {
        has(
                Kind.OUTSIDE_GROUP,
                "does not hold its instance i-0000000c",
                "etcdctl member remove 3",
                scene(A, B)
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 etcd3 10.0.0.3")
                        .sighting(3, "i-0000000c running outside 1h 9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"serving leader cluster c2", "serving no-quorum cluster c2", "holds-data cluster c2"})
    void moreThanOneClusterInTheGroupIsReported(String seen) {
        has(
                Kind.SEVERAL_CLUSTERS,
                "c1, c2",
                "stop the others' etcd",
                scene(A, B, C).peer("10.0.0.3", seen));
    }

    @Test
    void aClusterAtAStrangersAddressIsNone() {
        hasNot(Kind.SEVERAL_CLUSTERS, scene(A, B, C).peer("10.0.0.9", "serving cluster c2 as 9"));
    }

    @ParameterizedTest
    @CsvSource({
        "3.5.16, 3.5.30, false",
        // As in an upgrade.
        "3.5.30, 3.4.23, false",
        "3.5.16, 3.6.1, false",
        "3.6.1, 3.4.23, true",
        "3.4.23, 3.6.1, true",
        "2.3.8, 3.0.17, false",
        "2.3.8, 3.1.20, true",
        "3.5.16, 2.3.8, true",
        "3.5.16, 4.5.0, true"
    })
    void versionsMoreThanOneMinorApartAreReported(String some, String other, boolean reported) {
        Scene scene = scene(A, B, C)
                .peer("10.0.0.1", "serving leader version " + some)
                .peer("10.0.0.2", "serving version " + some)
                .peer("10.0.0.3", "serving version " + other);
        if (reported) {
            has(Kind.VERSION_SKEW, "i-0000000c", "one minor version at a time", scene);
        } else {
            hasNot(Kind.VERSION_SKEW, scene);
        }
    }

    @Test
    void aGroupInOneZoneIsReported() {
        String alsoInA = C.replace("zone=c", "zone=a");
        has(
                Kind.FEW_ZONES,
                "availability zone a",
                "--vpc-zone-identifier",
                scene(A, D, alsoInA).peer("10.0.0.2", "not-serving").peer("10.0.0.4", "serving"));
        hasNot(Kind.FEW_ZONES, scene(A, B).peer("10.0.0.3", "not-serving"));
        hasNot(Kind.FEW_ZONES, scene(A).peer("10.0.0.2", "not-serving").peer("10.0.0.3", "not-serving"));
    }

    @Test
    void anEvenNumberOfVotersIsReportedWhereTheGroupWantsIt() {
        Scene four = scene(A, B, C, D).peer("10.0.0.4", "serving");
        has(Kind.EVEN_VOTERS, "4 voters", "--desired-capacity 5", four);
        hasNot(Kind.EVEN_VOTERS, four.desired(3));
        hasNot(
                Kind.EVEN_VOTERS,
                scene(A, B, C)
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2")
                        .peer("10.0.0.3", "not-serving"));
        hasNot(
                Kind.EVEN_VOTERS,
                scene(A, B, C)
                        .members("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3 learner"));
    }

    @Test
    void theDefaultTokenIsReported() {
        has(
                Kind.DEFAULT_TOKEN,
                "etcd-cluster",
                "etcd.cluster-token",
                scene(A, B, C).policy(policy(Role.MEMBER, "etcd-cluster")));
    }

    @Test
    void aMarkOfAnotherClusterIsReported() {
        has(
                Kind.MARK_DIFFERS,
                "cluster c2, and cluster c1 serves",
                "create-or-update-tags",
                scene(A, B, C).mark("c2"));
        hasNot(
                Kind.MARK_DIFFERS,
                scene(A, B, C)
                        .mark("c2")
                        .peer("10.0.0.1", "silent")
                        .peer("10.0.0.2", "silent")
                        .peer("10.0.0.3", "silent"));
    }

    @Test
    void aRefusedMarkIsReported() {
        has(
                Kind.MARK_REFUSED,
                "group etcd",
                "autoscaling:CreateOrUpdateTags",
                scene(A, B, C).markRefused());
    }

    @Test
    void aProxyReportsClustersOnly() {
        Scene scene = scene(A, D.replace("10.0.0.4", "10.0.0.2"))
                .peer("10.0.0.3", "not-serving")
                .peer("10.0.0.2", "serving leader cluster c2")
                .markRefused()
                .mark("c3")
                .policy(policy(Role.PROXY, "etcd-cluster"));
        assertEquals(
                List.of(Kind.SEVERAL_CLUSTERS),
                conditions(scene).stream().map(Condition::kind).toList());
    }

    @Test
    void theyAreSortedAndEachHasAWayOut() {
        Scene scene = scene(A, D)
                .members(
                        "1 i-0000000a 10.0.0.1",
                        "4 i-0000000d 10.0.0.4",
                        "3 zebra 10.0.0.3",
                        "2 ape 10.0.0.2",
                        "5 i-0000000e 10.0.0.5")
                .sighting(2, "- not-found outside 1h 9")
                .sighting(3, "- not-found outside 1h 9")
                .peer("10.0.0.4", "serving")
                .peer("10.0.0.5", "serving version 3.1.0")
                .policy(policy(Role.MEMBER, "etcd-cluster"))
                .mark("c9")
                .markRefused();
        List<Condition> found = conditions(scene);
        assertEquals(
                "FOREIGN_MEMBER FOREIGN_MEMBER OUTSIDE_GROUP VERSION_SKEW FEW_ZONES DEFAULT_TOKEN MARK_DIFFERS MARK_REFUSED",
                found.stream().map(one -> one.kind().name()).collect(Collectors.joining(" ")));
        assertTrue(found.get(0).message().startsWith("ape"));
        assertTrue(found.stream()
                .allMatch(one -> !one.wayOut().isBlank() && !one.message().isBlank()));
    }
}
