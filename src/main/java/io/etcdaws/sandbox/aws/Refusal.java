package io.etcdaws.sandbox.aws;

/** What AWS says no with: an error code, and a sentence. */
public final class Refusal extends RuntimeException {
    private final String code;

    Refusal(String code, String message) {
        super(message);
        this.code = code;
    }

    String code() {
        return code;
    }

    static Refusal validation(String message) {
        return new Refusal("ValidationError", message);
    }
}
