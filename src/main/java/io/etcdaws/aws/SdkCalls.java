package io.etcdaws.aws;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsResponse;
import software.amazon.awssdk.awscore.client.builder.AwsAsyncClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.SdkAdvancedAsyncClientOption;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingAsyncClient;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingInstanceDetails;
import software.amazon.awssdk.services.autoscaling.model.CreateOrUpdateTagsResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeAutoScalingGroupsRequest;
import software.amazon.awssdk.services.autoscaling.model.DescribeAutoScalingGroupsResponse;
import software.amazon.awssdk.services.autoscaling.model.DescribeAutoScalingInstancesResponse;
import software.amazon.awssdk.services.autoscaling.model.Filter;
import software.amazon.awssdk.services.autoscaling.model.Tag;
import software.amazon.awssdk.services.ec2.Ec2AsyncClient;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesResponse;
import software.amazon.awssdk.services.ec2.model.Instance;

/**
 * The few AWS calls of this program: every page of each, one attempt, failing with {@link AwsFailure}. The SDK's own
 * retries are off, since retries have one owner: {@link GroupScanner} for what is asked, the next round for what is done.
 */
final class SdkCalls {
    private static final Logger log = LoggerFactory.getLogger(SdkCalls.class);

    static final String DESCRIBE_GROUPS = "autoscaling:DescribeAutoScalingGroups";
    static final String DESCRIBE_GROUP_INSTANCES = "autoscaling:DescribeAutoScalingInstances";
    static final String DESCRIBE_INSTANCES = "ec2:DescribeInstances";
    static final String CREATE_OR_UPDATE_TAGS = "autoscaling:CreateOrUpdateTags";
    static final String COMPLETE_ACTION = "autoscaling:CompleteLifecycleAction";
    static final String RECORD_HEARTBEAT = "autoscaling:RecordLifecycleActionHeartbeat";

    /** The most values that EC2 takes in one filter. */
    static final int MAX_FILTER_VALUES = 200;

    private static final int EC2_PAGE_SIZE = 1000;
    private static final int GROUPS_PAGE_SIZE = 100;
    private static final int MAX_PAGES = 1000;

    /** How AWS's message begins where an instance is in no wait state of the hook; the code is one for many errors. */
    private static final String NO_ACTIVE_ACTION = "No active Lifecycle Action found";

    private final AutoScalingAsyncClient autoScaling;
    private final Ec2AsyncClient ec2;
    private final OffloadedCredentials credentials;
    private final CallListener listener;

    private SdkCalls(
            AutoScalingAsyncClient autoScaling,
            Ec2AsyncClient ec2,
            OffloadedCredentials credentials,
            CallListener listener) {
        this.autoScaling = autoScaling;
        this.ec2 = ec2;
        this.credentials = credentials;
        this.listener = listener;
    }

    /** Ends the clients' threads. */
    void close() {
        autoScaling.close();
        ec2.close();
        credentials.close();
    }

    /**
     * Calls in a region. Makes the clients on the dispatcher for blocking work, as they read profile files and load some
     * thousand classes.
     */
    static CompletionStage<SdkCalls> in(
            ActorSystem<?> system, AwsSettings settings, String region, CallListener listener) {
        Executor blocking = system.dispatchers().lookup(DispatcherSelector.blocking());
        return CompletableFuture.supplyAsync(
                () -> {
                    PekkoSdkHttpClient http = PekkoSdkHttpClient.create(system, settings.callTimeout());
                    OffloadedCredentials credentials = new OffloadedCredentials(system, settings.callTimeout());
                    SdkCalls calls = new SdkCalls(
                            configure(AutoScalingAsyncClient.builder(), system, http, credentials, region)
                                    .build(),
                            configure(Ec2AsyncClient.builder(), system, http, credentials, region)
                                    .build(),
                            credentials,
                            listener);
                    log.debug("the AWS clients are made");
                    return calls;
                },
                blocking);
    }

