package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WritePeersFile;
import io.etcdaws.membership.InitialCluster.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Spells a decision for comparison. */
final class Golden {
    private Golden() {}

    /** What kind of decision it is, such as {@code write new} or {@code wait for others}. */
    static String kind(Decision decision) {
        if (decision instanceof WritePeersFile write) {
            return write.content().proxy()
                    ? "write proxy"
                    : "write " + write.content().state().name().toLowerCase(Locale.ROOT);
        }
        if (decision instanceof Wait wait) {
            return switch (wait.until()) {
                case TIME_PASSES -> "wait for time";
                case OTHERS_ACT -> "wait for others";
                case SAFE -> "wait until safe";
            };
        }
        if (decision instanceof ChangeMembership) {
            return "change";
        }
        return decision instanceof KeepPeersFile ? "keep" : "refuse";
    }

    /** The entries of the file that is written, if one is. */
    static Optional<List<String>> file(Decision decision) {
        return decision instanceof WritePeersFile write
                ? Optional.of(
                        write.content().entries().stream().map(Entry::toString).toList())
                : Optional.empty();
    }

    /** The change that is made, if one is. */
    static Optional<String> change(Decision decision) {
        return decision instanceof ChangeMembership change
                ? Optional.of(change.change().toString())
                : Optional.empty();
    }

    /** All that people are told. */
    static String told(Decision decision) {
        List<String> told = new ArrayList<>();
        told.add(decision.reason().why());
        if (decision instanceof Wait wait) {
            told.add("waiting for " + wait.waitingFor());
            told.add(wait.wayOut());
        }
        if (decision instanceof Refuse refuse) {
            told.add(refuse.wayOut());
        }
        told.addAll(decision.reason().evidence());
        return String.join("\n", told);
    }
}
