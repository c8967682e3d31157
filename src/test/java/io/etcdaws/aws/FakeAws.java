package io.etcdaws.aws;

import io.etcdaws.aws.WireServer.Answer;
import io.etcdaws.aws.WireServer.Request;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The part of Auto Scaling and EC2 that is called, behind real HTTP: checks signatures, pages its answers, refuses
 * filters that are too long, and can be told to fail.
 */
final class FakeAws implements AutoCloseable {
    static final String ACCESS_KEY = "AKIDEXAMPLE";
    static final String SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final int MAX_FILTER_VALUES = 200;

    /** A group; the instances are lifecycle states by id. */
    record Group(String name, int desired, Map<String, String> instances, Map<String, String> tags) {}

    /** An instance with one network interface; the first address is the primary one. */
    record Machine(String id, String state, String vpc, List<String> ipv4, List<String> ipv6, String dnsName) {
        static Machine running(String id, String address) {
            String dnsName = "ip-" + address.replace('.', '-') + ".ec2.internal";
            return new Machine(id, "running", "vpc-1", List.of(address), List.of(), dnsName);
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final Map<String, String> warmPool = new LinkedHashMap<>();
    private final Map<String, String> waiting = new LinkedHashMap<>();
    private final List<Machine> machines = new ArrayList<>();
    private final Map<String, Answer> faults = new ConcurrentHashMap<>();
    private final WireServer server = WireServer.start(this::answer);
    private int pageSize = 1000;

    FakeAws with(Group group) {
        groups.add(group);
        return this;
    }

    /** Puts a group in place of the one of its name. */
    FakeAws change(Group group) {
        groups.removeIf(old -> old.name().equals(group.name()));
        return with(group);
    }

    FakeAws with(Machine machine) {
        machines.add(machine);
        return this;
    }

    /** Puts an instance into a group's warm pool. */
    FakeAws withWarm(String id, String group) {
        warmPool.put(id, group);
        return this;
    }

    /** Has an instance wait in a lifecycle hook. */
    FakeAws withWaiting(String id, String hook) {
        waiting.put(id, hook);
        return this;
    }

    /** Answers with that many items a page. */
    FakeAws pagesOf(int items) {
        pageSize = items;
        return this;
    }

    /** Answers an action like that from now on. */
    FakeAws fails(String action, Answer answer) {
        faults.put(action, answer);
        return this;
    }

    static Answer autoScalingError(int status, String code, String message) {
        return WireServer.xml(
                status,
                "<ErrorResponse xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"><Error><Type>Sender</Type><Code>"
                        + code + "</Code><Message>" + message
                        + "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>");
    }

    static Answer ec2Error(int status, String code, String message) {
        return WireServer.xml(
                status,
                "<Response><Errors><Error><Code>" + code + "</Code><Message>" + message
                        + "</Message></Error></Errors><RequestID>r-1</RequestID></Response>");
    }

    URI url() {
        return server.url();
    }

    /** The requests for an action, as their parameters. */
    List<Map<String, String>> calls(String action) {
        return server.requests().stream()
                .map(FakeAws::parameters)
                .filter(parameters -> action.equals(parameters.get("Action")))
                .toList();
    }

    List<Request> requests() {
        return server.requests();
    }

    private static Map<String, String> parameters(Request request) {
        return Stream.of(request.text().split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> URLDecoder.decode(pair[1], StandardCharsets.UTF_8)));
    }

    private static List<String> list(Map<String, String> parameters, String prefix) {
        List<String> values = new ArrayList<>();
        for (int i = 1; parameters.containsKey(prefix + i); i++) {
            values.add(parameters.get(prefix + i));
        }
        return values;
    }

    private Answer answer(Request request) {
        if (!SignatureV4.holds(request, SECRET)) {
            return ec2Error(403, "SignatureDoesNotMatch", "the signature does not match");
        }
        Map<String, String> parameters = parameters(request);
        String action = parameters.getOrDefault("Action", "");
        Answer fault = faults.get(action);
        if (fault != null) {
            return fault;
        }
        return switch (action) {
            case "DescribeAutoScalingInstances" -> autoScaling(parameters, "AutoScalingInstances", placed(parameters));
            case "DescribeAutoScalingGroups" ->
                autoScaling(
                        parameters,
                        "AutoScalingGroups",
                        groups(parameters).stream().map(FakeAws::xml).toList());
            case "DescribeInstances" -> instances(parameters);
            case "CreateOrUpdateTags" -> done(action, "");
            case "CompleteLifecycleAction", "RecordLifecycleActionHeartbeat" -> lifecycleAction(parameters);
            default -> ec2Error(400, "InvalidAction", action);
        };
    }

    private Answer autoScaling(Map<String, String> parameters, String list, List<String> members) {
        String action = parameters.get("Action");
        return page(
                parameters,
                members,
                "NextToken",
                (items, token) -> "<" + action + "Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"><"
                        + action + "Result>" + element(list, items) + token + "</" + action
                        + "Result>" + element("ResponseMetadata", element("RequestId", "r-1")) + "</" + action
                        + "Response>");
    }

