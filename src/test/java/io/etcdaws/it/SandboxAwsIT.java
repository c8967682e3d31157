package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.etcdaws.aws.PekkoSdkHttpClient;
import io.etcdaws.sandbox.aws.Cloud;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingAsyncClient;
import software.amazon.awssdk.services.autoscaling.model.Tag;
import software.amazon.awssdk.services.ec2.Ec2AsyncClient;
import software.amazon.awssdk.services.ec2.model.Filter;

/**
 * The sandbox's AWS and moto are asked the same, through the AWS SDK, of a group of the same three instances. All that the
 * sandbox says moto must say, too; moto says more.
 */
class SandboxAwsIT {
    private static final String GROUP = "sandbox-aws";

    /** What is made up on each side: times, and the ids of what is around instances. */
    private static final Pattern MADE_UP = Pattern.compile(
            ".*(ARN|Time|ImageId|SubnetId|VpcId|AttachmentId|NetworkInterfaceId|ReservationId|OwnerId)");

    /** Where the sandbox differs on purpose: wide bounds, hooks that wait for less, no launch template. */
    private static final Pattern OWN = Pattern.compile(
            ".*(MinSize|MaxSize|DefaultCooldown|HealthCheckGracePeriod|PrivateDnsName|Timeout|Instances\\[\\d+]\\.Tags.*)");

    private static final Tag MARK = Tag.builder()
            .resourceType("auto-scaling-group")
            .resourceId(GROUP)
            .key("etcd-aws:cluster-id")
            .value("cdf818194e3a8c32")
            .propagateAtLaunch(false)
            .build();

    private static final software.amazon.awssdk.services.autoscaling.model.Filter MARKED =
            software.amazon.awssdk.services.autoscaling.model.Filter.builder()
                    .name("tag-value")
                    .values("cdf818194e3a8c32")
                    .build();

    private final ActorTestKit kit = ActorTestKit.create();
    private Instant now = Instant.now();

    @AfterEach
    void close() {
        kit.shutdownTestKit();
    }

    @Test
    void answersAsMotoDoes() {
        Asked sandbox = ask(sandbox());
        Asked moto = ask(moto());
        sandbox.answers.forEach((question, fields) -> {
            Map<String, String> others = moto.answers.getOrDefault(question, Map.of());
            assertEquals(withinKeysOf(fields, others), fields, question);
        });
        assertEquals(moto.answers.keySet(), sandbox.answers.keySet());
    }

    /** What the other side says at the same places; a place that it leaves out is left out. */
    private static Map<String, String> withinKeysOf(Map<String, String> fields, Map<String, String> others) {
        Map<String, String> same = new TreeMap<>(others);
        same.keySet().retainAll(fields.keySet());
        return same;
    }

    private URI sandbox() {
        Cloud cloud = new Cloud(GROUP, "127.78.0", 3, () -> now);
        URI apis = URI.create(io.etcdaws.sandbox.aws.EmulatedAws.of(kit.system(), cloud)
                .serveApis("127.0.0.1")
                .toCompletableFuture()
                .join());
        cloud.advance();
        now = now.plusSeconds(2);
        cloud.advance();
        return apis;
    }

    private static URI moto() {
        EmulatedAws lab = EmulatedAws.fresh();
        lab.post(
                "/lab/groups",
                Map.of(
                        "name",
                        GROUP,
                        "cidr",
                        "127.78.0.0/24",
                        "desired",
                        0,
                        "hooks",
                        Map.of("launch", "etcd-aws-launch", "terminate", "etcd-aws-terminate")));
        for (int number = 1; number <= 3; number++) {
            lab.post(
                    "/lab/groups/" + GROUP + "/launch",
                    Map.of("id", "i-0000000" + number, "address", "127.78.0." + number));
        }
        lab.post("/lab/groups/" + GROUP, Map.of("desired", 3));
        return URI.create(lab.url());
    }

    /** The answers, by question: each place in it with its value. */
    private record Asked(Map<String, Map<String, String>> answers) {
        void add(String question, CompletableFuture<? extends SdkPojo> answer) {
            Map<String, String> fields = new TreeMap<>();
            try {
                flatten("", answer.join(), fields);
            } catch (CompletionException e) {
                AwsServiceException refusal = Objects.requireNonNull((AwsServiceException) e.getCause());
                fields.put("error", refusal.awsErrorDetails().errorCode());
                fields.put("status", "" + refusal.statusCode());
            }
            answers.put(question, fields);
        }
    }