    private static <B extends AwsClientBuilder<B, C> & AwsAsyncClientBuilder<B, C>, C> B configure(
            B builder,
            ActorSystem<?> system,
            PekkoSdkHttpClient http,
            OffloadedCredentials credentials,
            String region) {
        return builder.region(Region.of(region))
                .credentialsProvider(credentials)
                .httpClient(http)
                .overrideConfiguration(override -> override.retryStrategy(AwsRetryStrategy.doNotRetry()))
                // Answers are handed to actors at once, so the SDK needs no threads for them.
                .asyncConfiguration(async -> async.advancedOption(
                        SdkAdvancedAsyncClientOption.FUTURE_COMPLETION_EXECUTOR, system.executionContext()));
    }

    /** What Auto Scaling says of an instance: one entry, or none if it is in no group. */
    CompletionStage<List<AutoScalingInstanceDetails>> groupInstance(String id) {
        return pages(
                DESCRIBE_GROUP_INSTANCES,
                token -> autoScaling.describeAutoScalingInstances(
                        request -> request.instanceIds(id).nextToken(token)),
                DescribeAutoScalingInstancesResponse::autoScalingInstances,
                DescribeAutoScalingInstancesResponse::nextToken);
    }

    /** The group of that name, or none. */
    CompletionStage<List<AutoScalingGroup>> groupsNamed(String name) {
        return groups(DescribeAutoScalingGroupsRequest.builder()
                .autoScalingGroupNames(name)
                .build());
    }

    /** The groups that have a tag with that value, as AWS filters them. */
    CompletionStage<List<AutoScalingGroup>> groupsTagged(String value) {
        Filter tagged = Filter.builder().name("tag-value").values(value).build();
        return groups(DescribeAutoScalingGroupsRequest.builder().filters(tagged).build());
    }

    private CompletionStage<List<AutoScalingGroup>> groups(DescribeAutoScalingGroupsRequest request) {
        return pages(
                DESCRIBE_GROUPS,
                token -> autoScaling.describeAutoScalingGroups(request.toBuilder()
                        .maxRecords(GROUPS_PAGE_SIZE)
                        .nextToken(token)
                        .build()),
                DescribeAutoScalingGroupsResponse::autoScalingGroups,
                DescribeAutoScalingGroupsResponse::nextToken);
    }

    /** The instances that have one of the values in a filter of EC2, which never fails for a value it does not know. */
    CompletionStage<List<Instance>> instances(String filter, Collection<String> values) {
        List<String> all = List.copyOf(values);
        List<CompletionStage<List<Instance>>> batches = new ArrayList<>();
        for (int start = 0; start < all.size(); start += MAX_FILTER_VALUES) {
            batches.add(batch(filter, all.subList(start, Math.min(all.size(), start + MAX_FILTER_VALUES))));
        }
        return batches.stream().reduce(SdkCalls::both).orElse(CompletableFuture.completedFuture(List.of()));
    }

    private CompletionStage<List<Instance>> batch(String name, List<String> values) {
        var filter = software.amazon.awssdk.services.ec2.model.Filter.builder()
                .name(name)
                .values(values)
                .build();
        return pages(
                DESCRIBE_INSTANCES,
                token -> ec2.describeInstances(request ->
                        request.filters(filter).maxResults(EC2_PAGE_SIZE).nextToken(token)),
                page -> page.reservations().stream()
                        .flatMap(reservation -> reservation.instances().stream())
                        .toList(),
                DescribeInstancesResponse::nextToken);
    }

    /** Sets a group's tag, which its instances do not get. */
    CompletionStage<CreateOrUpdateTagsResponse> tag(String group, String key, String value) {
        Tag tag = Tag.builder()
                .resourceType("auto-scaling-group")
                .resourceId(group)
                .key(key)
                .value(value)
                .propagateAtLaunch(false)
                .build();
        return counted(CREATE_OR_UPDATE_TAGS, checked(autoScaling.createOrUpdateTags(request -> request.tags(tag))));
    }

