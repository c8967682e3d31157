package io.etcdaws.membership;

import io.etcdaws.membership.Decision.ChangeMembership;
import io.etcdaws.membership.Decision.CompleteLifecycle;
import io.etcdaws.membership.Decision.Converged;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.KeepPeersFile;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.MoveLeadership;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Decision.WriteMark;
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
        if (decision instanceof CompleteLifecycle complete) {
            return "complete " + complete.transition().name().toLowerCase(Locale.ROOT);
        }
        if (decision instanceof HoldLifecycle hold) {
            return "hold " + hold.transition().name().toLowerCase(Locale.ROOT);
        }
        return plain(decision);
    }

    private static String plain(Decision decision) {
        if (decision instanceof Converged) {
            return "converged";
        }
        if (decision instanceof MoveLeadership) {
            return "move leadership";
        }
        if (decision instanceof WriteMark) {
            return "write mark";
        }
        if (decision instanceof LeaveToOther) {
            return "leave to other";
        }
        return decision instanceof KeepPeersFile ? "keep" : "refuse";
    }

    /** The content that the file is given, if the decision has one. */
    static Optional<InitialCluster> content(Decision decision) {
        if (decision instanceof WritePeersFile write) {
            return Optional.of(write.content());
        }
        return decision instanceof Converged converged ? Optional.of(converged.content()) : Optional.empty();
    }

    /** The entries of the file that is written, if one is. */
    static Optional<List<String>> file(Decision decision) {
        return content(decision)
                .map(content -> content.entries().stream().map(Entry::toString).toList());
    }

    /** The change that is made or left to another, who is to lead, or which cluster is recorded, if there is any of it. */
    static Optional<String> change(Decision decision) {
        if (decision instanceof ChangeMembership change) {
            return Optional.of(change.change().toString());
        }
        if (decision instanceof LeaveToOther left) {
            return Optional.of("node of " + left.to().name() + ": " + left.change());
        }
        if (decision instanceof MoveLeadership move) {
            return Optional.of("to " + move.to());
        }
        return decision instanceof WriteMark mark ? Optional.of(mark.cluster().toString()) : Optional.empty();
    }

    /** All that people are told. */
    static String told(Decision decision) {
        List<String> told = new ArrayList<>();
        told.add(decision.reason().why());
        if (decision instanceof Wait wait) {
            told.add("waiting for " + wait.waitingFor());
            told.add(wait.wayOut());
        }
        if (decision instanceof HoldLifecycle hold) {
            told.add("waiting for " + hold.waitingFor());
            told.add(hold.wayOut());
        }
        if (decision instanceof Refuse refuse) {
            told.add(refuse.wayOut());
        }
        told.addAll(decision.reason().evidence());
        return String.join("\n", told);
    }
}
