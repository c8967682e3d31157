package io.etcdaws.management;

import io.etcdaws.etcd.Credentials.Expiry;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Decision.HoldLifecycle;
import io.etcdaws.membership.Decision.LeaveToOther;
import io.etcdaws.membership.Decision.Refuse;
import io.etcdaws.membership.Decision.Wait;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.Rule;
import io.etcdaws.membership.SeenCluster;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What Prometheus is told. Counters count from the start of the process; gauges are worked out at each scrape from what was
 * seen last, so that nothing stays of what is gone. Thread-safe.
 */
public final class Metrics implements RoundListener {
    private static final String PREFIX = "etcd_aws_";
    private static final List<String> RESULTS = List.of("converged", "acted", "waiting", "refused", "failed");
    private static final List<String> KINDS = List.of("add", "remove", "promote", "update");
    private static final List<String> OUTCOMES = List.of("changed", "refused", "locked", "overtaken", "uncertain");
    private static final List<String> SEEN =
            List.of("serving", "forming", "holds_data", "not_serving", "silent", "rejected");

    /** From peers that answer at once to changes that took all of their time. */
    private static final double[] ROUND_SECONDS = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final InstantSource clock;
    private final Counter rounds;
    private final Histogram roundDuration;
    private final Counter decisions;
    private final Counter awsCalls;
    private final Counter changes;

    private volatile Instant convergedAt;
    private volatile Optional<Observation> seen = Optional.empty();
    private volatile Set<Condition.Kind> conditions = Set.of();
    private volatile List<Expiry> certificates = List.of();
    private volatile boolean ready;
    private volatile boolean leads;

    /**
     * Those of a process that starts now.
     *
     * @param clock the reconciler's
     * @param version the program's
     */
    public Metrics(InstantSource clock, String version) {
        this.clock = clock;
        this.convergedAt = clock.instant();
        this.rounds = counter("rounds", "Rounds that are over, by what came of them.", "result");
        RESULTS.forEach(rounds::initLabelValues);
        this.roundDuration = Histogram.builder()
                .name(PREFIX + "round_duration_seconds")
                .help("How long rounds lasted, changes that they made included.")
                .classicOnly()
                .classicUpperBounds(ROUND_SECONDS)
                .register(registry);
        this.decisions = counter("decisions", "Decisions, by the number of the rule that decided.", "rule");
        Stream.of(Rule.values()).map(Rule::number).forEach(decisions::initLabelValues);
        this.awsCalls =
                counter("aws_calls", "Calls of the AWS API, each attempt, by how they ended.", "action", "outcome");
        this.changes = counter(
                "membership_changes",
                "Changes of etcd's membership that this node has tried, by how they ended.",
                "kind",
                "outcome");
        KINDS.forEach(kind -> OUTCOMES.forEach(outcome -> changes.initLabelValues(kind, outcome)));
        registerGauges();
        Info.builder()
                .name(PREFIX + "build_info")
                .help("The version of this program.")
                .labelNames("version")
                .register(registry)
                .setLabelValues(version);
    }

    private Counter counter(String name, String help, String... labels) {
        return Counter.builder()
                .name(PREFIX + name + "_total")
                .help(help)
                .labelNames(labels)
                .register(registry);
    }

    private void registerGauges() {
        gauge(
                "since_converged_seconds",
                "Seconds since a round last found all as it should be, or since the start if none has.",
                at -> at.call(seconds(Duration.between(convergedAt, clock.instant()))));
        gauge(
                "members",
                "Members of the cluster, as the last observation saw them.",
                at -> members().forEach((labels, count) -> at.call(count, labels.role(), labels.state())),
                "role",
                "state");
        gauge(
                "peers",
                "Peers that were probed, this node's own etcd included, by what the last observation saw of them.",
                at -> peers().forEach((state, count) -> at.call(count, state)),
                "seen");
        gauge(
                "condition",
                "Whether something is as the kind says, and an operator should mend it (1) or not (0).",
                at -> Stream.of(Condition.Kind.values())
                        .forEach(kind -> at.call(conditions.contains(kind) ? 1 : 0, lowerCase(kind))),
                "kind");
        gauge(
                "certificate_expiry_timestamp_seconds",
                "When the first of a file's certificates expires, in seconds since 1970.",
                at -> expiries().forEach((file, when) -> at.call(when, file)),
                "file");
        gauge("leader", "Whether this node's member leads its cluster (1) or not (0).", at -> at.call(leads ? 1 : 0));
        gauge("ready", "Whether /health/ready says so (1) or not (0).", at -> at.call(ready ? 1 : 0));
    }

