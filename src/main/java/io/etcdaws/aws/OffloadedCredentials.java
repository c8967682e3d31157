package io.etcdaws.aws;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;

/**
 * The AWS SDK's default credentials chain, asked on the dispatcher for blocking work: it reads files, runs a profile's
 * process and asks instance metadata, all while it blocks its thread. The SDK caches and renews what it finds.
 */
final class OffloadedCredentials implements IdentityProvider<AwsCredentialsIdentity> {
    private static final String REASONS_START = ") : [";

    private final ActorSystem<?> system;
    private final Executor blocking;
    private final Duration timeout;

    private final DefaultCredentialsProvider chain =
            DefaultCredentialsProvider.builder().build();

    OffloadedCredentials(ActorSystem<?> system, Duration timeout) {
        this.system = system;
        this.blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
        this.timeout = timeout;
    }

    @Override
    public Class<AwsCredentialsIdentity> identityType() {
        return AwsCredentialsIdentity.class;
    }

    @Override
    public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
        CompletableFuture<AwsCredentialsIdentity> credentials = new CompletableFuture<>();
        Cancellable alarm = system.scheduler()
                .scheduleOnce(
                        timeout,
                        () -> credentials.completeExceptionally(new CredentialsMissing(
                                "the search for them took longer than " + timeout.toMillis() + " ms", null)),
                        system.executionContext());
        blocking.execute(() -> {
            try {
                credentials.complete(chain.resolveCredentials());
            } catch (RuntimeException e) {
                credentials.completeExceptionally(new CredentialsMissing(reasons(String.valueOf(e.getMessage())), e));
            } finally {
                alarm.cancel();
            }
        });
        return credentials;
    }

    /** Ends what the chain has started. */
    void close() {
        chain.close();
    }

    /** The SDK's message without the list of the chain's sources, which stands before what each of them says. */
    private static String reasons(String message) {
        int list = message.indexOf(REASONS_START);
        return list < 0 ? message : message.substring(list + REASONS_START.length() - 1);
    }
}
