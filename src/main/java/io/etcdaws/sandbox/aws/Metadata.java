package io.etcdaws.sandbox.aws;

import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Optional;

/** What the instance metadata service says to an instance, by path. */
final class Metadata {
    static final String TOKEN_PATH = "/latest/api/token";

    private Metadata() {}

    /** The text at a path; empty if there is nothing. */
    static Optional<String> at(String path, CloudInstance instance) {
        Map<String, String> texts = Map.of(
                "/latest/dynamic/instance-identity/document", identity(instance),
                "/latest/meta-data/autoscaling/target-lifecycle-state", instance.target(),
                "/latest/meta-data/ami-id", Ec2Api.IMAGE,
                "/latest/meta-data/instance-id", instance.id(),
                "/latest/meta-data/instance-type", Ec2Api.INSTANCE_TYPE,
                "/latest/meta-data/local-hostname", Ec2Api.dnsName(instance),
                "/latest/meta-data/local-ipv4", instance.address(),
                "/latest/meta-data/placement/availability-zone", instance.zone(),
                "/latest/meta-data/placement/region", Cloud.REGION);
        return Optional.ofNullable(texts.get(path));
    }

    private static String identity(CloudInstance instance) {
        JsonObject document = new JsonObject();
        document.addProperty("accountId", "123456789012");
        document.addProperty("architecture", "x86_64");
        document.addProperty("availabilityZone", instance.zone());
        document.addProperty("imageId", Ec2Api.IMAGE);
        document.addProperty("instanceId", instance.id());
        document.addProperty("instanceType", Ec2Api.INSTANCE_TYPE);
        document.addProperty("pendingTime", instance.launchedAt().toString());
        document.addProperty("privateIp", instance.address());
        document.addProperty("region", Cloud.REGION);
        document.addProperty("version", "2017-09-30");
        return document.toString();
    }
}
