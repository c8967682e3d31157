package io.etcdaws.simulation;

import io.etcdaws.simulation.CalibratedEtcd.Subject;
import java.util.List;
import java.util.function.Function;

/** What the model of etcd must do as real ones do. */
final class Stories {
    static final List<Function<Subject, List<String>>> ALL = List.of(
            Stories::aClusterFormsWhenAQuorumHasStarted,
            Stories::aLearnerJoinsAndGetsItsVote,
            Stories::theDeadLeaveBeforeOthersCome,
            Stories::aRemovedMemberEnds,
            Stories::aListThatIsNotTheMembersIsRefused,
            Stories::anEmptyDiskDoesNotBootstrapAgain,
            Stories::aSecondVoterStopsAClusterOfOne,
            Stories::fiveOfWhomOneIsDownMayTakeAnother,
            Stories::anEmptyDiskUnderAnOldMembersIdFails);

    private static final List<Integer> THREE = List.of(1, 2, 3);

    private Stories() {}

    private static List<String> aClusterFormsWhenAQuorumHasStarted(Subject etcd) {
        String first = etcd.start(1, "new", THREE);
        String second = etcd.start(2, "new", THREE);
        return List.of(first, second, etcd.cluster(1), etcd.members(1), etcd.write(1));
    }

    private static void three(Subject etcd) {
        THREE.forEach(node -> etcd.start(node, "new", THREE));
        etcd.rest();
    }

    private static List<String> aLearnerJoinsAndGetsItsVote(Subject etcd) {
        three(etcd);
        String added = etcd.add(1, 4, true);
        // Within the same second etcd says the same in other words.
        etcd.rest();
        String again = etcd.add(1, 4, true);
        String unstarted = etcd.members(1);
        String another = etcd.add(1, 5, true);
        String tooEarly = etcd.promote(1, 4);
        String started = etcd.start(4, "existing", List.of(1, 2, 3, 4));
        etcd.rest();
        return List.of(added, again, unstarted, another, tooEarly, started, etcd.promote(1, 4), etcd.members(1));
    }

    private static List<String> theDeadLeaveBeforeOthersCome(Subject etcd) {
        three(etcd);
        etcd.kill(3);
        String add = etcd.add(1, 4, true);
        String healthy = etcd.remove(1, 2);
        String dead = etcd.remove(1, 3);
        etcd.rest();
        return List.of(add, healthy, dead, etcd.members(1), etcd.add(1, 4, true));
    }

    private static List<String> aRemovedMemberEnds(Subject etcd) {
        three(etcd);
        String removed = etcd.remove(1, 3);
        etcd.rest();
        String ended = etcd.process(3);
        etcd.start(3, "existing", THREE);
        etcd.rest();
        return List.of(removed, ended, etcd.process(3));
    }

    private static List<String> aListThatIsNotTheMembersIsRefused(Subject etcd) {
        three(etcd);
        String notAdded = etcd.start(4, "existing", List.of(1, 2, 3, 4));
        etcd.add(1, 4, true);
        return List.of(notAdded, etcd.start(4, "existing", List.of(1, 2, 4)));
    }

    private static List<String> anEmptyDiskDoesNotBootstrapAgain(Subject etcd) {
        three(etcd);
        etcd.kill(3);
        etcd.wipe(3);
        return List.of(etcd.start(3, "new", THREE), etcd.write(1));
    }

    /** The releases differ in this: some want every voter connected, others a quorum with one more. */
    private static List<String> fiveOfWhomOneIsDownMayTakeAnother(Subject etcd) {
        List<Integer> five = List.of(1, 2, 3, 4, 5);
        five.forEach(node -> etcd.start(node, "new", five));
        etcd.rest();
        etcd.kill(5);
        return List.of(etcd.add(1, 6, true), etcd.write(1));
    }

    private static List<String> anEmptyDiskUnderAnOldMembersIdFails(Subject etcd) {
        three(etcd);
        etcd.kill(3);
        etcd.wipe(3);
        etcd.start(3, "existing", THREE);
        etcd.rest();
        return List.of(etcd.process(3), etcd.write(1));
    }

    private static List<String> aSecondVoterStopsAClusterOfOne(Subject etcd) {
        String first = etcd.start(1, "new", List.of(1));
        String added = etcd.add(1, 2, false);
        String alone = etcd.write(1);
        etcd.start(2, "existing", List.of(1, 2));
        etcd.rest();
        return List.of(first, added, alone, etcd.write(1));
    }
}
