package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.Calls.Call;
import io.etcdaws.aws.GroupScanner.Depth;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

class GroupScannerTest {
    private static final Node NODE = TestSettings.NODE;
    private static final Group GROUP = new Group("etcd", 3, List.of(), Optional.empty());
    private static final Group GROWN = new Group("etcd", 5, List.of(), Optional.empty());
    private static final GroupSource.Found FOUND = new GroupSource.Found(Map.of(), Map.of());
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
    private static final InstanceId ONE = new InstanceId("i-00000001");
    private static final InstanceId TWO = new InstanceId("i-00000002");

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private final Calls<Node, Group> scans = new Calls<>();
    private final Calls<Group, Optional<Group>> rescans = new Calls<>();
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
                public CompletionStage<Optional<Group>> rescan(Node node, Group known) {
                    return rescans.ask(known);
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

    private void scan(Depth depth) {
        scanner.tell(new Scan(NODE, depth, asker.ref()));
    }

    private void lookUp(InstanceId id) {
        scanner.tell(new LookUp(NODE, Set.of(id), Set.of(), lookUpAsker.ref()));
    }

    private void scanAtNoon() {
        scan(Depth.FULL);
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void answersWithTheGroupAndWhenItWasSeen() {
        scan(Depth.FULL);
        Call<Node, Group> call = scans.next();
        assertEquals(NODE, call.question());
        now = NOON.plusSeconds(2);
        call.answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON.plusSeconds(2)));
    }

