package io.etcdaws.aws;

import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** Settings for tests: a member of a group that AWS names, three attempts, waits of a second and up. */
record TestSettings(
        URI metadataEndpoint,
        boolean metadataV1Allowed,
        Optional<String> region,
        Optional<String> groupName,
        Optional<String> proxyGroup,
        boolean byTag,
        IpFamily ipFamily) {
    static final Node NODE =
            new Node(new InstanceId("i-00000001"), Address.parse("10.0.0.1"), "eu-central-1", "eu-central-1a");

    static TestSettings member() {
        return new TestSettings(
                URI.create("http://169.254.169.254"),
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                IpFamily.AUTO);
    }

    TestSettings metadataAt(URI endpoint) {
        return new TestSettings(endpoint, metadataV1Allowed, region, groupName, proxyGroup, byTag, ipFamily);
    }

    TestSettings allowingV1() {
        return new TestSettings(metadataEndpoint, true, region, groupName, proxyGroup, byTag, ipFamily);
    }

    TestSettings inRegion(String name) {
        return new TestSettings(
                metadataEndpoint, metadataV1Allowed, Optional.of(name), groupName, proxyGroup, byTag, ipFamily);
    }

    TestSettings ofGroup(String name) {
        return new TestSettings(
                metadataEndpoint, metadataV1Allowed, region, Optional.of(name), proxyGroup, byTag, ipFamily);
    }

    TestSettings proxyOf(String name) {
        return new TestSettings(
                metadataEndpoint, metadataV1Allowed, region, groupName, Optional.of(name), false, ipFamily);
    }

    TestSettings proxyOfTagged(String value) {
        return new TestSettings(
                metadataEndpoint, metadataV1Allowed, region, groupName, Optional.of(value), true, ipFamily);
    }

    TestSettings over(IpFamily family) {
        return new TestSettings(metadataEndpoint, metadataV1Allowed, region, groupName, proxyGroup, byTag, family);
    }

    AwsSettings settings() {
        return new AwsSettings(
                metadataEndpoint,
                metadataV1Allowed,
                Duration.ofMillis(600),
                3,
                region,
                groupName,
                proxyGroup,
                byTag,
                ipFamily,
                "etcd-aws:cluster-id",
                Optional.of("etcd-launch"),
                Optional.empty(),
                Duration.ofMillis(2000),
                3,
                Duration.ofSeconds(1),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5));
    }
}
