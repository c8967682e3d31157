package io.etcdaws.sandbox.aws;

import static io.etcdaws.sandbox.aws.Xml.element;
import static io.etcdaws.sandbox.aws.Xml.list;
import static io.etcdaws.sandbox.aws.Xml.text;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/** The Auto Scaling API, version 2011-01-01, as far as this program and its operator use it. */
final class AutoScalingApi {
    static final String VERSION = "2011-01-01";
    private static final String NAMESPACE = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
    private static final String MEMBER = "member";

    private final Cloud cloud;

    AutoScalingApi(Cloud cloud) {
        this.cloud = cloud;
    }

    /** Carries out a call; gives the document that answers it. */
    String answer(Query query) {
        String action = query.action();
        String result = element(action + "Result", result(query));
        return "<" + action + "Response xmlns=\"" + NAMESPACE + "\">" + result
                + element("ResponseMetadata", text("RequestId", UUID.randomUUID())) + "</" + action + "Response>";
    }

    /** The document that says no. */
    static String error(Refusal refusal) {
        return "<ErrorResponse xmlns=\"" + NAMESPACE + "\">"
                + element(
                        "Error",
                        text("Type", "Sender"),
                        text("Code", refusal.code()),
                        text("Message", String.valueOf(refusal.getMessage())))
                + text("RequestId", UUID.randomUUID()) + "</ErrorResponse>";
    }

    private String result(Query query) {
        return switch (query.action()) {
            case "DescribeAutoScalingGroups" ->
                list("AutoScalingGroups", MEMBER, isAskedFor(query) ? List.of(cloud) : List.of(), this::group);
            case "DescribeAutoScalingInstances" ->
                list("AutoScalingInstances", MEMBER, instances(query), this::details);
            case "DescribeLifecycleHooks" -> list("LifecycleHooks", MEMBER, hooks(query), this::hook);
            default -> changed(query);
        };
    }

    private String changed(Query query) {
        switch (query.action()) {
            case "CreateOrUpdateTags" -> query.structures("Tags.member").forEach(this::setTag);
            case "CompleteLifecycleAction" ->
                cloud.complete(
                        hookName(query),
                        query.required("InstanceId"),
                        query.required("LifecycleActionResult").equals("CONTINUE"));
            case "RecordLifecycleActionHeartbeat" -> cloud.heartbeat(hookName(query), query.required("InstanceId"));
            case "SetDesiredCapacity" -> {
                checkGroup(query.required("AutoScalingGroupName"));
                cloud.setDesired(Integer.parseInt(query.required("DesiredCapacity")));
            }
            case "TerminateInstanceInAutoScalingGroup" -> {
                return retired(query);
            }
            case "StartInstanceRefresh" -> {
                checkGroup(query.required("AutoScalingGroupName"));
                cloud.refresh();
                return text("InstanceRefreshId", UUID.randomUUID());
            }
            default ->
                throw new Refusal(
                        "InvalidAction", "The sandbox's Auto Scaling has no action '" + query.action() + "'.");
        }
        return "";
    }

    private void setTag(Query tag) {
        checkGroup(tag.required("ResourceId"));
        cloud.tag(tag.required("Key"), tag.find("Value").orElse(""));
    }

    private String hookName(Query query) {
        checkGroup(query.required("AutoScalingGroupName"));
        return query.required("LifecycleHookName");
    }

    private void checkGroup(String name) {
        if (!name.equals(cloud.group())) {
            throw Refusal.validation("AutoScalingGroup name not found - null");
        }
    }

    private String retired(Query query) {
        String id = query.required("InstanceId");
        cloud.retire(id);
        if (query.required("ShouldDecrementDesiredCapacity").equals("true")) {
            cloud.setDesired(cloud.desired() - 1);
        }
        return element(
                "Activity",
                text("ActivityId", UUID.randomUUID()),
                text("AutoScalingGroupName", cloud.group()),
                text("Description", "Terminating EC2 instance: " + id),
                text("StatusCode", "InProgress"),
                text("Progress", 0));
    }

    private boolean isAskedFor(Query query) {
        List<String> names = query.texts("AutoScalingGroupNames.member");
        return (names.isEmpty() || names.contains(cloud.group()))
                && query.structures("Filters.member").stream().allMatch(this::passes);
    }

