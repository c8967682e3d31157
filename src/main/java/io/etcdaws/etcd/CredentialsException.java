package io.etcdaws.etcd;

/** A file with a certificate, a key or a password cannot be used. The message names the file and what is wrong. */
public final class CredentialsException extends Exception {
    CredentialsException(String message) {
        super(message);
    }

    CredentialsException(String message, Throwable cause) {
        super(message, cause);
    }
}
