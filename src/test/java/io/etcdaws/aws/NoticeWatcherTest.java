package io.etcdaws.aws;

import io.etcdaws.aws.NoticeWatcher.Event;
import io.etcdaws.aws.NoticeWatcher.Noticed;
import io.etcdaws.aws.NoticeWatcher.NoticesUnknown;
import io.etcdaws.membership.Node;
import io.etcdaws.membership.Notice;
import io.etcdaws.membership.Notice.Kind;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NoticeWatcherTest {
    private static final Notice RISK = new Notice(Kind.AT_RISK, "a recommendation");
    private static final Notice END = new Notice(Kind.TERMINATING, "it ends");
    /** The interval is ten seconds, give or take one. */
    private static final Duration SHORTEST = Duration.ofMillis(8999);

    private static final Duration LONGEST = Duration.ofMillis(11001);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final Calls<String, Optional<Notice>> readings = new Calls<>();
    private final TestProbe<Event> subscriber = kit.createTestProbe();

    @BeforeEach
    void watch() {
        kit.spawn(NoticeWatcher.create(
                new InstanceMetadata() {
                    @Override
                    public CompletionStage<Node> node() {
                        return CompletableFuture.completedFuture(TestSettings.NODE);
                    }

                    @Override
                    public CompletionStage<Optional<Notice>> notice() {
                        return readings.ask("notice");
                    }
                },
                Duration.ofSeconds(10),
                subscriber.ref()));
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private void reads(Optional<Notice> notice) {
        readings.next().answer().complete(notice);
    }

    private void fails(String message) {
        readings.next().answer().completeExceptionally(new CompletionException(failure(message)));
    }

    private static MetadataFailure failure(String message) {
        return new MetadataFailure(message, true, null);
    }

    /** Waits until the actor has taken the last answer, and then for the next reading. */
    private void anIntervalLater() {
        readings.expectNone();
        time.timePasses(LONGEST);
    }

    private void tellsNothing() {
        subscriber.expectNoMessage(Duration.ofMillis(1));
    }

    @Test
    void tellsTheFirstAnswerThoughItIsNothing() {
        reads(Optional.empty());
        subscriber.expectMessage(new Noticed(Optional.empty()));
    }

    @Test
    void tellsWhatChangesAndNothingElse() {
        reads(Optional.empty());
        subscriber.expectMessage(new Noticed(Optional.empty()));
        anIntervalLater();
        reads(Optional.empty());
        anIntervalLater();
        tellsNothing();
        reads(Optional.of(RISK));
        subscriber.expectMessage(new Noticed(Optional.of(RISK)));
        anIntervalLater();
        reads(Optional.of(RISK));
        anIntervalLater();
        tellsNothing();
        reads(Optional.of(END));
        subscriber.expectMessage(new Noticed(Optional.of(END)));
        anIntervalLater();
        reads(Optional.empty());
        subscriber.expectMessage(new Noticed(Optional.empty()));
    }

    @Test
    void readsAgainAfterAboutAnInterval() {
        reads(Optional.empty());
        readings.expectNone();
        time.timePasses(SHORTEST);
        readings.expectNone();
        time.timePasses(LONGEST.minus(SHORTEST));
        readings.next();
    }

    @Test
    void readsOnceAtATime() {
        readings.next();
        time.timePasses(Duration.ofMinutes(1));
        readings.expectNone();
    }

    @Test
    void tellsOnceThatReadingsFailAndGoesOn() {
        fails("it is gone");
        subscriber.expectMessage(new NoticesUnknown("it is gone"));
        anIntervalLater();
        fails("it is gone");
        anIntervalLater();
        tellsNothing();
        fails("it answers 503");
        subscriber.expectMessage(new NoticesUnknown("it answers 503"));
    }

    @Test
    void tellsAgainAfterAFewMinutesThatReadingsFail() {
        fails("it is gone");
        subscriber.expectMessage(new NoticesUnknown("it is gone"));
        for (int i = 0; i < 27; i++) {
            anIntervalLater();
            fails("it is gone");
        }
        // At most 297 seconds have passed.
        anIntervalLater();
        tellsNothing();
        fails("it is gone");
        subscriber.expectMessage(new NoticesUnknown("it is gone"));
    }

    @Test
    void tellsWhatIsSoWhenItIsKnownAgain() {
        reads(Optional.empty());
        subscriber.expectMessage(new Noticed(Optional.empty()));
        anIntervalLater();
        fails("it is gone");
        subscriber.expectMessage(new NoticesUnknown("it is gone"));
        anIntervalLater();
        reads(Optional.empty());
        subscriber.expectMessage(new Noticed(Optional.empty()));
        time.timePasses(Duration.ofMinutes(6));
        reads(Optional.empty());
        anIntervalLater();
        tellsNothing();
    }
}
