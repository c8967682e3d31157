package io.etcdaws.etcd;

import java.util.Optional;

/**
 * An HTTP response that arrived whole.
 *
 * @param from method and URL of the request, for messages
 * @param status the HTTP status
 * @param clusterId the header {@code X-Etcd-Cluster-Id}, as it is spelt
 * @param body the body as text, whatever its content type says
 */
record HttpReply(String from, int status, Optional<String> clusterId, String body) {
    private static final int EXCERPT_CHARACTERS = 200;

    boolean ok() {
        return status >= 200 && status < 300;
    }

    /** The beginning of the body on one line, for messages. */
    String excerpt() {
        String line = body.strip().replaceAll("\\s+", " ");
        return line.length() <= EXCERPT_CHARACTERS ? line : line.substring(0, EXCERPT_CHARACTERS) + "…";
    }
}
