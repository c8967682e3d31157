package io.etcdaws.membership;

/**
 * Where one peer's etcd is asked.
 *
 * @param address what the answers are filed under
 * @param clientUrl base URL of the client port, such as {@code http://10.0.0.1:2379}
 * @param peerUrl base URL of the peer port
 */
public record Endpoint(Address address, String clientUrl, String peerUrl) {
    @Override
    public String toString() {
        return address.toString();
    }
}
