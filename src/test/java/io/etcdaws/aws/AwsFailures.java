package io.etcdaws.aws;

import io.etcdaws.aws.AwsFailure.Kind;
import software.amazon.awssdk.core.exception.SdkClientException;

/** Failures of AWS and of the metadata, for the tests of those who are told of them. */
public final class AwsFailures {
    private AwsFailures() {}

    /** A failure that is final. */
    public static AwsFailure of(Kind kind, String message) {
        return AwsFailure.of(kind, "autoscaling:DescribeAutoScalingGroups", message);
    }

    /** A failure after which another attempt may succeed. */
    public static AwsFailure passing(String action) {
        return AwsFailure.from(action, SdkClientException.create("the connection was reset"));
    }

    /** Metadata that could not be read this time. */
    public static MetadataFailure metadata(String message) {
        return new MetadataFailure(message, true, null);
    }
}
