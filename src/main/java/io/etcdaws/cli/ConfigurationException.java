package io.etcdaws.cli;

/**
 * A configuration that the program must not run with. The message is for the operator: the key or variable, where it stands,
 * its value, and what is allowed.
 */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConfigurationException(String message) {
        super(message);
    }
}
