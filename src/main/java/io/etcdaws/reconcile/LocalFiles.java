package io.etcdaws.reconcile;

import io.etcdaws.membership.DataDirectory;

/** What a round reads from this machine's own disk. Blocks for the time that a few small files take. */
@FunctionalInterface
public interface LocalFiles {
    /**
     * What was found.
     *
     * @param dataDirectory what is known of etcd's data directory
     * @param peersFilePresent whether a peers file is in place
     */
    record Found(DataDirectory dataDirectory, boolean peersFilePresent) {}

    /**
     * Looks, and has the etcd client use the certificates and the password as they are now.
     *
     * @throws Unusable if a certificate, key or password file cannot be used
     */
    Found read() throws Unusable;

    /** A file that the configuration names cannot be used; the message names it and says why. */
    final class Unusable extends Exception {
        private static final long serialVersionUID = 1;

        /** Because of that. */
        public Unusable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
