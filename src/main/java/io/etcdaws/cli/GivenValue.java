package io.etcdaws.cli;

/**
 * A value of the configuration, as it was given.
 *
 * @param key its path under {@code etcd-aws}
 * @param value the value
 * @param origin where it was given, for error messages
 */
record GivenValue(String key, String value, String origin) {}
