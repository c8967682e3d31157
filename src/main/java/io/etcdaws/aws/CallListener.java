package io.etcdaws.aws;

/** Is told of every single call of the AWS API, each page and each attempt, from whatever thread it ended on. */
@FunctionalInterface
public interface CallListener {
    /** Counts nothing. */
    CallListener NONE = (action, outcome) -> {};

    /**
     * A call has ended.
     *
     * @param action as IAM policies spell it, such as {@code ec2:DescribeInstances}
     * @param outcome {@code ok} (also where AWS said that there was nothing to do), {@code throttled}, {@code denied},
     *     {@code unreachable}, {@code no-credentials} or, for all else, {@code failed}
     */
    void called(String action, String outcome);
}