    /** Lets an instance's transition go on; whether the hook held it up. */
    CompletionStage<Boolean> completeAction(String group, String hook, String instance) {
        return counted(
                COMPLETE_ACTION,
                whereActive(autoScaling.completeLifecycleAction(request -> request.autoScalingGroupName(group)
                        .lifecycleHookName(hook)
                        .instanceId(instance)
                        .lifecycleActionResult("CONTINUE"))));
    }

    /** Holds an instance's transition up for longer; whether the hook held it up. */
    CompletionStage<Boolean> recordHeartbeat(String group, String hook, String instance) {
        return counted(
                RECORD_HEARTBEAT,
                whereActive(autoScaling.recordLifecycleActionHeartbeat(request -> request.autoScalingGroupName(group)
                        .lifecycleHookName(hook)
                        .instanceId(instance))));
    }

    /** Whether there was a lifecycle action to act on, which AWS calls an error where there was none. */
    private static CompletionStage<Boolean> whereActive(CompletableFuture<? extends AwsResponse> call) {
        return checked(call).thenApply(answer -> true).exceptionally(failure -> {
            if (failure.getCause() instanceof AwsServiceException refusal && isNoActiveAction(refusal)) {
                return false;
            }
            throw new CompletionException(failure.getCause());
        });
    }

    private static boolean isNoActiveAction(AwsServiceException refusal) {
        AwsErrorDetails details = refusal.awsErrorDetails();
        return details != null
                && "ValidationError".equals(details.errorCode())
                && details.errorMessage() != null
                && details.errorMessage().startsWith(NO_ACTIVE_ACTION);
    }

    /** A single call: its failure is named, and its end told to the listener. */
    private <T> CompletionStage<T> counted(String action, CompletionStage<T> call) {
        return call.handle((answer, failure) -> {
            if (failure == null) {
                listener.called(action, "ok");
                return answer;
            }
            AwsFailure named = AwsFailure.from(action, failure);
            listener.called(action, named.kind().outcome());
            throw named;
        });
    }

    /** The items of every page of a call. */
    private <P extends AwsResponse, T> CompletionStage<List<T>> pages(
            String action,
            Function<@Nullable String, CompletableFuture<P>> call,
            Function<P, List<T>> items,
            Function<P, @Nullable String> nextToken) {
        return pagesFrom(action, 1, null, call, items, nextToken).exceptionally(failure -> {
            throw AwsFailure.from(action, failure);
        });
    }

    private <P extends AwsResponse, T> CompletionStage<List<T>> pagesFrom(
            String action,
            int number,
            @Nullable String token,
            Function<@Nullable String, CompletableFuture<P>> call,
            Function<P, List<T>> items,
            Function<P, @Nullable String> nextToken) {
        return counted(action, checked(call.apply(token))).thenCompose(page -> {
            String next = nextToken.apply(page);
            if (next == null || next.isEmpty()) {
                return CompletableFuture.completedFuture(items.apply(page));
            }
            if (number >= MAX_PAGES || next.equals(token)) {
                throw new IllegalStateException("the answer has no end after " + number + " pages");
            }
            return pagesFrom(action, number + 1, next, call, items, nextToken)
                    .thenApply(rest -> concat(items.apply(page), rest));
        });
    }

    /**
     * Refuses an answer that is none of AWS's. The SDK reads any XML as an answer that lacks everything, and a login page
     * must not make every instance look gone.
     */
    private static <R extends AwsResponse> CompletionStage<R> checked(CompletableFuture<R> call) {
        return call.thenApply(answer -> {
            String id = answer.responseMetadata().requestId();
            if (id == null || id.isEmpty() || id.equals("UNKNOWN")) {
                throw new IllegalStateException(
                        "the answer has no request id, so it is not from AWS; check AWS_ENDPOINT_URL");
            }
            return answer;
        });
    }

    /** The items of two calls that are under way at the same time. */
    static <T> CompletionStage<List<T>> both(CompletionStage<List<T>> one, CompletionStage<List<T>> other) {
        return one.thenCombine(other, SdkCalls::concat);
    }

    private static <T> List<T> concat(List<T> one, List<T> other) {
        List<T> all = new ArrayList<>(one);
        all.addAll(other);
        return List.copyOf(all);
    }
}
