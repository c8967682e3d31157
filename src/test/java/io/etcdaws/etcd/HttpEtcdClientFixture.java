package io.etcdaws.etcd;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.PeerState;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;

/** A client and the two ports of one etcd, scripted. */
final class HttpEtcdClientFixture implements AutoCloseable {
    /** For what answers, however slow the machine is. */
    static final Duration PATIENT = Duration.ofSeconds(20);

    /** For what never answers. */
    static final Duration BRIEF = Duration.ofMillis(1500);

    final ActorTestKit testKit;
    final ScriptedServer clientPort;
    final ScriptedServer peerPort;
    private final Map<EtcdSettings.ApiChoice, HttpEtcdClient> clients = new EnumMap<>(EtcdSettings.ApiChoice.class);

    HttpEtcdClientFixture(ActorTestKit testKit) throws IOException {
        this.testKit = testKit;
        this.clientPort = ScriptedServer.plain();
        this.peerPort = ScriptedServer.plain();
    }

    private static EtcdSettings settings(EtcdSettings.ApiChoice api, Duration changeTimeout) {
        return new EtcdSettings(
                "http",
                "http",
                2379,
                2380,
                api,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty(),
                PATIENT,
                changeTimeout);
    }

    HttpEtcdClient client() {
        return client(EtcdSettings.ApiChoice.AUTO);
    }

    HttpEtcdClient client(EtcdSettings.ApiChoice api) {
        return clients.computeIfAbsent(
                api, choice -> HttpEtcdClient.create(testKit.system(), settings(choice, PATIENT), Credentials.none()));
    }

    HttpEtcdClient impatientClient() {
        return HttpEtcdClient.create(
                testKit.system(), settings(EtcdSettings.ApiChoice.AUTO, BRIEF), Credentials.none());
    }

    HttpEtcdClient clientWithPassword() {
        Credentials credentials = new Credentials(
                Optional.empty(), true, Optional.of(new Credentials.Login("root", "secret")), List.of(), List.of());
        return HttpEtcdClient.create(testKit.system(), settings(EtcdSettings.ApiChoice.AUTO, PATIENT), credentials);
    }

    Endpoint endpoint() {
        return at(clientPort.port(), peerPort.port());
    }

    static Endpoint at(int clientPort, int peerPort) {
        return new Endpoint(
                Address.parse("127.0.0.1"), "http://127.0.0.1:" + clientPort, "http://127.0.0.1:" + peerPort);
    }

    PeerState probe() {
        return probe(endpoint());
    }

    PeerState probe(Endpoint endpoint) {
        return await(client().probe(endpoint, PATIENT).answer());
    }

    PeerState probeBriefly() {
        return probeBriefly(endpoint());
    }

    PeerState probeBriefly(Endpoint endpoint) {
        return await(client().probe(endpoint, BRIEF).answer());
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    static EtcdException failure(CompletionStage<?> stage) {
        try {
            stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            return EtcdException.of(e);
        }
        throw new AssertionError("it succeeded");
    }

    @Override
    public void close() throws IOException {
        clientPort.close();
        peerPort.close();
    }
}