    private static void flatten(String place, Object value, Map<String, String> fields) {
        if (MADE_UP.matcher(place).matches() || OWN.matcher(place).matches()) {
            return;
        }
        if (value instanceof SdkPojo pojo) {
            for (SdkField<?> field : pojo.sdkFields()) {
                Optional.ofNullable(field.getValueOrDefault(pojo))
                        .ifPresent(it -> flatten(place + "." + field.memberName(), it, fields));
            }
        } else if (value instanceof Collection<?> items) {
            int index = 0;
            for (Object item : items) {
                flatten(place + "[" + index++ + "]", item, fields);
            }
        } else if (!value.toString().isEmpty()) {
            fields.put(place, value.toString());
        }
    }

    private Asked ask(URI endpoint) {
        AutoScalingAsyncClient scaling =
                configured(AutoScalingAsyncClient.builder(), endpoint).build();
        Ec2AsyncClient ec2 = configured(Ec2AsyncClient.builder(), endpoint).build();
        Asked asked = new Asked(new TreeMap<>());
        asked.add("group", scaling.describeAutoScalingGroups(it -> it.autoScalingGroupNames(GROUP)));
        asked.add("no group", scaling.describeAutoScalingGroups(it -> it.autoScalingGroupNames("another")));
        asked.add("group's instance", scaling.describeAutoScalingInstances(it -> it.instanceIds("i-00000002")));
        asked.add("no instance", scaling.describeAutoScalingInstances(it -> it.instanceIds("i-0000000f")));
        asked.add(
                "hooks",
                scaling.describeLifecycleHooks(
                        it -> it.autoScalingGroupName(GROUP).lifecycleHookNames("etcd-aws-launch")));
        asked.add("by id", described(ec2, "instance-id", "i-00000001", "i-0000000f"));
        asked.add("by address", described(ec2, "network-interface.addresses.private-ip-address", "127.78.0.3"));
        asked.add("by strange address", described(ec2, "network-interface.addresses.private-ip-address", "127.9.9.9"));
        asked.add("by strange filter", described(ec2, "moon-phase", "full"));
        asked.add("by unknown id", ec2.describeInstances(it -> it.instanceIds("i-0000000f")));
        asked.add("beat", beat(scaling, "i-00000001"));
        asked.add("complete", complete(scaling, "i-00000001"));
        asked.add("complete again", complete(scaling, "i-00000001"));
        asked.add("beat of none", beat(scaling, "i-00000001"));
        asked.add("tag", scaling.createOrUpdateTags(it -> it.tags(MARK)));
        asked.add("tagged", scaling.describeAutoScalingGroups(it -> it.filters(MARKED)));
        ec2.terminateInstances(it -> it.instanceIds("i-00000003")).join();
        asked.add("terminated", described(ec2, "instance-id", "i-00000003"));
        return asked;
    }

    private static CompletableFuture<? extends SdkPojo> described(Ec2AsyncClient ec2, String name, String... values) {
        return ec2.describeInstances(it ->
                it.filters(Filter.builder().name(name).values(List.of(values)).build()));
    }

    private static CompletableFuture<? extends SdkPojo> complete(AutoScalingAsyncClient scaling, String instance) {
        return scaling.completeLifecycleAction(it -> it.autoScalingGroupName(GROUP)
                .lifecycleHookName("etcd-aws-launch")
                .instanceId(instance)
                .lifecycleActionResult("CONTINUE"));
    }

    private static CompletableFuture<? extends SdkPojo> beat(AutoScalingAsyncClient scaling, String instance) {
        return scaling.recordLifecycleActionHeartbeat(it -> it.autoScalingGroupName(GROUP)
                .lifecycleHookName("etcd-aws-launch")
                .instanceId(instance));
    }

    private <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> B configured(B builder, URI endpoint) {
        return builder.region(Region.US_EAST_1)
                .endpointOverride(endpoint)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .httpClient(PekkoSdkHttpClient.create(kit.system(), Duration.ofSeconds(5)));
    }
}
