package io.etcdaws.simulation;

import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Observation;
import io.etcdaws.reconcile.Round;
import java.util.Map;
import java.util.stream.Collectors;

/** What a round saw, decided and did, in a line of the transcript. */
final class Telling {
    private Telling() {}

    static String round(Round round) {
        String seen = round.observation().map(Telling::seen).orElse("nothing");
        String decided = round.decision()
                .map(decision -> Describe.decision(decision) + " ["
                        + decision.reason().rule() + ": " + decision.reason().why() + "]")
                .orElse("nothing");
        return "saw " + seen + "; decided to " + decided + "; " + round.result();
    }

    private static String seen(Observation observation) {
        return observation.group().instances().stream()
                        .map(instance -> instance.id() + " "
                                + instance.lifecycle().map(Object::toString).orElse("?") + "/" + instance.state())
                        .collect(Collectors.joining(", ", "{", "}"))
                + ", data " + observation.dataDirectory() + ", "
                + observation.peers().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(peer -> peer.getKey() + " " + Describe.state(peer.getValue()))
                        .collect(Collectors.joining(", "));
    }
}
