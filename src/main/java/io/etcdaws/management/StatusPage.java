package io.etcdaws.management;

import com.google.gson.JsonObject;
import io.etcdaws.management.Health.Verdict;
import io.etcdaws.management.Status.Past;
import io.etcdaws.management.Status.Snapshot;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.ClusterView;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.LifecycleState;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import io.etcdaws.membership.SeenCluster;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/** The status as a page for people: one file, no script, nothing from elsewhere. */
final class StatusPage {
    private static final int REFRESH_SECONDS = 5;

    private static final String STYLE = """
            :root{color-scheme:light dark;--fg:#1b1f24;--bg:#fff;--soft:#59636e;--line:#d1d9e0;--good:#1a7f37;--bad:#c62828;--busy:#8a5a00}
            @media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--bg:#0d1117;--soft:#9198a1;--line:#30363d;--good:#3fb950;--bad:#ff7b72;--busy:#d29922}}
            *{box-sizing:border-box}
            body{margin:0 auto;max-width:70rem;padding:1rem;font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg)}
            h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .4rem;border-bottom:1px solid var(--line)}
            p{margin:.3rem 0}.soft{color:var(--soft)}.good{color:var(--good)}.bad{color:var(--bad)}.busy{color:var(--busy)}
            .state{font-weight:600}.wide{overflow-x:auto}ul{margin:.3rem 0;padding-left:1.2rem}
            li,td{overflow-wrap:anywhere}table{border-collapse:collapse;width:100%;font-size:.9rem}
            th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);min-width:4rem}
            """;

