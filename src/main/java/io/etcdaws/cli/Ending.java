package io.etcdaws.cli;

import io.etcdaws.membership.Describe;
import io.etcdaws.reconcile.ExitCode;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that every run ends. Returning from {@code main} is not enough: threads that are blocked for ever, by a credential
 * process that hangs or a name server that is mute, are no daemons and would keep the process. Neither is exiting: shutdown
 * hooks stop the actor system, and may wait for the same threads.
 */
final class Ending {
    /** For a log line or a flush to get out, which a full pipe may keep from that. */
    private static final Duration TIME_TO_TELL = Duration.ofSeconds(1);

    private Ending() {}

    /** Exits; halts without further ceremony if that has not ended the process in time. */
    static void exit(ExitCode code, Duration timeForHooks) {
        after(timeForHooks, () -> Runtime.getRuntime().halt(code.code()));
        System.out.flush();
        System.err.flush();
        System.exit(code.code());
    }

    /** Halts the process as timed out. */
    static void halt(Duration limit) {
        after(TIME_TO_TELL, () -> Runtime.getRuntime().halt(ExitCode.TIMED_OUT.code()));
        Logger log = LoggerFactory.getLogger(Ending.class);
        log.error(
                "the run has not ended by itself within {}; something hangs, and the process is ended (exit code {})",
                Describe.duration(limit),
                ExitCode.TIMED_OUT.code());
        Runtime.getRuntime().halt(ExitCode.TIMED_OUT.code());
    }

    /**
     * Does something later, whatever else hangs, on a thread of its own that keeps no process alive.
     *
     * @return that thread; interrupting it calls it off
     */
    static Thread after(Duration time, Runnable action) {
        Thread thread = new Thread(
                () -> {
                    try {
                        Thread.sleep(time.toMillis());
                    } catch (InterruptedException e) {
                        return;
                    }
                    action.run();
                },
                "ending");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
