package io.etcdaws.aws;

import static io.etcdaws.aws.SdkCalls.DESCRIBE_GROUPS;
import static io.etcdaws.aws.SdkCalls.DESCRIBE_GROUP_INSTANCES;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingInstanceDetails;

/** Finds the group whose instances are to be the members. */
final class GroupSearch {
    private final AwsSettings settings;
    private final SdkCalls aws;
    private final Node node;

    /**
     * The group.
     *
     * @param group as Auto Scaling describes it
     * @param self this instance's own state, where it was asked for
     */
    record Found(AutoScalingGroup group, Optional<AutoScalingInstanceDetails> self) {}

    GroupSearch(AwsSettings settings, SdkCalls aws, Node node) {
        this.settings = settings;
        this.aws = aws;
        this.node = node;
    }

    /** The group; fails with {@link AwsFailure} if there is none, or more than one, or it does not hold this instance. */
    CompletionStage<Found> find() {
        if (settings.proxyGroup().isPresent()) {
            return proxied(settings.proxyGroup().get()).thenApply(group -> new Found(group, Optional.empty()));
        }
        CompletionStage<Optional<AutoScalingInstanceDetails>> self = aws.groupInstance(
                        node.id().value())
                .thenApply(found -> found.stream().findFirst());
        if (settings.groupName().isPresent()) {
            // Both questions are under way at the same time.
            return self.thenCombine(named(settings.groupName().get()), this::configured);
        }
        return self.thenCompose(this::own);
    }

    /**
     * The group of that name once more, by one question; empty where that does not find it, and it alone, so that it takes a
     * {@link #find} to say why.
     */
    CompletionStage<Optional<AutoScalingGroup>> again(String name) {
        return settings.proxyGroup()
                .filter(text -> settings.byTag())
                .map(this::tagged)
                .orElseGet(() -> aws.groupsNamed(name))
                .thenApply(
                        groups -> groups.size() == 1 ? Optional.of(groups.get(0)) : Optional.<AutoScalingGroup>empty())
                .thenApply(only -> only.filter(group -> name.equals(group.autoScalingGroupName())));
    }

    private CompletionStage<Found> own(Optional<AutoScalingInstanceDetails> self) {
        String name = self.map(AutoScalingInstanceDetails::autoScalingGroupName)
                .orElseThrow(() -> AwsFailure.of(
                        Kind.NOT_IN_GROUP,
                        DESCRIBE_GROUP_INSTANCES,
                        DESCRIBE_GROUP_INSTANCES + ": instance " + node.id() + " is in no auto scaling group of region "
                                + node.region() + "; attach it to one, or if it is to be no member, name the members'"
                                + " group (PROXY_ASG)"));
        return named(name).thenApply(group -> new Found(group, self));
    }

    /** The configured group, if either answer says that it holds this instance. */
    private Found configured(Optional<AutoScalingInstanceDetails> self, AutoScalingGroup group) {
        Optional<String> actual = self.map(AutoScalingInstanceDetails::autoScalingGroupName);
        boolean holds =
                actual.map(name -> name.equals(group.autoScalingGroupName())).orElseGet(() -> holds(group, node.id()));
        if (holds) {
            return new Found(group, self);
        }
        throw AwsFailure.of(
                Kind.NOT_IN_GROUP,
                DESCRIBE_GROUP_INSTANCES,
                DESCRIBE_GROUP_INSTANCES + ": instance " + node.id() + " is not in the configured group '"
                        + group.autoScalingGroupName() + "' but in "
                        + actual.map(name -> "'" + name + "'").orElse("none")
                        + "; correct the configured name, or leave it out");
    }

    private static boolean holds(AutoScalingGroup group, InstanceId id) {
        return group.instances().stream().anyMatch(instance -> id.value().equals(instance.instanceId()));
    }

    private CompletionStage<AutoScalingGroup> proxied(String text) {
        return settings.byTag() ? tagged(text).thenApply(groups -> onlyTagged(groups, text)) : named(text);
    }

    private CompletionStage<AutoScalingGroup> named(String name) {
        return aws.groupsNamed(name)
                .thenApply(groups -> groups.stream()
                        .filter(group -> name.equals(group.autoScalingGroupName()))
                        .findFirst()
                        .orElseThrow(() -> AwsFailure.of(
                                Kind.NOT_FOUND,
                                DESCRIBE_GROUPS,
                                DESCRIBE_GROUPS + ": there is no auto scaling group '" + name
                                        + "' in this account in region " + node.region()
                                        + "; check the name and the region")));
    }

    /** The groups that have a tag with that value. */
    private CompletionStage<List<AutoScalingGroup>> tagged(String value) {
        return aws.groupsTagged(value)
                .thenApply(candidates -> candidates.stream()
                        // Filters of AWS may take wildcards; this value is meant as it is.
                        .filter(group -> group.tags().stream().anyMatch(tag -> value.equals(tag.value())))
                        .toList());
    }

    private AutoScalingGroup onlyTagged(List<AutoScalingGroup> groups, String value) {
        if (groups.isEmpty()) {
            throw AwsFailure.of(
                    Kind.NOT_FOUND,
                    DESCRIBE_GROUPS,
                    DESCRIBE_GROUPS + ": no auto scaling group in region " + node.region()
                            + " has a tag with the value '" + value + "'; check PROXY_ASG and the region");
        }
        if (groups.size() > 1) {
            String names = groups.stream()
                    .map(AutoScalingGroup::autoScalingGroupName)
                    .sorted()
                    .collect(Collectors.joining(", "));
            throw AwsFailure.of(
                    Kind.AMBIGUOUS,
                    DESCRIBE_GROUPS,
                    DESCRIBE_GROUPS + ": " + groups.size() + " auto scaling groups have a tag with the value '" + value
                            + "': " + names + "; set PROXY_ASG to the name of one, without ASG_BY_TAG");
        }
        return groups.get(0);
    }
}
