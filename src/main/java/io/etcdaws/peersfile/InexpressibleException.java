package io.etcdaws.peersfile;

/**
 * An initial cluster that no peers file of the wanted format can say, or that etcd would not accept. The message names the
 * value and what to do.
 */
public final class InexpressibleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InexpressibleException(String message) {
        super(message);
    }
}
