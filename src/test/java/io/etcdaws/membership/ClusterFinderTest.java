package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.ClusterFinder.Disagreeing;
import io.etcdaws.membership.ClusterFinder.Found;
import io.etcdaws.membership.ClusterFinder.Nothing;
import io.etcdaws.membership.ClusterFinder.Quorate;
import io.etcdaws.membership.ClusterFinder.Several;
import io.etcdaws.membership.ClusterFinder.WithoutQuorum;
import io.etcdaws.membership.PeerState.NotServing;
import io.etcdaws.membership.PeerState.Rejected;
import io.etcdaws.membership.PeerState.Silent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whose member list is believed. */
class ClusterFinderTest {
    private static final String[] THREE = {"1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2", "3 i-0000000c 10.0.0.3"};

    private final Scene scene = Scene.of("i-0000000d 10.0.0.4")
            .instances(
                    "i-0000000a 10.0.0.1 InService running",
                    "i-0000000b 10.0.0.2 InService running",
                    "i-0000000c 10.0.0.3 InService running")
            .members(THREE);

    private Found found() {
        return ClusterFinder.find(scene.observation());
    }

    private static List<String> ids(Found found) {
        return assertInstanceOf(Quorate.class, found).view().members().stream()
                .map(member -> member.id().toDecimal())
                .toList();
    }

    @Test
    void findsNothingWhereNobodyServesOrHoldsData() {
        scene.peer("10.0.0.1", "not-serving").peer("10.0.0.2", "silent").peer("10.0.0.3", "rejected");
        assertInstanceOf(Nothing.class, found());
    }

    @Test
    void aClusterAtAnAddressThatOnlyAMemberListLeadsToIsNoneOfOurs() {
        scene.peer("10.0.0.1", "serving no-quorum").peer("10.9.9.9", "serving leader cluster beef as 9");
        assertInstanceOf(WithoutQuorum.class, found());
    }

