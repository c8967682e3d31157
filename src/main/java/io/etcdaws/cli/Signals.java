package io.etcdaws.cli;

import sun.misc.Signal;

/** The hang-up signal, by which daemons are told to read their configuration anew. */
final class Signals {
    private Signals() {}

    /** Runs this at each hang-up, for the rest of the process's life. */
    static void onHangUp(Runnable action) {
        Signal.handle(new Signal("HUP"), signal -> action.run());
    }
}
