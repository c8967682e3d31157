package io.etcdaws.aws;

import io.etcdaws.aws.AwsFailure.Kind;

/** Failures of AWS, for the tests of those who are told of them. */
public final class AwsFailures {
    private AwsFailures() {}

    /** A failure that is final. */
    public static AwsFailure of(Kind kind, String message) {
        return AwsFailure.of(kind, "autoscaling:DescribeAutoScalingGroups", message);
    }
}
