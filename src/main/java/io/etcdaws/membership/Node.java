package io.etcdaws.membership;

/**
 * The instance this program runs on, as its metadata tells.
 *
 * @param id the instance
 * @param address the address its etcd is reached at
 * @param region the AWS region, such as {@code eu-central-1}
 * @param zone the availability zone
 */
public record Node(InstanceId id, Address address, String region, String zone) {}