    @Test
    void aMemberOutsideTheGroupSpeaksForTheGroupsCluster() {
        scene.peer("10.0.0.1", "serving").peer("10.9.9.9", "serving leader as 9");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void theLeadersListWins() {
        scene.list("stale", List.of("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2"))
                .peer("10.0.0.1", "serving list stale")
                .peer("10.0.0.2", "serving list stale")
                .peer("10.0.0.3", "serving leader");
        assertEquals(List.of("1", "2", "3"), ids(found()));
    }

    @Test
    void aDeposedLeaderHasTheLowerTerm() {
        scene.list("old", List.of("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2"))
                .peer("10.0.0.1", "serving leader list old term 2")
                .peer("10.0.0.3", "serving leader term 3");
        assertEquals(List.of("1", "2", "3"), ids(found()));
    }

    @Test
    void twoLeadersOfOneTermWithDifferentListsAreNotBelieved() {
        scene.list("old", List.of("1 i-0000000a 10.0.0.1", "2 i-0000000b 10.0.0.2"))
                .peer("10.0.0.1", "serving leader list old term 3")
                .peer("10.0.0.3", "serving leader term 3");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void aLeaderThatDoesNotListItselfIsNotBelieved() {
        scene.list("none", List.of()).peer("10.0.0.1", "serving leader as 1 list none");
        assertInstanceOf(Disagreeing.class, found());
        scene.list("others", List.of("2 i-0000000b 10.0.0.2")).peer("10.0.0.1", "serving leader as 1 list others");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void aMajorityThatAgreesIsBelievedWithoutTheLeader() {
        scene.peer("10.0.0.1", "silent").peer("10.0.0.2", "serving").peer("10.0.0.3", "serving");
        assertEquals(List.of("1", "2", "3"), ids(found()));
    }

    @Test
    void aMinorityIsNotBelieved() {
        scene.peer("10.0.0.1", "silent").peer("10.0.0.2", "serving").peer("10.0.0.3", "silent");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void membersThatTellDifferentListsAreNoMajority() {
        scene.list("other", List.of(THREE[0], THREE[1], THREE[2], "4 unnamed 10.0.0.4"))
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving list other");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void twoListsThatEachHaveTheirMajorityAreNotBelieved() {
        scene.list("alone", List.of("1 i-0000000a 10.0.0.1"))
                .peer("10.0.0.1", "serving list alone")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void oneMemberAtTwoAddressesIsCountedOnce() {
        scene.peer("10.0.0.2", "serving").peer("10.0.7.2", "serving as 2");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void learnersHaveNoSay() {
        scene.members(THREE[0], THREE[1] + " learner", THREE[2] + " learner")
                .peer("10.0.0.2", "serving")
                .peer("10.0.0.3", "serving");
        assertInstanceOf(Disagreeing.class, found());
    }

    @Test
    void listsAreComparedWhateverTheirOrder() {
        List<Member> one = List.of(Lines.member(THREE[0]), Lines.member(THREE[1]));
        List<Member> other = List.of(Lines.member(THREE[1]), Lines.member(THREE[0]));
        assertTrue(ClusterFinder.sameMembers(one, other));
        assertFalse(ClusterFinder.sameMembers(one, one.subList(0, 1)));
    }

    @Test
    void twoClustersWithQuorumAreSeveral() {
        scene.peer("10.0.0.1", "serving leader").peer("10.0.0.2", "serving cluster c2");
        Several several = assertInstanceOf(Several.class, found());
        assertTrue(several.serving());
        assertEquals("[c1, c2]", several.ids().toString());
    }

    @Test
    void aClusterWithQuorumCountsBesideOneWithout() {
        scene.peer("10.0.0.1", "serving leader").peer("10.0.0.2", "serving cluster c2 no-quorum");
        assertInstanceOf(Quorate.class, found());
    }

    @Test
    void twoClustersWithoutQuorumAreSeveralToo() {
        scene.peer("10.0.0.1", "serving no-quorum").peer("10.0.0.2", "holds-data cluster c2");
        assertFalse(assertInstanceOf(Several.class, found()).serving());
    }

    @Test
    void withoutQuorumTheListOfTheMemberThatKnowsMostCounts() {
        scene.list("old", List.of("1 i-0000000a 10.0.0.1"))
                .peer("10.0.0.1", "serving no-quorum list old term 2 index 90")
                .peer("10.0.0.2", "serving no-quorum term 3 index 10");
        WithoutQuorum without = assertInstanceOf(WithoutQuorum.class, found());
        assertEquals(3, without.view().members().size());
        assertFalse(without.view().healthy(without.view().members().get(0)));
    }

    @Test
    void anotherMemberAtAMembersAddressIsNotThatMember() {
        scene.peer("10.0.0.1", "serving leader").peer("10.0.0.3", "serving as 9");
        assertInstanceOf(NotServing.class, stateOf("3"));
    }

    @Test
    void aMemberWithTwoUrlsServesIfItServesAtOne() {
        scene.members(THREE[0], "3 i-0000000c 10.0.0.3,10.0.7.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.3", "not-serving")
                .peer("10.0.7.3", "serving");
        assertInstanceOf(PeerState.Serving.class, stateOf("3"));
    }

    @Test
    void whatIsNotPlainAbsenceAtOneUrlCountsForTheMember() {
        scene.members(THREE[0], "3 i-0000000c 10.0.0.3,10.0.7.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.3", "not-serving")
                .peer("10.0.7.3", "rejected");
        assertInstanceOf(Rejected.class, stateOf("3"));
    }

    @Test
    void aMemberThatSilencesOneUrlAndRejectsAtTheOtherRejects() {
        scene.members(THREE[0], "3 i-0000000c 10.0.0.3,10.0.7.3")
                .peer("10.0.0.1", "serving leader")
                .peer("10.0.0.3", "silent")
                .peer("10.0.7.3", "rejected");
        assertInstanceOf(Rejected.class, stateOf("3"));
        assertFalse(Removal.dark(member("3"), view()));
    }

    @Test
    void aMemberThatNobodyAskedIsNotDark() {
        scene.peer("10.0.0.1", "serving leader").peer("10.0.0.2", "serving");
        assertInstanceOf(Silent.class, stateOf("3"));
        assertFalse(Removal.dark(member("3"), view()));
    }

    private ClusterView view() {
        return assertInstanceOf(Quorate.class, found()).view();
    }

    private Member member(String id) {
        return view().members().stream()
                .filter(member -> member.id().toDecimal().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private PeerState stateOf(String id) {
        return view().stateOf(member(id));
    }
}