    /** What browsers are told besides. */
    static final List<HttpHeader> HEADERS = List.of(
            RawHeader.create(
                    "Content-Security-Policy",
                    "default-src 'none'; style-src 'sha256-" + hash(STYLE)
                            + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
            RawHeader.create("X-Frame-Options", "DENY"),
            RawHeader.create("Referrer-Policy", "no-referrer"));

    private final StringBuilder html = new StringBuilder();
    private final Snapshot status;

    private StatusPage(Snapshot status) {
        this.status = status;
    }

    /** The page. */
    static String of(Snapshot status, Verdict ready) {
        StatusPage page = new StatusPage(status);
        page.head(ready);
        page.decision();
        page.conditions();
        page.observation();
        page.changes();
        page.history();
        return page.html.append("</body></html>\n").toString();
    }

    private void head(Verdict ready) {
        String self = status.observation().map(seen -> seen.self().id().value()).orElse("this node");
        html.append("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">")
                .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
                .append("<meta http-equiv=\"refresh\" content=\"")
                .append(REFRESH_SECONDS)
                .append("\">")
                .append("<title>etcd-aws: ")
                .append(escape(self))
                .append("</title>")
                .append("<style>")
                .append(STYLE)
                .append("</style></head><body>");
        html.append("<h1>").append(escape(self)).append("</h1>");
        line(
                "soft",
                "etcd-aws " + status.version() + ", " + status.role().name().toLowerCase(Locale.ROOT) + ", up for "
                        + Describe.duration(Duration.between(status.startedAt(), status.now())) + ", seen at "
                        + time(status.now()));
        line(ready.holds() ? "state good" : "state bad", ready.holds() ? "ready" : "not ready");
        list(ready.problems());
        status.problem()
                .ifPresent(it -> line("bad", "The configuration was refused, and the old one is in force: " + it));
        status.notice().ifPresent(it -> line("bad", "Notice: " + it.detail()));
    }

    private void decision() {
        section("Now");
        if (status.round().isEmpty()) {
            line("busy", "The first round is not over yet.");
            return;
        }
        Round round = status.round().get();
        line(grade(round.failed(), round.converged()) + " state", round.result());
        line(
                "soft",
                "Round " + round.number() + " began at " + time(round.startedAt()) + " and took "
                        + Describe.duration(round.took()) + "; the next begins at "
                        + time(round.endedAt().plus(round.nextIn())));
        String when = round.decision().isPresent() ? "Decided to " : "Before that, decided to ";
        status.decision().ifPresent(decided -> decision(when, decided));
    }

    private void decision(String when, Decision decision) {
        JsonObject json = DecisionJson.of(decision);
        line(
                "",
                when + Describe.decision(decision) + ": " + decision.reason().why() + " ["
                        + decision.reason().rule() + "]");
        if (json.has("wayOut") && !json.get("wayOut").getAsString().isEmpty()) {
            line("busy", "Way out: " + json.get("wayOut").getAsString());
        }
        list(decision.reason().evidence());
    }

    private void conditions() {
        if (status.conditions().isEmpty()) {
            return;
        }
        section("To be mended");
        list(status.conditions().stream()
                .map(it -> it.message() + ". Way out: " + it.wayOut())
                .toList());
    }

    private void observation() {
        if (status.observation().isEmpty()) {
            return;
        }
        Observation seen = status.observation().get();
        Group group = seen.group();
        section("Group " + group.name());
        line(
                "soft",
                group.expected().size() + " expected of " + group.desiredCapacity() + " desired, seen at "
                        + time(status.seenAt().orElseThrow())
                        + group.clusterMark()
                                .map(mark -> ", marked as holding cluster " + mark)
                                .orElse(""));
        table("Instance", "Address", "Zone", "State", "etcd");
        group.instances().forEach(instance -> row(instance(instance, seen)));
        seen.peers().entrySet().stream()
                .filter(peer -> group.instances().stream()
                        .noneMatch(
                                it -> it.address().filter(peer.getKey()::equals).isPresent()))
                .sorted(Map.Entry.comparingByKey())
                .forEach(peer -> row(
                        List.of("", peer.getKey().host(), "", "outside the group", Describe.state(peer.getValue()))));
        endTable();
        SeenCluster.in(seen).ifPresent(this::members);
    }

    private static List<String> instance(Instance instance, Observation seen) {
        return List.of(
                instance.id() + (instance.id().equals(seen.self().id()) ? " (this node)" : ""),
                instance.address().map(Address::host).orElse("none yet"),
                instance.zone(),
                instance.lifecycle().map(LifecycleState::apiName).orElse("outside the group") + ", "
                        + instance.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                instance.address()
                        .flatMap(address -> Optional.ofNullable(seen.peers().get(address)))
                        .map(Describe::state)
                        .orElse("not asked"));
    }

    private void members(SeenCluster cluster) {
        ClusterView view = cluster.view();
        section("Members of cluster " + view.id());
        line(
                cluster.quorate() ? "good" : "bad",
                cluster.quorate() ? "serves with quorum" : "has no quorum; this list may be out of date");
        table("Name", "Id", "Peer URLs", "Part", "Seen");
        for (Member member : view.members()) {
            boolean leads = view.leader().filter(member.id()::equals).isPresent();
            row(List.of(
                    member.name().isEmpty() ? "(none yet)" : member.name(),
                    member.id().toString(),
                    member.peerUrls().stream().map(PeerUrl::text).collect(Collectors.joining(", ")),
                    member.learner() ? "learner" : leads ? "voter, leader" : "voter",
                    view.healthy(member) ? "healthy" : state(member, view.stateOf(member))));
        }
        endTable();
    }

    private static String state(Member member, PeerState state) {
        return (member.started() ? "" : "never started; ") + Describe.state(state);
    }

    private void changes() {
        if (status.changes().isEmpty()) {
            return;
        }
        section("Changes of the membership");
        table("At", "Change", "Outcome", "Rule and reason");
        for (Audit audit : status.changes()) {
            row(List.of(
                    time(audit.at()),
                    audit.change().toString(),
                    audit.outcome(),
                    audit.rule().number() + ": " + audit.why()));
        }
        endTable();
    }

    private void history() {
        if (status.history().isEmpty()) {
            return;
        }
        section("Rounds");
        table("At", "Took", "Rule", "Decision", "Result");
        for (Past past : status.history()) {
            row(List.of(time(past.at()), Describe.duration(past.took()), past.rule(), past.decision(), past.result()));
        }
        endTable();
    }

    private static String grade(boolean failed, boolean converged) {
        if (failed) {
            return "bad";
        }
        return converged ? "good" : "busy";
    }

    private void section(String title) {
        html.append("<h2>").append(escape(title)).append("</h2>");
    }

    private void line(String style, String text) {
        html.append("<p class=\"")
                .append(style)
                .append("\">")
                .append(escape(text))
                .append("</p>");
    }

    private void list(List<String> lines) {
        if (!lines.isEmpty()) {
            html.append("<ul>");
            lines.forEach(line -> html.append("<li>").append(escape(line)).append("</li>"));
            html.append("</ul>");
        }
    }

    private void table(String... titles) {
        html.append("<div class=\"wide\"><table><thead><tr>");
        for (String title : titles) {
            html.append("<th scope=\"col\">").append(escape(title)).append("</th>");
        }
        html.append("</tr></thead><tbody>");
    }

    private void row(List<String> cells) {
        html.append("<tr>");
        cells.forEach(cell -> html.append("<td>").append(escape(cell)).append("</td>"));
        html.append("</tr>");
    }

    private void endTable() {
        html.append("</tbody></table></div>");
    }

    private static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** For text and for attributes in double quotes. */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length());
        text.chars().forEach(character -> {
            switch (character) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append((char) character);
            }
        });
        return escaped.toString();
    }

    private static String hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