    @Test
    void asksOnceForAllWhoWaitForTheSameScan() {
        scan(Depth.FULL);
        Call<Node, Group> call = scans.next();
        scan(Depth.FULL);
        scans.expectNone();
        call.answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void givesOutAYoungScanAgain() {
        scanAtNoon();
        now = NOON.plusSeconds(4);
        scan(Depth.FULL);
        asker.expectMessage(new Scanned(GROUP, NOON));
        scans.expectNone();
    }

    @Test
    void asksAgainWhenTheLastScanIsOld() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.FULL);
        scans.next();
    }

    @Test
    void asksAgainWhenTheClockWasSetBack() {
        scanAtNoon();
        now = NOON.minusSeconds(1);
        scan(Depth.FULL);
        scans.next();
    }

    @Test
    void asksAgainForAnotherNode() {
        scanAtNoon();
        scanner.tell(new Scan(new Node(TWO, NODE.address(), NODE.region(), NODE.zone()), Depth.FULL, asker.ref()));
        scans.next();
    }

    @Test
    void triesAgainAfterAWait() {
        scan(Depth.FULL);
        scans.next().answer().completeExceptionally(failure(Kind.UNREACHABLE));
        scans.expectNone();
        time.timePasses(Duration.ofMillis(1001));
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
    }

    @Test
    void waitsLongerWhenThrottled() {
        scan(Depth.FULL);
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
        scan(Depth.FULL);
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
        scan(Depth.FULL);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
        scans.expectNone();
    }

    @Test
    void doesNotGiveOutAnOldScanInPlaceOfAFailure() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        AwsFailure failure = failure(Kind.DENIED);
        scan(Depth.FULL);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"NOT_IN_GROUP", "NOT_FOUND", "AMBIGUOUS"})
    void givesOutAgainThatTheGroupIsNotThere(Kind kind) {
        AwsFailure failure = failure(kind);
        scan(Depth.FULL);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
        now = NOON.plusSeconds(4);
        scan(Depth.FULL);
        scan(Depth.LIGHT);
        asker.expectMessage(new ScanFailed(failure));
        asker.expectMessage(new ScanFailed(failure));
        scans.expectNone();
        now = NOON.plusSeconds(5);
        scan(Depth.FULL);
        scans.next();
    }

    @Test
    void doesNotGiveOutAgainThatAwsCouldNotBeAsked() {
        AwsFailure failure = failure(Kind.DENIED);
        scan(Depth.FULL);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
        scan(Depth.FULL);
        scans.next();
    }

    @Test
    void buildsALightScanOnTheLastFullOne() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.LIGHT);
        Call<Group, Optional<Group>> call = rescans.next();
        assertEquals(GROUP, call.question());
        call.answer().complete(Optional.of(GROWN));
        asker.expectMessage(new Scanned(GROWN, NOON.plusSeconds(5)));
        scans.expectNone();
    }

    @Test
    void givesOutAYoungScanOfEitherDepthToALightQuestion() {
        buildsALightScanOnTheLastFullOne();
        now = NOON.plusSeconds(9);
        scan(Depth.LIGHT);
        asker.expectMessage(new Scanned(GROWN, NOON.plusSeconds(5)));
        scan(Depth.FULL);
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, now));
        now = NOON.plusSeconds(13);
        scan(Depth.LIGHT);
        asker.expectMessage(new Scanned(GROUP, NOON.plusSeconds(9)));
        rescans.expectNone();
    }

    @Test
    void asksAgainWhenTheLastLightScanIsOld() {
        buildsALightScanOnTheLastFullOne();
        now = NOON.plusSeconds(10);
        scan(Depth.LIGHT);
        assertEquals(GROUP, rescans.next().question());
    }

    @Test
    void scansInFullForALightQuestionWhenThereWasNoScan() {
        scan(Depth.LIGHT);
        scans.next().answer().complete(GROUP);
        asker.expectMessage(new Scanned(GROUP, NOON));
        rescans.expectNone();
    }

    @Test
    void scansInFullForALightQuestionWhenTheLastFullScanIsTooOldToBeBuiltOn() {
        scanAtNoon();
        now = NOON.plus(Duration.ofMinutes(10));
        scan(Depth.LIGHT);
        scans.next();
        rescans.expectNone();
    }

    @Test
    void scansInFullForALightQuestionWhenTheGroupWasNotThereLast() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.FULL);
        AwsFailure failure = failure(Kind.NOT_IN_GROUP);
        scans.next().answer().completeExceptionally(failure);
        asker.expectMessage(new ScanFailed(failure));
        now = NOON.plusSeconds(10);
        scan(Depth.LIGHT);
        scans.next();
        rescans.expectNone();
    }

    @Test
    void scansInFullWhenALightScanFindsAnotherGroupThanBefore() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.LIGHT);
        rescans.next().answer().complete(Optional.empty());
        scans.next().answer().complete(GROWN);
        asker.expectMessage(new Scanned(GROWN, NOON.plusSeconds(5)));
        // It counts as the full scan that it was.
        scan(Depth.FULL);
        asker.expectMessage(new Scanned(GROWN, NOON.plusSeconds(5)));
        scans.expectNone();
    }

    @Test
    void answersAFullQuestionWithAFullScanThoughALightOneIsUnderWay() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        TestProbe<ScanReply> other = kit.createTestProbe();
        scan(Depth.LIGHT);
        Call<Group, Optional<Group>> light = rescans.next();
        scanner.tell(new Scan(NODE, Depth.FULL, other.ref()));
        Call<Node, Group> full = scans.next();
        light.answer().complete(Optional.of(GROUP));
        asker.expectMessage(new Scanned(GROUP, now));
        other.expectNoMessage(Duration.ofMillis(1));
        full.answer().complete(GROWN);
        other.expectMessage(new Scanned(GROWN, now));
    }

    @Test
    void asksOnceWhenALightScanTurnsOutToBeAFullOneThatIsUnderWay() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.LIGHT);
        Call<Group, Optional<Group>> light = rescans.next();
        scan(Depth.FULL);
        Call<Node, Group> full = scans.next();
        light.answer().complete(Optional.empty());
        scans.expectNone();
        full.answer().complete(GROWN);
        asker.expectMessage(new Scanned(GROWN, now));
        asker.expectMessage(new Scanned(GROWN, now));
    }

    @Test
    void letsALightQuestionWaitForTheFullScanThatIsUnderWay() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.FULL);
        Call<Node, Group> full = scans.next();
        scan(Depth.LIGHT);
        rescans.expectNone();
        full.answer().complete(GROWN);
        asker.expectMessage(new Scanned(GROWN, now));
        asker.expectMessage(new Scanned(GROWN, now));
    }

    @Test
    void triesALightScanAgainAfterAWait() {
        scanAtNoon();
        now = NOON.plusSeconds(5);
        scan(Depth.LIGHT);
        rescans.next().answer().completeExceptionally(failure(Kind.UNREACHABLE));
        rescans.expectNone();
        time.timePasses(Duration.ofMillis(1001));
        rescans.next().answer().complete(Optional.of(GROWN));
        asker.expectMessage(new Scanned(GROWN, now));
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
        scan(Depth.FULL);
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