    private Answer lifecycleAction(Map<String, String> parameters) {
        String id = parameters.getOrDefault("InstanceId", "");
        if (!parameters.getOrDefault("LifecycleHookName", "").equals(waiting.get(id))) {
            String message = "No active Lifecycle Action found with instance ID " + id;
            return autoScalingError(400, "ValidationError", message);
        }
        String action = parameters.getOrDefault("Action", "");
        return done(action, element(action + "Result", ""));
    }

    private static Answer done(String action, String result) {
        return WireServer.xml(
                200,
                "<" + action + "Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">" + result
                        + element("ResponseMetadata", element("RequestId", "r-1")) + "</" + action + "Response>");
    }

    private List<String> placed(Map<String, String> parameters) {
        List<String> ids = list(parameters, "InstanceIds.member.");
        List<String> members = new ArrayList<>();
        for (Group group : groups) {
            group.instances().forEach((id, state) -> {
                if (ids.contains(id)) {
                    members.add(
                            element("member", element("AutoScalingGroupName", group.name()) + placement(id, state)));
                }
            });
        }
        warmPool.forEach((id, group) -> {
            if (ids.contains(id)) {
                members.add(
                        element("member", element("AutoScalingGroupName", group) + placement(id, "Warmed:Pending")));
            }
        });
        return members;
    }

    private List<Group> groups(Map<String, String> parameters) {
        List<String> names = list(parameters, "AutoScalingGroupNames.member.");
        List<String> values = list(parameters, "Filters.member.1.Values.member.");
        return groups.stream()
                .filter(group -> names.isEmpty() || names.contains(group.name()))
                .filter(group ->
                        values.isEmpty() || group.tags().values().stream().anyMatch(values::contains))
                .toList();
    }

    private static String xml(Group group) {
        StringBuilder instances = new StringBuilder();
        group.instances().forEach((id, state) -> instances.append(element("member", placement(id, state))));
        StringBuilder tags = new StringBuilder();
        group.tags()
                .forEach((key, value) -> tags.append(element("member", element("Key", key) + element("Value", value))));
        return element(
                "member",
                element("AutoScalingGroupName", group.name())
                        + element("DesiredCapacity", "" + group.desired())
                        + element("Instances", instances.toString())
                        + element("Tags", tags.toString()));
    }

    private static String placement(String id, String state) {
        return element("InstanceId", id)
                + element("LifecycleState", state)
                + element("AvailabilityZone", "eu-central-1c")
                + element("HealthStatus", "Healthy");
    }

    private Answer instances(Map<String, String> parameters) {
        List<String> values = list(parameters, "Filter.1.Value.");
        if (values.size() > MAX_FILTER_VALUES) {
            return ec2Error(400, "FilterLimitExceeded", "too many values");
        }
        Function<Machine, List<String>> attribute = switch (parameters.getOrDefault("Filter.1.Name", "")) {
            case "instance-id" -> machine -> List.of(machine.id());
            case "network-interface.addresses.private-ip-address" -> Machine::ipv4;
            case "network-interface.ipv6-addresses.ipv6-address" -> Machine::ipv6;
            case "private-dns-name" -> machine -> List.of(machine.dnsName());
            default -> throw new AssertionError(parameters);
        };
        List<String> found = machines.stream()
                .filter(machine -> attribute.apply(machine).stream().anyMatch(values::contains))
                .map(machine -> element("item", element("instancesSet", xml(machine))))
                .toList();
        return page(
                parameters,
                found,
                "nextToken",
                (items, token) -> "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
                        + element("requestId", "r-1") + element("reservationSet", items) + token
                        + "</DescribeInstancesResponse>");
    }

    private static String xml(Machine machine) {
        String ipv4 = machine.ipv4().stream()
                .map(address -> element("item", element("privateIpAddress", address)))
                .collect(Collectors.joining());
        String ipv6 = machine.ipv6().stream()
                .map(address -> element("item", element("ipv6Address", address)))
                .collect(Collectors.joining());
        String primary = machine.ipv4().stream()
                .findFirst()
                .map(address -> element("privateIpAddress", address))
                .orElse("");
        String nic = element("attachment", element("deviceIndex", "0"))
                + primary
                + element("privateIpAddressesSet", ipv4)
                + element("ipv6AddressesSet", ipv6);
        return element(
                "item",
                element("instanceId", machine.id())
                        + element("instanceState", element("code", "0") + element("name", machine.state()))
                        + element("privateDnsName", machine.dnsName())
                        + element("dnsName", "")
                        + primary
                        + element("vpcId", machine.vpc())
                        + element("placement", element("availabilityZone", "eu-central-1b"))
                        + element("networkInterfaceSet", element("item", nic)));
    }

    private interface Envelope {
        String around(String items, String token);
    }

    private Answer page(Map<String, String> parameters, List<String> all, String tokenName, Envelope envelope) {
        int start = Integer.parseInt(parameters.getOrDefault("NextToken", "0"));
        int end = Math.min(all.size(), start + pageSize);
        String token = end < all.size() ? element(tokenName, "" + end) : "";
        return WireServer.xml(200, envelope.around(String.join("", all.subList(start, end)), token));
    }

    private static String element(String name, String content) {
        return "<" + name + ">" + content + "</" + name + ">";
    }

    @Override
    public void close() {
        server.close();
    }
}
