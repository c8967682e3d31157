package io.etcdaws.membership;

import io.etcdaws.membership.Removal.NotYet;
import java.util.ArrayList;
import java.util.List;

/**
 * What keeps the members from being what the group wants, where nothing can be done about it now.
 *
 * @param time what only takes time
 * @param others what others must do
 */
record Unfinished(List<String> time, List<String> others) {
    Unfinished {
        time = List.copyOf(time);
        others = List.copyOf(others);
    }

    static Unfinished of(ClusterView view, Observation observation, Policy policy, Learners learners) {
        List<String> time = new ArrayList<>();
        List<String> others = new ArrayList<>();
        List<Member> ours = learners.ours();
        for (Member member : view.members()) {
            if (Removal.judge(member, view, observation, policy) instanceof NotYet notYet) {
                (notYet.timePasses() ? time : others).add(notYet.until());
            } else if (!member.started()) {
                others.add(member + " to start");
            } else if (member.voter() && !view.healthy(member)) {
                others.add(member + " to be healthy");
            } else if (ours.contains(member)) {
                others.add(member + " to become a voter");
            }
        }
        observation
                .group()
                .without(view.members())
                .forEach(instance -> others.add(Describe.instance(instance) + " to join"));
        return new Unfinished(time, others);
    }

    boolean isEmpty() {
        return time.isEmpty() && others.isEmpty();
    }

    List<String> all() {
        List<String> all = new ArrayList<>(time);
        all.addAll(others);
        return all;
    }
}
