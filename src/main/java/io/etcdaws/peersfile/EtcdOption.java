package io.etcdaws.peersfile;

import java.util.Locale;

/**
 * One of etcd's options with its value.
 *
 * @param name as etcd's command line and configuration file spell it, such as {@code initial-cluster-state}
 * @param value the value, unquoted
 */
record EtcdOption(String name, String value) {
    /** The environment variable that sets the option. */
    String variable() {
        return "ETCD_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