    private boolean passes(Query filter) {
        String name = filter.required("Name");
        Map<String, String> tags = cloud.tags();
        Stream<String> having = name.equals("tag-value")
                ? tags.values().stream()
                : name.equals("tag-key")
                        ? tags.keySet().stream()
                        : name.startsWith("tag:") ? Stream.ofNullable(tags.get(name.substring(4))) : Stream.empty();
        return having.anyMatch(filter.texts("Values.member")::contains);
    }

    private String group(Cloud of) {
        return text("AutoScalingGroupName", of.group())
                + text("AutoScalingGroupARN", arn())
                + text("MinSize", 0)
                + text("MaxSize", Cloud.MAX_SIZE)
                + text("DesiredCapacity", of.desired())
                + text("DefaultCooldown", 300)
                + list(
                        "AvailabilityZones",
                        MEMBER,
                        inGroup().stream().map(CloudInstance::zone).distinct().toList(),
                        zone -> zone)
                + text("HealthCheckType", "EC2")
                + text("HealthCheckGracePeriod", 0)
                + list("Instances", MEMBER, inGroup(), AutoScalingApi::instance)
                + text("CreatedTime", of.createdAt())
                + list(
                        "Tags",
                        MEMBER,
                        of.tags().entrySet().stream()
                                .sorted(Map.Entry.comparingByKey())
                                .toList(),
                        this::tag)
                + text("NewInstancesProtectedFromScaleIn", false);
    }

    private String arn() {
        return "arn:aws:autoscaling:" + Cloud.REGION + ":123456789012:autoScalingGroup:sandbox:autoScalingGroupName/"
                + cloud.group();
    }

    private String tag(Map.Entry<String, String> tag) {
        return text("ResourceId", cloud.group())
                + text("ResourceType", "auto-scaling-group")
                + text("Key", tag.getKey())
                + text("Value", tag.getValue())
                + text("PropagateAtLaunch", false);
    }

    private List<CloudInstance> inGroup() {
        return cloud.instances().stream().filter(CloudInstance::inGroup).toList();
    }

    private List<CloudInstance> instances(Query query) {
        List<String> ids = query.texts("InstanceIds.member");
        return inGroup().stream()
                .filter(instance -> ids.isEmpty() || ids.contains(instance.id()))
                .toList();
    }

    private static String instance(CloudInstance instance) {
        return text("InstanceId", instance.id())
                + text("InstanceType", Ec2Api.INSTANCE_TYPE)
                + text("AvailabilityZone", instance.zone())
                + text("LifecycleState", instance.lifecycle())
                + text("HealthStatus", "Healthy")
                + text("ProtectedFromScaleIn", false);
    }

    /** As in the group, but that the health is spelt otherwise there. */
    private String details(CloudInstance instance) {
        return text("InstanceId", instance.id())
                + text("InstanceType", Ec2Api.INSTANCE_TYPE)
                + text("AutoScalingGroupName", cloud.group())
                + text("AvailabilityZone", instance.zone())
                + text("LifecycleState", instance.lifecycle())
                + text("HealthStatus", "HEALTHY")
                + text("ProtectedFromScaleIn", false);
    }

    private List<String> hooks(Query query) {
        checkGroup(query.required("AutoScalingGroupName"));
        List<String> names = query.texts("LifecycleHookNames.member");
        return Stream.of(Cloud.LAUNCH_HOOK, Cloud.TERMINATE_HOOK)
                .filter(name -> names.isEmpty() || names.contains(name))
                .toList();
    }

    private String hook(String name) {
        boolean launch = name.equals(Cloud.LAUNCH_HOOK);
        return text("LifecycleHookName", name)
                + text("AutoScalingGroupName", cloud.group())
                + text("LifecycleTransition", "autoscaling:EC2_INSTANCE_" + (launch ? "LAUNCHING" : "TERMINATING"))
                + text("HeartbeatTimeout", Cloud.HOOK_TIMEOUT.toSeconds())
                + text("GlobalTimeout", Cloud.HOOK_TIMEOUT.toSeconds() * 100)
                + text("DefaultResult", "ABANDON");
    }
}
