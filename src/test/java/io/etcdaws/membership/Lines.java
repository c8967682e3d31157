package io.etcdaws.membership;

import io.etcdaws.membership.Continuity.Overdue;
import io.etcdaws.membership.MembershipChange.Promote;
import io.etcdaws.membership.MembershipChange.Remove;
import io.etcdaws.membership.MembershipChange.Update;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads the one-line spellings that scenarios and tests use for what is seen; see {@code scenarios/README.md}. */
final class Lines {
    private static final String CLIENT_PORT = "2379";
    private static final String PEER_PORT = "2380";
    private static final String ZONE = "zone=";

    private Lines() {}

    /** {@code i-0000000a 10.0.0.1}: this node. */
    static Node node(String line) {
        List<String> words = words(line, 2, 2, "<instance> <address>");
        return new Node(new InstanceId(words.get(0)), Address.parse(words.get(1)), "eu-central-1", "eu-central-1a");
    }

    /** {@code i-0000000a 10.0.0.1 InService running [alias ...] [zone=b]}; {@code -} where there is no address yet. */
    static Instance instance(String line) {
        List<String> words =
                words(line, 4, 20, "<instance> <address or -> <lifecycle state> <EC2 state> [alias ...] [zone=<zone>]");
        List<String> more = words.subList(4, words.size());
        return new Instance(
                new InstanceId(words.get(0)),
                Optional.of(new LifecycleState(words.get(2))),
                instanceState(words.get(3)),
                words.get(1).equals("-") ? Optional.empty() : Optional.of(Address.parse(words.get(1))),
                more.stream()
                        .filter(word -> !word.startsWith(ZONE))
                        .map(Address::parse)
                        .collect(Collectors.toSet()),
                more.stream()
                        .filter(word -> word.startsWith(ZONE))
                        .map(word -> word.substring(ZONE.length()))
                        .findFirst()
                        .orElse("eu-central-1a"));
    }

    /** {@code 1 i-0000000a 10.0.0.1[,more] [learner] [never-started]}; {@code unnamed} in place of the name. */
    static Member member(String line) {
        List<String> words =
                words(line, 3, 5, "<id> <name or 'unnamed'> <address or URL>[,...] [learner] [never-started]");
        Set<String> flags = flags(words.subList(3, words.size()), Set.of("learner", "never-started"));
        boolean unnamed = words.get(1).equals("unnamed");
        List<PeerUrl> urls =
                Arrays.stream(words.get(2).split(",", -1)).map(Lines::peerUrl).toList();
        boolean started = !unnamed && !flags.contains("never-started");
        return new Member(
                MemberId.parseDecimal(words.get(0)),
                unnamed ? "" : words.get(1),
                urls,
                started ? List.of("http://" + urls.get(0).host().inUrl() + ":" + CLIENT_PORT) : List.of(),
                flags.contains("learner"));
    }

    /** A whole URL, or an address that stands for its usual peer URL. */
    static PeerUrl peerUrl(String text) {
        return PeerUrl.parse(
                text.contains("://") ? text : "http://" + Address.parse(text).inUrl() + ":" + PEER_PORT);
    }

    /** {@code i-0000000c terminated outside 5m 3}: instance or {@code -}, EC2 state, place, for how long, reads. */
    static Sighting sighting(String line) {
        List<String> words = words(line, 5, 5, "<instance or -> <EC2 state> <in-group or outside> <duration> <reads>");
        flags(words.subList(2, 3), Set.of("in-group", "outside"));
        return new Sighting(
                words.get(0).equals("-") ? Optional.empty() : Optional.of(new InstanceId(words.get(0))),
                instanceState(words.get(1)),
                words.get(2).equals("in-group"),
                Scene.NOW.minus(duration(words.get(3))),
                Scene.NOW,
                Integer.parseInt(words.get(4)));
    }

    /** {@code promote 3 for 20s}, {@code remove 3 for 20s} or {@code update 3 10.0.0.9 for 20s}: a change, by member id. */
    static Overdue overdue(String line, List<Member> members) {
        List<String> words = words(line, 4, 5, "<promote|remove|update> <member id> [address] for <duration>");
        Member member = members.stream()
                .filter(listed -> listed.id().equals(MemberId.parseDecimal(words.get(1))))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no member " + words.get(1)));
        MembershipChange change = switch (words.get(0)) {
            case "promote" -> new Promote(member);
            case "remove" -> new Remove(member);
            case "update" -> new Update(member, peerUrl(words.get(2)));
            default -> throw new IllegalArgumentException("'" + words.get(0) + "' is none of promote, remove, update");
        };
        return new Overdue(change, Scene.NOW.minus(duration(words.get(words.size() - 1))));
    }

    /** {@code 10s}, {@code 5m} or {@code 1h}. */
    static Duration duration(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    private static InstanceState instanceState(String text) {
        return InstanceState.valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    static Set<String> flags(List<String> words, Set<String> known) {
        words.stream().filter(word -> !known.contains(word)).findFirst().ifPresent(word -> {
            throw new IllegalArgumentException(
                    "'" + word + "' is none of " + known.stream().sorted().toList());
        });
        return Set.copyOf(words);
    }

    static List<String> words(String line, int least, int most, String form) {
        List<String> words = List.of(line.trim().split("\\s+"));
        if (words.size() < least || words.size() > most) {
            throw new IllegalArgumentException("'" + line + "' should be: " + form);
        }
        return words;
    }
}
