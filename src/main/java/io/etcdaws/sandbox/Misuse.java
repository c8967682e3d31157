package io.etcdaws.sandbox;

/** Something that the user can mend; the message says how. */
final class Misuse extends Exception {
    Misuse(String message) {
        super(message);
    }
}
