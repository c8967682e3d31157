package io.etcdaws.sandbox.aws;

import static io.etcdaws.sandbox.aws.Xml.element;
import static io.etcdaws.sandbox.aws.Xml.list;
import static io.etcdaws.sandbox.aws.Xml.text;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

/** The EC2 API, version 2016-11-15, as far as this program and its operator use it. */
final class Ec2Api {
    static final String INSTANCE_TYPE = "t3.small";
    static final String IMAGE = "ami-00000001";
    static final String VPC = "vpc-00000001";
    private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
    private static final String ITEM = "item";

    private static final Map<String, Integer> STATE_CODES = Map.of(
            "pending", 0, CloudInstance.RUNNING, 16, CloudInstance.SHUTTING_DOWN, 32, CloudInstance.TERMINATED, 48);

    /** The filters that are known, each with the value that an instance has for it. */
    private static final Map<String, Function<CloudInstance, String>> FILTERS = Map.of(
            "instance-id", CloudInstance::id,
            "instance-state-name", CloudInstance::state,
            "private-ip-address", Ec2Api::address,
            "network-interface.addresses.private-ip-address", Ec2Api::address,
            "network-interface.ipv6-addresses.ipv6-address", instance -> "",
            "private-dns-name", instance -> instance.runs() ? dnsName(instance) : "");

    private final Cloud cloud;

    Ec2Api(Cloud cloud) {
        this.cloud = cloud;
    }

    /** Carries out a call; gives the document that answers it. */
    String answer(Query query) {
        String result = switch (query.action()) {
            case "DescribeInstances" -> list("reservationSet", ITEM, found(query), this::reservation);
            case "TerminateInstances" -> terminated(query);
            default -> throw new Refusal("InvalidAction", "The sandbox's EC2 has no action '" + query.action() + "'.");
        };
        return "<" + query.action() + "Response xmlns=\"" + NAMESPACE + "\">" + text("requestId", UUID.randomUUID())
                + result + "</" + query.action() + "Response>";
    }

    /** The document that says no. */
    static String error(Refusal refusal) {
        return element(
                "Response",
                element(
                        "Errors",
                        element(
                                "Error",
                                text("Code", refusal.code()),
                                text("Message", String.valueOf(refusal.getMessage())))),
                text("RequestID", UUID.randomUUID()));
    }

    private List<CloudInstance> found(Query query) {
        List<String> ids = query.texts("InstanceId");
        ids.forEach(this::known);
        return cloud.instances().stream()
                .filter(instance -> ids.isEmpty() || ids.contains(instance.id()))
                .filter(instance -> query.structures("Filter").stream().allMatch(filter -> passes(instance, filter)))
                .toList();
    }

    private CloudInstance known(String id) {
        return cloud.find(id)
                .orElseThrow(
                        () -> new Refusal("InvalidInstanceID.NotFound", "The instance ID '" + id + "' does not exist"));
    }

    private static boolean passes(CloudInstance instance, Query filter) {
        String name = filter.required("Name");
        Function<CloudInstance, String> value = FILTERS.get(name);
        if (value == null) {
            throw new Refusal("InvalidParameterValue", "The filter '" + name + "' is invalid");
        }
        return filter.texts("Value").contains(value.apply(instance));
    }

    private String terminated(Query query) {
        List<CloudInstance> before =
                query.texts("InstanceId").stream().map(this::known).toList();
        before.stream().filter(CloudInstance::inGroup).forEach(instance -> cloud.lose(instance.id()));
        return list(
                "instancesSet",
                ITEM,
                before,
                instance -> text("instanceId", instance.id())
                        + state("currentState", CloudInstance.TERMINATED)
                        + state("previousState", instance.state()));
    }

    private static String state(String name, String state) {
        return element(name, text("code", STATE_CODES.getOrDefault(state, 0)), text("name", state));
    }

    private String reservation(CloudInstance instance) {
        return text("reservationId", String.format("r-%08x", instance.number()))
                + text("ownerId", "123456789012")
                + "<groupSet/>"
                + list("instancesSet", ITEM, List.of(instance), this::instance);
    }

    private String instance(CloudInstance instance) {
        boolean there = !instance.over();
        return text("instanceId", instance.id())
                + text("imageId", IMAGE)
                + state("instanceState", instance.state())
                + text("privateDnsName", there ? dnsName(instance) : "")
                + text("instanceType", INSTANCE_TYPE)
                + text("launchTime", instance.launchedAt())
                + element("placement", text("availabilityZone", instance.zone()), text("tenancy", "default"))
                + (there ? network(instance) : "")
                + list(
                        "tagSet",
                        ITEM,
                        List.of(cloud.group()),
                        group -> text("key", "aws:autoscaling:groupName") + text("value", group));
    }

    /** What an instance has while it is not over. */
    private static String network(CloudInstance instance) {
        String place = text("subnetId", subnet(instance)) + text("vpcId", VPC);
        String address = text("privateIpAddress", instance.address()) + text("privateDnsName", dnsName(instance));
        return place
                + text("privateIpAddress", instance.address())
                + list(
                        "networkInterfaceSet",
                        ITEM,
                        List.of(instance),
                        one -> text("networkInterfaceId", String.format("eni-%08x", one.number()))
                                + place
                                + text("status", "in-use")
                                + address
                                + element(
                                        "attachment",
                                        text("attachmentId", String.format("eni-attach-%08x", one.number())),
                                        text("deviceIndex", 0),
                                        text("networkCardIndex", 0),
                                        text("status", "attached"))
                                + list(
                                        "privateIpAddressesSet",
                                        ITEM,
                                        List.of(address),
                                        it -> it + text("primary", true)));
    }

    private static String subnet(CloudInstance instance) {
        return "subnet-0000000" + instance.zone().charAt(instance.zone().length() - 1);
    }

    private static String address(CloudInstance instance) {
        return instance.over() ? "" : instance.address();
    }

    static String dnsName(CloudInstance instance) {
        return "ip-" + instance.address().replace('.', '-') + ".ec2.internal";
    }
}
