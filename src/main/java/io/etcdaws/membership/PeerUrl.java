package io.etcdaws.membership;

import java.net.URI;

/**
 * A URL under which an etcd member serves its peers.
 *
 * @param text the URL exactly as etcd or the configuration spells it; etcd compares spellings, so it is never rewritten
 * @param host the parsed host
 * @param port the TCP port
 */
public record PeerUrl(String text, Address host, int port) {
    /**
     * Reads a peer URL.
     *
     * @throws IllegalArgumentException if there is no scheme, host or TCP port in it
     */
    public static PeerUrl parse(String text) {
        URI uri = URI.create(text);
        if (uri.getScheme() == null || uri.getHost() == null || uri.getPort() < 1 || uri.getPort() > 65535) {
            throw new IllegalArgumentException("'" + text + "' is not a URL with scheme, host and port");
        }
        return new PeerUrl(text, Address.parse(uri.getHost()), uri.getPort());
    }

    /** The peer URL of an address, as this program spells it. */
    public static PeerUrl of(String scheme, Address host, int port) {
        return new PeerUrl(scheme + "://" + host.inUrl() + ":" + port, host, port);
    }

    @Override
    public String toString() {
        return text;
    }
}