    private void gauge(String name, String help, Consumer<GaugeWithCallback.Callback> values, String... labels) {
        GaugeWithCallback.builder()
                .name(PREFIX + name)
                .help(help)
                .labelNames(labels)
                .callback(values)
                .register(registry);
    }

    @Override
    public void began(Instant at) {
        // Counted when it ends.
    }

    @Override
    public void ended(Round round) {
        rounds.labelValues(result(round)).inc();
        roundDuration.observe(seconds(round.took()));
        round.decision()
                .ifPresent(
                        it -> decisions.labelValues(it.reason().rule().number()).inc());
        if (round.converged()) {
            convergedAt = round.endedAt();
        }
        if (round.observation().isPresent()) {
            seen = round.observation();
            conditions = round.conditions().stream().map(Condition::kind).collect(Collectors.toUnmodifiableSet());
        }
    }

    private static String result(Round round) {
        Decision decision = round.decision().orElse(null);
        if (decision instanceof Refuse) {
            // Told apart from what failed, although such a round counts as failed, too: nothing is to be repaired here.
            return "refused";
        }
        if (round.failed() || decision == null) {
            return "failed";
        }
        if (round.converged()) {
            return "converged";
        }
        boolean waits =
                decision instanceof Wait || decision instanceof HoldLifecycle || decision instanceof LeaveToOther;
        return waits ? "waiting" : "acted";
    }

    @Override
    public void changed(Audit audit) {
        String outcome = audit.outcome().split(":", 2)[0];
        changes.labelValues(
                        lowerCase(audit.change().getClass().getSimpleName()),
                        OUTCOMES.contains(outcome) ? outcome : "other")
                .inc();
    }

    /**
     * Counts a call of the AWS API.
     *
     * @param action as IAM policies spell it, such as {@code ec2:DescribeInstances}
     * @param outcome one of a few words
     */
    public void awsCall(String action, String outcome) {
        awsCalls.labelValues(action, outcome).inc();
    }

    /** The certificates in use from now on. */
    public void certificates(List<Expiry> inUse) {
        certificates = List.copyOf(inUse);
    }

    /**
     * All of them in Prometheus's text format.
     *
     * @param isReady what {@code /health/ready} says
     * @param isLeader whether this node's member leads
     */
    public String text(boolean isReady, boolean isLeader) {
        ready = isReady;
        leads = isLeader;
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try {
            writer.write(text, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    private record MemberLabels(String role, String state) {}

    private Map<MemberLabels, Integer> members() {
        Map<MemberLabels, Integer> counts = new LinkedHashMap<>();
        for (String role : List.of("voter", "learner")) {
            for (String state : List.of("healthy", "unhealthy", "unstarted")) {
                counts.put(new MemberLabels(role, state), 0);
            }
        }
        seen.flatMap(SeenCluster::in)
                .map(SeenCluster::view)
                .ifPresent(view ->
                        view.members().forEach(member -> counts.merge(labels(member, view), 1, Integer::sum)));
        return counts;
    }

    private static MemberLabels labels(Member member, ClusterView view) {
        String unhealthy = member.started() ? "unhealthy" : "unstarted";
        return new MemberLabels(member.voter() ? "voter" : "learner", view.healthy(member) ? "healthy" : unhealthy);
    }

    private Map<String, Integer> peers() {
        Map<String, Integer> counts = new TreeMap<>();
        SEEN.forEach(state -> counts.put(state, 0));
        seen.map(Observation::peers)
                .ifPresent(peers -> peers.values().forEach(state -> counts.merge(seen(state), 1, Integer::sum)));
        return counts;
    }

    private static String seen(PeerState state) {
        return state.getClass()
                .getSimpleName()
                .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                .toLowerCase(Locale.ROOT);
    }

    private Map<String, Long> expiries() {
        Map<String, Long> first = new TreeMap<>();
        certificates.forEach(it -> first.merge(it.file(), it.notAfter().getEpochSecond(), Math::min));
        return first;
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static String lowerCase(Object name) {
        return name.toString().toLowerCase(Locale.ROOT);
    }
}
