package io.etcdaws.management;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.etcdaws.membership.Condition;
import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Describe;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Observation;
import io.etcdaws.membership.Policy.Role;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import io.etcdaws.reconcile.SteadyClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What was seen, decided and done last, and the history of that. Thread-safe. */
public final class Status implements RoundListener {
    /** For people with nothing but curl, too. */
    private static final Gson GSON =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    /** How many rounds, and how many changes, are remembered. */
    static final int MOST = 50;

    /**
     * A round in short.
     *
     * @param rule the number of the rule that decided; empty if none did
     * @param decision what was decided, in a few words; empty likewise
     */
    record Past(
            long number,
            Instant at,
            Duration took,
            String rule,
            String decision,
            String result,
            boolean failed,
            boolean converged) {
        private static Past of(Round round) {
            return new Past(
                    round.number(),
                    round.startedAt(),
                    round.took(),
                    round.decision().map(it -> it.reason().rule().number()).orElse(""),
                    round.decision().map(Describe::decision).orElse(""),
                    round.result(),
                    round.failed(),
                    round.converged());
        }

        /** The same by another clock. */
        private Past startingAt(Instant other) {
            return new Past(number, other, took, rule, decision, result, failed, converged);
        }
    }

    /**
     * All of it at one moment, by the clock of the machine as it is set then.
     *
     * @param round the last round, if any is over
     * @param observation the last one; of an earlier round if the last one saw nothing
     * @param seenAt when that was
     * @param decision the one that was made on that
     * @param conditions those of the observation
     * @param problem what is wrong with a configuration that was refused, if one was
     * @param history rounds, the last one first
     * @param changes changes of the membership, the last one first
     */
    record Snapshot(
            Instant now,
            Instant startedAt,
            String version,
            Role role,
            Optional<Round> round,
            Optional<Observation> observation,
            Optional<Instant> seenAt,
            Optional<Decision> decision,
            List<Condition> conditions,
            Optional<String> problem,
            List<Past> history,
            List<Audit> changes) {
        Optional<Notice> notice() {
            return observation.flatMap(seen -> seen.continuity().notice());
        }
    }

    private final SteadyClock clock;
    private final String version;
    private final Role role;
    private final Instant startedAt;
    private final Deque<Past> history = new ArrayDeque<>();
    private final Deque<Audit> changes = new ArrayDeque<>();
    private Optional<Round> last = Optional.empty();
    private Optional<Observation> observation = Optional.empty();
    private Optional<Decision> decision = Optional.empty();
    private List<Condition> conditions = List.of();
    private Optional<String> problem = Optional.empty();

    /**
     * That of a process that starts now.
     *
     * @param clock the reconciler's
     * @param version the program's
     * @param role this node's
     */
    public Status(SteadyClock clock, String version, Role role) {
        this.clock = clock;
        this.version = version;
        this.role = role;
        this.startedAt = clock.instant();
    }

    @Override
    public void began(Instant at) {
        // Told when it ends.
    }

    @Override
    public synchronized void ended(Round round) {
        last = Optional.of(round);
        if (round.observation().isPresent()) {
            observation = round.observation();
            decision = round.decision();
            conditions = round.conditions();
        }
        remember(history, Past.of(round));
    }

    @Override
    public synchronized void changed(Audit audit) {
        remember(changes, audit);
    }

    /** What is wrong with a new configuration, so that the old one stays in force; empty if nothing is. */
    public synchronized void problem(Optional<String> found) {
        problem = found;
    }

    private static <T> void remember(Deque<T> past, T next) {
        past.addFirst(next);
        if (past.size() > MOST) {
            past.removeLast();
        }
    }

    synchronized Snapshot snapshot() {
        return new Snapshot(
                clock.told(clock.instant()),
                clock.told(startedAt),
                version,
                role,
                last.map(round -> round.startingAt(clock.told(round.startedAt()))),
                observation,
                observation.map(seen -> clock.told(seen.now())),
                decision,
                conditions,
                problem,
                history.stream()
                        .map(past -> past.startingAt(clock.told(past.at())))
                        .toList(),
                List.copyOf(changes));
    }

    /** The status as one JSON object. */
    public String toJson() {
        Snapshot now = snapshot();
        JsonObject json = new JsonObject();
        json.addProperty("now", now.now().toString());
        json.addProperty("startedAt", now.startedAt().toString());
        json.addProperty("version", now.version());
        json.addProperty("role", lowerCase(now.role()));
        now.problem().ifPresent(it -> json.addProperty("configurationProblem", it));
        now.round().ifPresent(it -> json.add("round", round(it)));
        now.decision().ifPresent(it -> json.add("decision", DecisionJson.of(it)));
        now.notice().ifPresent(it -> json.add("notice", notice(it)));
        JsonArray mend = new JsonArray();
        now.conditions().forEach(it -> mend.add(condition(it)));
        json.add("conditions", mend);
        now.observation()
                .ifPresent(it -> json.add(
                        "observation", ObservationJson.of(it, now.seenAt().orElseThrow())));
        JsonArray rounds = new JsonArray();
        now.history().forEach(it -> rounds.add(past(it)));
        json.add("history", rounds);
        JsonArray audits = new JsonArray();
        now.changes().forEach(it -> audits.add(it.asJson()));
        json.add("changes", audits);
        return GSON.toJson(json) + "\n";
    }

    private static JsonObject round(Round round) {
        JsonObject json = past(Past.of(round));
        json.addProperty("nextAt", round.endedAt().plus(round.nextIn()).toString());
        return json;
    }

    private static JsonObject past(Past past) {
        JsonObject json = new JsonObject();
        json.addProperty("number", past.number());
        json.addProperty("startedAt", past.at().toString());
        json.addProperty("tookMillis", past.took().toMillis());
        json.addProperty("rule", past.rule());
        json.addProperty("decision", past.decision());
        json.addProperty("result", past.result());
        json.addProperty("failed", past.failed());
        json.addProperty("converged", past.converged());
        return json;
    }

    private static JsonObject notice(Notice notice) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", lowerCase(notice.kind()));
        json.addProperty("detail", notice.detail());
        return json;
    }

    private static JsonObject condition(Condition condition) {
        JsonObject json = new JsonObject();
        json.addProperty("kind", lowerCase(condition.kind()));
        json.addProperty("message", condition.message());
        json.addProperty("wayOut", condition.wayOut());
        return json;
    }

    private static String lowerCase(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
