package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.Calls.Call;
import io.etcdaws.aws.GroupScanner.LookUp;
import io.etcdaws.aws.GroupScanner.LookUpFailed;
import io.etcdaws.aws.GroupScanner.LookUpReply;
import io.etcdaws.aws.GroupScanner.LookedUp;
import io.etcdaws.aws.GroupScanner.Scan;
import io.etcdaws.aws.GroupScanner.ScanFailed;
import io.etcdaws.aws.GroupScanner.ScanReply;
import io.etcdaws.aws.GroupScanner.Scanned;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

class GroupScannerTest {
    private static final Node NODE = TestSettings.NODE;
    private static final Group GROUP = new Group("etcd", 3, List.of(), Optional.empty());
    private static final GroupSource.Found FOUND = new GroupSource.Found(Map.of(), Map.of());
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final InstanceId ONE = new InstanceId("i-00000001");
    private static final InstanceId TWO = new InstanceId("i-00000002");

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final Calls<Node, Group> scans = new Calls<>();
    private final Calls<Set<InstanceId>, GroupSource.Found> lookUps = new Calls<>();
    private final TestProbe<ScanReply> asker = kit.createTestProbe();
    private final TestProbe<LookUpReply> lookUpAsker = kit.createTestProbe();
    private volatile Instant now = NOON;
    private final ActorRef<GroupScanner.Command> scanner = kit.spawn(GroupScanner.create(
            new GroupSource() {
                @Override
                public CompletionStage<Group> scan(Node node) {
                    return scans.ask(node);
                }

                @Override
                public CompletionStage<Found> lookUp(Node node, Set<InstanceId> ids, Set<Address> addresses) {
                    return lookUps.ask(ids);
                }
            },
            TestSettings.member().settings(),
            () -> now));

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private static AwsFailure failure(Kind kind) {
        return switch (kind) {
            case UNREACHABLE ->
                AwsFailure.from("ec2:DescribeInstances", Unreachable.tooLate("http://ec2", Duration.ofSeconds(1)));
            case THROTTLED ->
                AwsFailure.from(
                        "ec2:DescribeInstances",
                        AwsServiceException.builder()
                                .statusCode(503)
                                .awsErrorDetails(AwsErrorDetails.builder()
                                        .errorCode("RequestLimitExceeded")
                                        .build())
                                .build());
            default -> AwsFailure.of(kind, "ec2:DescribeInstances", "no");
        };
    }

    private void scan(boolean fresh) {
        scanner.tell(new Scan(NODE, fresh, asker.ref()));
    }

    private void lookUp(InstanceId id) {
        scanner.tell(new LookUp(NODE, Set.of(id), Set.of(), lookUpAsker.ref()));
    }

    private void scanAtNoon() {
        scan(false);
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void answersWithTheGroupAndWhenItWasSeen() {
        scan(false);
        Call<Node, Group> call = scans.next();
        assertEquals(NODE, call.question());
        now = NOON.plusSeconds(2);
        call.answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON.plusSeconds(2)));
    }

    @Test
    void asksOnceForAllWhoWaitForTheSameScan() {
        scan(false);
        Call<Node, Group> call = scans.next();
        scan(true);
        scans.expectNone();
        call.answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void givesOutAYoungScanAgain() {
        scanAtNoon();
        now = NOON.plusSeconds(4);
        scan(false);
        asker.expectMessage(new Scanned(GROUP, NOON));
        scans.expectNone();
    }

    @Test
    void asksAgainForAFreshScan() {
        scanAtNoon();
        scan(true);
        scans.next();
    }

    @Test
    void asksAgainWhenTheLastScanIsOld() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(false);
        scans.next();
    }

    @Test
    void asksAgainWhenTheClockWasSetBack() {
        scanAtNoon();
        now = NOON.minusSeconds(1);
        scan(false);
        scans.next();
    }

    @Test
    void asksAgainForAnotherNode() {
        scanAtNoon();
        scanner.tell(new Scan(new Node(TWO, NODE.address(), NODE.region(), NODE.zone()), false, asker.ref()));
        scans.next();
    }

    @Test
    void triesAgainAfterAWait() {
        scan(false);
        scans.next().answer().completeExceptionally(failure(Kind.UNREACHABLE));
        scans.expectNone();
        time.timePasses(Duration.ofMillis(1001));
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void waitsLongerWhenThrottled() {
        scan(false);
        scans.next().answer().completeExceptionally(failure(Kind.THROTTLED));
        scans.expectNone();
        time.timePasses(Duration.ofMillis(1990));
        scans.expectNone();
        time.timePasses(Duration.ofMillis(2011));
        scans.next();
    }

    @Test
    void failsAfterTheLastAttempt() {
        AwsFailure failure = failure(Kind.UNREACHABLE);
        scan(false);
        for (int i = 0; i < 3; i++) {
            scans.next().answer().completeExceptionally(failure);
            if (i < 2) {
                scans.expectNone();
                time.timePasses(Duration.ofMillis(2001));
            }
        }
        asker.expectMessage(new ScanFailed(failure));
        time.timePasses(Duration.ofMinutes(1));
        scans.expectNone();
    }

    @Test
    void countsAttemptsAnewForEachRequest() {
        failsAfterTheLastAttempt();
        failsAfterTheLastAttempt();
    }

    @Test
    void failsAtOnceWhereAnotherAttemptIsOfNoUse() {
        AwsFailure failure = failure(Kind.DENIED);
        scan(false);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
        scans.expectNone();
    }

    @Test
    void doesNotGiveOutAnOldScanInPlaceOfAFailure() {
        scanAtNoon();
        AwsFailure failure = failure(Kind.NOT_FOUND);
        scan(true);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
    }

    @Test
    void answersLookUps() {
        lookUp(ONE);
        Call<Set<InstanceId>, GroupSource.Found> call = lookUps.next();
        assertEquals(Set.of(ONE), call.question());
        call.answer().complete(FOUND);
        lookUpAsker.expectMessage(new LookedUp(Map.of(), Map.of(), NOON));
    }

    @Test
    void answersALookUpWhileAScanAndOtherLookUpsAreUnderWay() {
        scan(false);
        scans.next();
        lookUp(ONE);
        lookUps.next();
        lookUp(TWO);
        Call<Set<InstanceId>, GroupSource.Found> second = lookUps.next();
        assertEquals(Set.of(TWO), second.question());
        second.answer().complete(FOUND);
        lookUpAsker.expectMessage(new LookedUp(Map.of(), Map.of(), NOON));
        asker.expectNoMessage(Duration.ofMillis(1));
    }

    @Test
    void triesLookUpsAgainEachByItself() {
        lookUp(ONE);
        lookUps.next().answer().completeExceptionally(failure(Kind.UNREACHABLE));
        lookUp(TWO);
        lookUps.next().answer().completeExceptionally(failure(Kind.UNREACHABLE));
        lookUps.expectNone();
        time.timePasses(Duration.ofMillis(1001));
        Set<InstanceId> first = lookUps.next().question();
        Set<InstanceId> second = lookUps.next().question();
        assertEquals(Set.of(Set.of(ONE), Set.of(TWO)), Set.of(first, second));
    }

    @Test
    void tellsThatALookUpFailed() {
        AwsFailure failure = failure(Kind.DENIED);
        lookUp(ONE);
        lookUps.next().answer().completeExceptionally(failure);
        lookUpAsker.expectMessage(new LookUpFailed(failure));
    }
}
