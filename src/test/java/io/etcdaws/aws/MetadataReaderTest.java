package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.aws.MetadataReader.Identified;
import io.etcdaws.aws.MetadataReader.MetadataFailed;
import io.etcdaws.aws.MetadataReader.Read;
import io.etcdaws.aws.MetadataReader.Reply;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MetadataReaderTest {
    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final Calls<String, Node> calls = new Calls<>();
    private final TestProbe<Reply> asker = kit.createTestProbe();
    private final ActorRef<MetadataReader.Command> reader = kit.spawn(MetadataReader.create(
            new InstanceMetadata() {
                @Override
                public CompletionStage<Node> node() {
                    return calls.ask("node");
                }

                @Override
                public CompletionStage<Optional<Notice>> notice() {
                    return CompletableFuture.completedFuture(Optional.empty());
                }
            },
            TestSettings.member().settings()));

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private static MetadataFailure failure(boolean retryable) {
        return new MetadataFailure("it is gone", retryable, null);
    }

    @Test
    void tellsWhichInstanceThisIs() {
        reader.tell(new Read(asker.ref()));
        calls.next().answer().complete(TestSettings.NODE);
        asker.expectMessage(new Identified(TestSettings.NODE));
    }

    @Test
    void readsOnceForAllWhoAskMeanwhile() {
        TestProbe<Reply> other = kit.createTestProbe();
        reader.tell(new Read(asker.ref()));
        var call = calls.next();
        reader.tell(new Read(other.ref()));
        calls.expectNone();
        call.answer().complete(TestSettings.NODE);
        asker.expectMessage(new Identified(TestSettings.NODE));
        other.expectMessage(new Identified(TestSettings.NODE));
    }

    @Test
    void readsAnewForWhoAsksLater() {
        tellsWhichInstanceThisIs();
        tellsWhichInstanceThisIs();
    }

    @Test
    void triesAgainAfterAWait() {
        reader.tell(new Read(asker.ref()));
        calls.next().answer().completeExceptionally(new CompletionException(failure(true)));
        calls.expectNone();
        time.timePasses(Duration.ofMillis(1001));
        calls.next().answer().complete(TestSettings.NODE);
        asker.expectMessage(new Identified(TestSettings.NODE));
    }

    @Test
    void failsAfterTheLastAttempt() {
        reader.tell(new Read(asker.ref()));
        for (int i = 0; i < 3; i++) {
            calls.next().answer().completeExceptionally(failure(true));
            if (i < 2) {
                calls.expectNone();
                time.timePasses(Duration.ofMillis(2001));
            }
        }
        asker.expectMessage(new MetadataFailed("it is gone"));
        time.timePasses(Duration.ofMinutes(1));
        calls.expectNone();
    }

    @Test
    void failsAtOnceWhereAnotherAttemptIsOfNoUse() {
        reader.tell(new Read(asker.ref()));
        calls.next().answer().completeExceptionally(failure(false));
        assertEquals(
                "it is gone", asker.expectMessageClass(MetadataFailed.class).message());
    }
}
