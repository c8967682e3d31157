package io.etcdaws.reconcile;

import io.etcdaws.aws.AwsFailure;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Until;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Reason;
import io.etcdaws.peersfile.PeersFileWriter;
import java.time.Duration;
import java.util.Optional;

/**
 * How a run ends: which exit code that is, and what people are told of it.
 *
 * @param exitCode what the process ends with
 * @param message what failed, where, and what to do; or what was done
 */
record Ending(ExitCode exitCode, String message) {
    /** It was thought over, and nothing changed. */
    static Ending planned(Decision decision) {
        return new Ending(ExitCode.DONE, "planned: " + Describe.decision(decision));
    }

    /** The peers file was to stay. */
    static Ending kept() {
        return new Ending(ExitCode.DONE, "the peers file stays as it is");
    }

    /** The peers file was to be written. */
    static Ending of(PeersFileWriter.Event event) {
        if (event instanceof PeersFileWriter.WriteFailed failed) {
            return new Ending(ExitCode.PEERS_FILE, failed.message());
        }
        return event instanceof PeersFileWriter.Written written
                ? new Ending(ExitCode.DONE, "wrote " + written.path())
                : new Ending(ExitCode.DONE, ((PeersFileWriter.Unchanged) event).path() + " was right already");
    }

    /** Nothing can be decided on without what AWS did not tell. */
    static Ending of(AwsFailure failure) {
        return new Ending(failure.kind().isAboutGroup() ? ExitCode.GROUP : ExitCode.AWS, failure.getMessage());
    }

    /** Going on would risk data or quorum. */
    static Ending refused(Refuse refusal) {
        return new Ending(ExitCode.REFUSED, refused(refusal.reason(), refusal.wayOut()));
    }

    /** etcd does not accept the change, for good or for too long. */
    static Ending refusedByEtcd(String said) {
        return new Ending(ExitCode.ETCD_REFUSED, "etcd refused to change its members: " + said);
    }

    /** It was told to end. */
    static Ending finished() {
        return new Ending(ExitCode.DONE, "stopped");
    }

    /** Something happened that must not. */
    static Ending bug(String what) {
        return new Ending(ExitCode.BUG, "a bug: " + what);
    }

    /** The time was up before it was known which instance this is. */
    static Ending timedOutUnidentified(Duration timeout) {
        return new Ending(ExitCode.METADATA, after(timeout) + "the instance metadata were still not read");
    }

    /**
     * The time was up.
     *
     * @param last the last decision, if any was made
     * @param doing what was under way
     */
    static Ending timedOut(Duration timeout, Optional<Decision> last, String doing) {
        if (last.orElse(null) instanceof Wait wait && wait.until() == Until.SAFE) {
            return new Ending(ExitCode.REFUSED, after(timeout) + refused(wait.reason(), wait.wayOut()));
        }
        if (last.isEmpty()) {
            // Peers are given up within seconds: it is AWS that such a first round waits for.
            return new Ending(
                    ExitCode.AWS,
                    after(timeout)
                            + "AWS had not told which group this instance is in and who belongs to it; check the way to"
                            + " its endpoints, and the attempts logged above");
        }
        Reason reason = last.get().reason();
        return new Ending(
                ExitCode.TIMED_OUT,
                after(timeout) + "no safe decision was reached while " + doing + ": " + reason.why() + " ["
                        + reason.rule() + "]");
    }

    private static String after(Duration timeout) {
        return "after " + Describe.duration(timeout) + " ";
    }

    private static String refused(Reason reason, String wayOut) {
        return "refused by " + reason.rule() + ": " + reason.why()
                + (reason.evidence().isEmpty() ? "" : " (" + String.join("; ", reason.evidence()) + ")")
                + "; way out: " + wayOut;
    }
}
