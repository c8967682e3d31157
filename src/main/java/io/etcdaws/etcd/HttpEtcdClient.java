package io.etcdaws.etcd;

import io.etcdaws.etcd.EtcdException.Kind;
import io.etcdaws.etcd.Exchange.Purpose;
import io.etcdaws.etcd.MembersApi.Dialect;
import io.etcdaws.membership.Endpoint;
import io.etcdaws.membership.Member;
import io.etcdaws.membership.MemberId;
import io.etcdaws.membership.PeerState;
import io.etcdaws.membership.PeerUrl;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * Speaks to real etcds, from 2.3 to 3.6, over HTTP: through the JSON gateway of the v3 API, or through the v2 API.
 *
 * <p>What only asks goes over connections that are kept, see {@link Connections}; what changes something has one of its own.
 * Thread-safe.
 */
public final class HttpEtcdClient implements EtcdClient {
    private static final int MOST_DIALECTS = 200;

    /** Everything that follows from one set of credentials. */
    private record Session(Connections connections, Tokens tokens) {
        Credentials credentials() {
            return connections.credentials();
        }
    }

    private final ActorSystem<?> system;
    private final EtcdSettings settings;
    private final Connection.Making making;
    private final Map<String, Dialect> dialects = new ConcurrentHashMap<>();
    private volatile Session session;

    private HttpEtcdClient(ActorSystem<?> system, EtcdSettings settings, Credentials credentials) {
        this.system = system;
        this.settings = settings;
        this.making = Connection.Making.of(system);
        this.session = new Session(new Connections(making, credentials), new Tokens());
    }

    /** A client that shows these credentials until it is given others. */
    public static HttpEtcdClient create(ActorSystem<?> system, EtcdSettings settings, Credentials credentials) {
        return new HttpEtcdClient(system, settings, credentials);
    }

    /** Shows these credentials from the next call on; what is under way goes on with those it began with. */
    public void use(Credentials credentials) {
        Session before = session;
        if (before.credentials() != credentials) {
            session = new Session(new Connections(making, credentials), new Tokens());
            before.connections().close();
        }
    }

    @Override
    public Call<PeerState> probe(Endpoint peer, Duration deadline) {
        Session current = session;
        // What is known must be put together and be told before the deadline of the one who asks.
        Duration forAnswers = deadline.minus(margin(deadline));
        Conversation conversation = new Conversation(system, current.connections(), Purpose.QUESTION, forAnswers);
        CompletionStage<PeerState> state = new PeerProbe(
                        conversation,
                        clientPort(conversation, current, peer),
                        new PeerPort(conversation, peer.peerUrl()))
                .run();
        CompletionStage<PeerState> answer = state.whenComplete((seen, failure) -> conversation.close());
        return new Call<>() {
            @Override
            public CompletionStage<PeerState> answer() {
                return answer;
            }

            @Override
            public void cancel() {
                conversation.close();
            }

            @Override
            public String pending() {
                return conversation.pending();
            }
        };
    }

    private static Duration margin(Duration deadline) {
        Duration tenth = deadline.dividedBy(10);
        Duration most = Duration.ofMillis(200);
        return tenth.compareTo(most) < 0 ? tenth : most;
    }

    @Override
    public CompletionStage<MemberList> members(Endpoint via, boolean quorumRead) {
        return call(via, api -> api.members(quorumRead));
    }

    @Override
    public CompletionStage<List<Member>> add(Endpoint via, PeerUrl peerUrl, boolean learner) {
        return call(via, api -> api.add(peerUrl, learner));
    }

    @Override
    public CompletionStage<List<Member>> remove(Endpoint via, MemberId member) {
        return call(via, api -> api.remove(member));
    }

    @Override
    public CompletionStage<List<Member>> promote(Endpoint via, MemberId member) {
        return call(via, api -> api.promote(member));
    }

    @Override
    public CompletionStage<List<Member>> update(Endpoint via, MemberId member, PeerUrl peerUrl) {
        return call(via, api -> api.update(member, peerUrl));
    }

    @Override
    public CompletionStage<Void> moveLeader(Endpoint leader, MemberId target) {
        return call(leader, api -> api.moveLeader(target));
    }

    @Override
    public Duration lockLasts() {
        Duration threeCalls = settings.changeTimeout().multipliedBy(3);
        return threeCalls.compareTo(SHORTEST_LOCK) > 0 ? threeCalls : SHORTEST_LOCK;
    }

    @Override
    public CompletionStage<LockAttempt> lock(Endpoint via, String holder) {
        return call(via, api -> api.lock(holder, lockLasts()));
    }

    @Override
    public CompletionStage<Void> unlock(Endpoint via, Lock lock) {
        return call(via, api -> {
            if (api.dialect().api() != lock.api()) {
                throw new EtcdException(Kind.UNSUPPORTED, via + " does not speak " + lock.api() + " any more");
            }
            return api.unlock(lock);
        });
    }

    private <T> CompletionStage<T> call(Endpoint via, Function<MembersApi, CompletionStage<T>> request) {
        Session current = session;
        Conversation conversation =
                new Conversation(system, current.connections(), Purpose.CHANGE, settings.changeTimeout());
        return api(clientPort(conversation, current, via), via)
                .thenCompose(request)
                .whenComplete((answer, failure) -> {
                    conversation.close();
                    if (failure != null && EtcdException.of(failure).kind() == Kind.UNSUPPORTED) {
                        // Perhaps another version runs there now.
                        dialects.remove(via.clientUrl());
                    }
                });
    }

    private CompletionStage<MembersApi> api(ClientPort port, Endpoint via) {
        Dialect known = dialects.get(via.clientUrl());
        if (known != null) {
            return CompletableFuture.completedFuture(port.speaking(known));
        }
        return port.version().thenCompose(port::find).thenApply(found -> {
            if (dialects.size() >= MOST_DIALECTS) {
                // Addresses come and go; finding out again costs two requests.
                dialects.clear();
            }
            dialects.put(via.clientUrl(), found.api().dialect());
            return found.api();
        });
    }

    private ClientPort clientPort(Conversation conversation, Session current, Endpoint at) {
        return new ClientPort(
                conversation,
                at.clientUrl(),
                settings.api(),
                current.credentials().login(),
                current.tokens());
    }
}
