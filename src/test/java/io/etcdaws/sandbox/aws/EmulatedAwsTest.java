package io.etcdaws.sandbox.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.etcdaws.aws.PekkoSdkHttpClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingAsyncClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.Filter;
import software.amazon.awssdk.services.autoscaling.model.Tag;
import software.amazon.awssdk.services.ec2.Ec2AsyncClient;
import software.amazon.awssdk.services.ec2.model.Instance;

/** What the AWS SDK makes of the emulated AWS. {@code SandboxAwsIT} compares it with another emulation. */
class EmulatedAwsTest {
    private final ActorTestKit kit = ActorTestKit.create();
    private final StaticCredentialsProvider credentials =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret"));
    private final PekkoSdkHttpClient http = PekkoSdkHttpClient.create(kit.system(), Duration.ofSeconds(5));
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Cloud cloud = new Cloud("a group & more", "127.77.9", 3, () -> now);
    private final EmulatedAws aws = EmulatedAws.of(kit.system(), cloud);
    private final URI apis =
            URI.create(aws.serveApis("127.0.0.1").toCompletableFuture().join());
    private final AutoScalingAsyncClient autoScaling = AutoScalingAsyncClient.builder()
            .region(Region.US_EAST_1)
            .endpointOverride(apis)
            .credentialsProvider(credentials)
            .httpClient(http)
            .build();
    private final Ec2AsyncClient ec2 = Ec2AsyncClient.builder()
            .region(Region.US_EAST_1)
            .endpointOverride(apis)
            .credentialsProvider(credentials)
            .httpClient(http)
            .build();

    @BeforeEach
    void launch() {
        cloud.advance();
        pass(2);
    }

    @AfterEach
    void close() {
        kit.shutdownTestKit();
    }

    @Test
    void describesTheGroup() {
        AutoScalingGroup group = group();
        assertEquals("a group & more", group.autoScalingGroupName());
        assertEquals(3, group.desiredCapacity());
        assertEquals(
                List.of(
                        "i-00000001 Pending:Wait us-east-1a",
                        "i-00000002 Pending:Wait us-east-1b",
                        "i-00000003 Pending:Wait us-east-1c"),
                group.instances().stream()
                        .map(it -> it.instanceId() + " " + it.lifecycleStateAsString() + " " + it.availabilityZone())
                        .toList());
        assertEquals(
                List.of("a group & more"),
                autoScaling
                        .describeAutoScalingInstances(it -> it.instanceIds("i-00000002"))
                        .join()
                        .autoScalingInstances()
                        .stream()
                        .map(it -> it.autoScalingGroupName())
                        .toList());
    }

    @Test
    void findsTheGroupByItsTags() {
        assertEquals(0, tagged("<mark>"));
        autoScaling
                .createOrUpdateTags(it -> it.tags(Tag.builder()
                        .resourceType("auto-scaling-group")
                        .resourceId("a group & more")
                        .key("cluster")
                        .value("<mark>")
                        .propagateAtLaunch(false)
                        .build()))
                .join();
        assertEquals(1, tagged("<mark>"));
        assertEquals("<mark>", group().tags().get(0).value());
    }

    private int tagged(String value) {
        return autoScaling
                .describeAutoScalingGroups(it -> it.filters(
                        Filter.builder().name("tag-value").values(value).build()))
                .join()
                .autoScalingGroups()
                .size();
    }

    @Test
    void completesHooksOnce() {
        complete("etcd-aws-launch", "i-00000001");
        assertEquals("InService", group().instances().get(0).lifecycleStateAsString());
        AwsErrorDetails refusal = refused(() -> complete("etcd-aws-launch", "i-00000001"));
        assertEquals("ValidationError", refusal.errorCode());
        assertEquals("No active Lifecycle Action found with instance ID i-00000001", refusal.errorMessage());
    }

    @Test
    void retiresAnInstanceThatItsMetadataTell() throws Exception {
        complete("etcd-aws-launch", "i-00000001");
        CloudInstance instance = cloud.instances().get(0);
        String metadata = aws.serveMetadata(instance).toCompletableFuture().join();
        String state = metadata + "/latest/meta-data/autoscaling/target-lifecycle-state";
        String token = token(metadata);
        assertEquals("InService", get(state, token).body());
        autoScaling
                .terminateInstanceInAutoScalingGroup(
                        it -> it.instanceId("i-00000001").shouldDecrementDesiredCapacity(true))
                .join();
        assertEquals("Terminated", get(state, token).body());
        assertEquals(2, group().desiredCapacity());
        complete("etcd-aws-terminate", "i-00000001");
        pass(2);
        assertEquals(2, group().instances().size());
    }

    @Test
    void wantsATokenForMetadata() throws Exception {
        String metadata = aws.serveMetadata(cloud.instances().get(1))
                .toCompletableFuture()
                .join();
        String document = metadata + "/latest/dynamic/instance-identity/document";
        assertEquals(401, get(document, "none").statusCode());
        assertEquals(
                404,
                get(metadata + "/latest/meta-data/spot/instance-action", token(metadata))
                        .statusCode());
        assertEquals(200, get(document, token(metadata)).statusCode());
    }

    @Test
    void describesInstancesUntilTheyAreTerminatedAndAfter() {
        Instance running = instance("network-interface.addresses.private-ip-address", "127.77.9.2");
        assertEquals("i-00000002", running.instanceId());
        assertEquals("127.77.9.2", running.networkInterfaces().get(0).privateIpAddress());
        ec2.terminateInstances(it -> it.instanceIds("i-00000002")).join();
        Instance terminated = instance("instance-id", "i-00000002");
        assertEquals("terminated", terminated.state().nameAsString());
        assertEquals(null, terminated.privateIpAddress());
        assertEquals(List.of(), terminated.networkInterfaces());
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertEquals("InvalidAction", refused(() -> ec2.describeVpcs().join()).errorCode());
    }

    private static AwsErrorDetails refused(Executable call) {
        Throwable cause = assertThrows(CompletionException.class, call).getCause();
        return Objects.requireNonNull((AwsServiceException) cause).awsErrorDetails();
    }

    private Instance instance(String filter, String value) {
        return ec2.describeInstances(it -> it.filters(software.amazon.awssdk.services.ec2.model.Filter.builder()
                        .name(filter)
                        .values(value, "another")
                        .build()))
                .join()
                .reservations()
                .get(0)
                .instances()
                .get(0);
    }

    private AutoScalingGroup group() {
        return autoScaling
                .describeAutoScalingGroups(it -> it.autoScalingGroupNames("a group & more"))
                .join()
                .autoScalingGroups()
                .get(0);
    }

    private void complete(String hook, String instance) {
        autoScaling
                .completeLifecycleAction(it -> it.autoScalingGroupName("a group & more")
                        .lifecycleHookName(hook)
                        .instanceId(instance)
                        .lifecycleActionResult("CONTINUE"))
                .join();
    }

    private static String token(String metadata) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(metadata + "/latest/api/token"))
                .header("X-aws-ec2-metadata-token-ttl-seconds", "60")
                .PUT(BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    private static HttpResponse<String> get(String url, String token) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .header("X-aws-ec2-metadata-token", token)
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }

    private void pass(int seconds) {
        now = now.plus(Duration.ofSeconds(seconds));
        cloud.advance();
    }
}
