package io.etcdaws.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What the operator set that bears on AWS.
 *
 * @param metadataEndpoint where the instance metadata service is, such as {@code http://169.254.169.254}
 * @param metadataV1Allowed whether metadata may be read without a token where the service gives none
 * @param metadataTimeout the time that each metadata request has
 * @param metadataAttempts how often metadata is read before that fails
 * @param region the region to call in place of the instance's own
 * @param groupName the group this instance must be in; empty to ask AWS which one it is
 * @param proxyGroup the group of the cluster's members, if this instance is none of them: the group's name or, with
 *     {@code byTag}, the value of one of its tags
 * @param byTag whether {@code proxyGroup} is a tag's value
 * @param ipFamily which of an instance's addresses counts
 * @param clusterMarkTag the key of the group's tag that holds the id of the etcd cluster
 * @param launchHook the lifecycle hook that holds this instance up in {@code Pending:Wait} until this program lets it go on;
 *     empty to leave such hooks alone
 * @param terminateHook the same for {@code Terminating:Wait}
 * @param callTimeout the time that each AWS call has, and that finding credentials has
 * @param maxAttempts how often a scan or look-up is tried before it fails
 * @param backoffBase the longest wait before the second attempt; it doubles with each further one
 * @param backoffMax the longest wait before any attempt
 * @param scanMaxAge how old a scan may be to be given out again
 */
public record AwsSettings(
        URI metadataEndpoint,
        boolean metadataV1Allowed,
        Duration metadataTimeout,
        int metadataAttempts,
        Optional<String> region,
        Optional<String> groupName,
        Optional<String> proxyGroup,
        boolean byTag,
        IpFamily ipFamily,
        String clusterMarkTag,
        Optional<String> launchHook,
        Optional<String> terminateHook,
        Duration callTimeout,
        int maxAttempts,
        Duration backoffBase,
        Duration backoffMax,
        Duration scanMaxAge) {
    /** Which of an instance's addresses etcd is reached at. */
    public enum IpFamily {
        /** IPv4 where the instance has such an address, else IPv6. */
        AUTO,
        IPV4,
        IPV6
    }

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of its range; the message names it
     */
    public AwsSettings {
        String scheme = metadataEndpoint.getScheme();
        boolean http = "http".equals(scheme) || "https".equals(scheme);
        check(http && metadataEndpoint.getHost() != null, "metadata endpoint (an http URL)", metadataEndpoint);
        check(!metadataTimeout.isNegative() && !metadataTimeout.isZero(), "metadata timeout", metadataTimeout);
        check(metadataAttempts >= 1, "metadata attempts", metadataAttempts);
        check(!clusterMarkTag.isBlank(), "cluster mark tag", clusterMarkTag);
        check(!callTimeout.isNegative() && !callTimeout.isZero(), "call timeout", callTimeout);
        check(maxAttempts >= 1, "attempts", maxAttempts);
        check(!backoffBase.isNegative(), "back-off", backoffBase);
        check(backoffMax.compareTo(backoffBase) >= 0, "longest back-off", backoffMax);
        check(!scanMaxAge.isNegative(), "age of a scan", scanMaxAge);
    }

    private static void check(boolean holds, String what, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": '" + value + "' is out of range");
        }
    }
}
