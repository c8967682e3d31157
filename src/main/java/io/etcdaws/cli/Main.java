package io.etcdaws.cli;

/** The program. */
public final class Main {
    private Main() {}

    /** Runs it. */
    public static void main(String[] arguments) {}
}
