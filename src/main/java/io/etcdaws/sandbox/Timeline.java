package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.NodeSight.PastRound;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What happened, as it is made out of one sight after the other. */
final class Timeline {
    private Sight before;
    private Quorum quorum = Quorum.NOT_YET;
    private final Map<String, PastRound> lastRounds = new HashMap<>();

    /** Whether enough voters serve. */
    private enum Quorum {
        /** The cluster still forms. */
        NOT_YET,
        THERE,
        LOST,
        /** Lost, and too few voters have an instance for it to come back. */
        LOST_FOR_GOOD
    }

    Timeline(Sight before) {
        this.before = before;
    }

    /** What is new, a line each. */
    List<String> follow(Sight now) {
        List<String> news = new ArrayList<>();
        if (now.desired() != before.desired()) {
            news.add("the group is to have " + now.desired() + (now.desired() == 1 ? " instance" : " instances"));
        }
        now.nodes().forEach(node -> tell(node, sameOf(before, node), news));
        before.nodes().stream()
                .filter(node -> sameOf(now, node).isEmpty())
                .forEach(node -> news.add(node.name() + " is terminated and out of the group"));
        tellMembers(now, news);
        tellQuorum(now, news);
        if (before.refreshing() && !now.refreshing()) {
            news.add("the instance refresh is done");
        }
        if (now.converged() && !before.converged()) {
            news.add("converged: " + now.voters() + " voters, one for each instance");
        }
        before = now;
        return news;
    }

    private static Optional<NodeSight> sameOf(Sight sight, NodeSight node) {
        return sight.nodes().stream()
                .filter(other -> other.instance().number() == node.instance().number())
                .findFirst();
    }

    private void tell(NodeSight node, Optional<NodeSight> earlier, List<String> news) {
        String lifecycle = node.instance().lifecycle();
        if (earlier.isEmpty()) {
            news.add(node.name() + " is launched: " + node.instance().id() + " at "
                    + node.instance().address() + " in " + node.instance().zone());
        } else if (!earlier.get().instance().lifecycle().equals(lifecycle)) {
            news.add(node.name() + " is " + lifecycle);
        }
        tellRounds(node, news);
        EtcdState was = earlier.flatMap(NodeSight::machine).orElse(EtcdState.WAITS);
        node.machine()
                .filter(is -> is != was)
                .flatMap(is -> words(was, is))
                .ifPresent(what -> news.add(node.name() + ": etcd " + what));
    }

    private static Optional<String> words(EtcdState was, EtcdState is) {
        return switch (is) {
            case WAITS -> Optional.of("waits for its peers file");
            case DOWN -> was == EtcdState.WAITS ? Optional.empty() : Optional.of("is down");
            case STARTING -> Optional.of("starts");
            case HANGS -> Optional.of("hangs");
            case RUNS -> Optional.of(was == EtcdState.HANGS ? "goes on" : "runs");
        };
    }

    /** A decision is news if the round before came to another one. */
    private void tellRounds(NodeSight node, List<String> news) {
        for (PastRound round : node.rounds()) {
            PastRound last = lastRounds.get(node.instance().id());
            boolean known = last != null && last.daemon() == round.daemon() && last.number() >= round.number();
            if (!known) {
                if (last == null || !inShort(last).equals(inShort(round))) {
                    news.add(node.name() + " decided: " + inShort(round)
                            + (round.rule().isEmpty() ? "" : " (rule " + round.rule() + ")"));
                }
                lastRounds.put(node.instance().id(), round);
            }
        }
    }

    /** Without how long a wait has lasted, which is another in each round. */
    private static String inShort(PastRound round) {
        return round.what().replaceFirst(" \\([^()]* so far\\)", "");
    }

    private void tellMembers(Sight now, List<String> news) {
        Map<String, MemberSight> had = byId(before);
        Map<String, MemberSight> has = byId(now);
        if (has.isEmpty()) {
            return; // nobody told, which is no news of the members
        }
        has.forEach((id, member) -> {
            MemberSight earlier = had.get(id);
            if (earlier == null || !earlier.role().equals(member.role())) {
                boolean stepsDown = earlier != null && earlier.leader() && member.isVoter();
                news.add("member " + id + " (" + named(now, member) + ") is "
                        + (stepsDown ? "no longer the leader" : withArticle(member.role())));
            }
        });
        had.forEach((id, member) -> {
            if (!has.containsKey(id)) {
                news.add("member " + id + " (" + named(before, member) + ") has left the cluster");
            }
        });
    }

    private void tellQuorum(Sight now, List<String> news) {
        if (now.members().isEmpty()) {
            return; // nobody told
        }
        Quorum was = quorum;
        quorum = quorum(now);
        if (quorum != was) {
            words(was, now).ifPresent(news::add);
        }
    }

    private Quorum quorum(Sight now) {
        if (now.hasQuorum() || quorum == Quorum.NOT_YET) {
            return now.hasQuorum() ? Quorum.THERE : Quorum.NOT_YET;
        }
        return now.isLost() ? Quorum.LOST_FOR_GOOD : Quorum.LOST;
    }

    private Optional<String> words(Quorum was, Sight now) {
        String needed = " of " + now.voters() + " voters, and " + now.quorum() + " are needed";
        return switch (quorum) {
            case NOT_YET -> Optional.empty();
            case THERE -> was == Quorum.NOT_YET ? Optional.empty() : Optional.of("the cluster has its quorum again");
            case LOST -> Optional.of("the cluster has lost its quorum: etcd serves on " + now.serving() + needed);
            case LOST_FOR_GOOD ->
                Optional.of(
                        "the quorum is lost for good, only a snapshot in a new cluster helps: there are machines for "
                                + now.votersWithInstance() + needed);
        };
    }

    private static Map<String, MemberSight> byId(Sight sight) {
        Map<String, MemberSight> members = new HashMap<>();
        sight.members().forEach(member -> members.put(member.id(), member));
        return members;
    }

    private static String named(Sight sight, MemberSight member) {
        return sight.nodes().stream()
                .filter(node -> node.member()
                        .filter(it -> Objects.equals(it.id(), member.id()))
                        .isPresent())
                .map(NodeSight::name)
                .findFirst()
                .orElse(member.name().isEmpty() ? member.address() : member.name());
    }

    private static String withArticle(String role) {
        return role.equals("leader") ? "the leader" : role.equals("added") ? "added, not started" : "a " + role;
    }
}
