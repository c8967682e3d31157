package io.etcdaws.sandbox;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.sandbox.Machine.EtcdState;
import io.etcdaws.sandbox.NodeSight.PastRound;
import io.etcdaws.sandbox.NodeSight.Verdict;
import io.etcdaws.sandbox.aws.Cloud;
import io.etcdaws.sandbox.aws.CloudInstance;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpRequest;

/** Looks at everything: the group, each node's status as its daemon tells it, and the members as etcd tells them. */
final class Watcher {
    /** Whoever takes longer is not seen this time. A machine with much to do takes its time. */
    private static final Duration MOST = Duration.ofSeconds(2);

    private static final int MAX_BODY_BYTES = 4 * 1024 * 1024;

    private final ActorSystem<?> system;
    private final Cloud cloud;
    private final Network network;

    Watcher(ActorSystem<?> system, Cloud cloud, Network network) {
        this.system = system;
        this.cloud = cloud;
        this.network = network;
    }

    /** What one node's programs said; empty where they did not. */
    private record Answers(
            CompletableFuture<Optional<JsonObject>> status,
            CompletableFuture<Optional<JsonObject>> members,
            CompletableFuture<Optional<JsonObject>> etcd) {}

    /** Looks once, which takes as long as the slowest answer, and never long. */
    Sight look(Map<String, Machine> machines) {
        Map<String, Answers> asked = new LinkedHashMap<>();
        machines.forEach((id, machine) -> asked.put(id, ask(machine)));
        List<MemberSight> members = members(asked.values().stream().toList());
        List<NodeSight> nodes = cloud.instances().stream()
                .filter(CloudInstance::inGroup)
                .map(instance -> node(
                        instance,
                        Optional.ofNullable(machines.get(instance.id())),
                        Optional.ofNullable(asked.get(instance.id())),
                        members))
                .toList();
        List<MemberSight> strays = members.stream()
                .filter(member -> nodes.stream().noneMatch(node -> isOf(member, node.instance())))
                .toList();
        return new Sight(cloud.group(), cloud.desired(), cloud.refreshing(), nodes, strays);
    }

    private Answers ask(Machine machine) {
        CompletableFuture<Optional<JsonObject>> status = json(HttpRequest.GET(machine.managementUrl() + "/status"));
        if (machine.etcdState() == EtcdState.HANGS) {
            CompletableFuture<Optional<JsonObject>> silence = CompletableFuture.completedFuture(Optional.empty());
            return new Answers(status, silence, silence);
        }
        return new Answers(
                status,
                json(HttpRequest.POST(machine.etcdUrl() + "/v3/cluster/member/list")
                        .withEntity(ContentTypes.APPLICATION_JSON, "{}")),
                json(HttpRequest.POST(machine.etcdUrl() + "/v3/maintenance/status")
                        .withEntity(ContentTypes.APPLICATION_JSON, "{}")));
    }

    private CompletableFuture<Optional<JsonObject>> json(HttpRequest request) {
        CompletionStage<Optional<JsonObject>> answer = Http.get(system)
                .singleRequest(request)
                .thenCompose(response -> response.entity()
                        .toStrict(MOST.toMillis(), MAX_BODY_BYTES, system)
                        .thenApply(body -> response.status().isSuccess()
                                ? Optional.of(
                                        JsonParser.parseString(body.getData().utf8String())
                                                .getAsJsonObject())
                                : Optional.<JsonObject>empty()));
        return answer.toCompletableFuture()
                .exceptionally(failure -> Optional.empty())
                .completeOnTimeout(Optional.empty(), MOST.toMillis(), TimeUnit.MILLISECONDS);
    }

    private NodeSight node(
            CloudInstance instance, Optional<Machine> machine, Optional<Answers> asked, List<MemberSight> members) {
        Optional<JsonObject> status = asked.flatMap(answers -> answers.status().join());
        return new NodeSight(
                instance,
                machine.map(Machine::etcdState),
                network.isCutOff(instance.id()),
                members.stream().filter(member -> isOf(member, instance)).findFirst(),
                status.flatMap(Watcher::verdict),
                status.flatMap(it -> machine.map(on -> rounds(it, on.daemonStarts())))
                        .orElse(List.of()));
    }

    private static boolean isOf(MemberSight member, CloudInstance instance) {
        return member.name().equals(instance.id())
                || (member.name().isEmpty() && member.address().equals(instance.address()));
    }

    /** The members as the leader lists them; else as anyone does. */
    private static List<MemberSight> members(List<Answers> asked) {
        Optional<Answers> leader = asked.stream()
                .filter(answers -> answers.members().join().isPresent())
                .filter(answers -> answers.etcd()
                        .join()
                        .filter(etcd -> number(etcd, "leader").equals(ownId(etcd)))
                        .isPresent())
                .findFirst();
        Optional<String> leaderId =
                leader.flatMap(answers -> answers.etcd().join()).map(etcd -> number(etcd, "leader"));
        return leader.or(() -> asked.stream()
                        .filter(answers -> answers.members().join().isPresent())
                        .findFirst())
                .flatMap(answers -> answers.members().join())
                .map(list -> array(list, "members").stream()
                        .map(member -> member(member, leaderId.orElse("")))
                        .toList())
                .orElse(List.of());
    }

    private static MemberSight member(JsonObject json, String leader) {
        String id = number(json, "ID");
        List<String> urls = new ArrayList<>();
        Optional.ofNullable(json.getAsJsonArray("peerURLs"))
                .ifPresent(all -> all.forEach(url -> urls.add(url.getAsString())));
        String host = urls.isEmpty() ? "" : URI.create(urls.get(0)).getHost();
        boolean learner = json.has("isLearner") && json.get("isLearner").getAsBoolean();
        return new MemberSight(new BigInteger(id).toString(16), text(json, "name"), host, learner, id.equals(leader));
    }

    private static String ownId(JsonObject etcd) {
        return etcd.has("header") ? number(etcd.getAsJsonObject("header"), "member_id") : "";
    }

    private static Optional<Verdict> verdict(JsonObject status) {
        if (!status.has("round")) {
            return Optional.empty();
        }
        JsonObject round = status.getAsJsonObject("round");
        JsonObject decision = status.has("decision") ? status.getAsJsonObject("decision") : new JsonObject();
        boolean decided = !text(round, "decision").isEmpty();
        return Optional.of(new Verdict(
                text(round, "rule"),
                NodeSight.shortened(decided ? text(decision, "summary") : text(round, "result")),
                NodeSight.shortened(decided ? text(decision, "why") : ""),
                round.get("converged").getAsBoolean()));
    }

    /** The rounds that a status tells of. Its times are no names: they move a little each time they are told. */
    static List<PastRound> rounds(JsonObject status, int daemon) {
        List<PastRound> rounds = new ArrayList<>();
        for (JsonObject round : array(status, "history")) {
            String decision = text(round, "decision");
            rounds.add(
                    0,
                    new PastRound(
                            daemon,
                            round.get("number").getAsLong(),
                            text(round, "rule"),
                            NodeSight.shortened(decision.isEmpty() ? text(round, "result") : decision)));
        }
        return rounds;
    }

    private static List<JsonObject> array(JsonObject json, String name) {
        JsonArray array = json.has(name) ? json.getAsJsonArray(name) : new JsonArray();
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .toList();
    }

    /** A number of 64 bits, which etcd spells as text. */
    private static String number(JsonObject json, String name) {
        return json.has(name) ? json.get(name).getAsString() : "0";
    }

    private static String text(JsonObject json, String name) {
        return json.has(name) ? json.get(name).getAsString() : "";
    }
}
