package io.etcdaws.cli;

import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd when this node's peers file is in place ({@code READY=1}), and in a line what goes on. It does so through
 * {@code systemd-notify}, since Java cannot write to the socket that systemd listens at; so the unit needs {@code
 * NotifyAccess=all}. Without {@code NOTIFY_SOCKET} it does nothing.
 */
final class ServiceManager implements RoundListener {
    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    private final Executor blocking;
    private final boolean present;
    private boolean ready;
    private String status = "";

    /**
     * A manager that may or may not be there.
     *
     * @param blocking where programs are started and waited for, one after the other
     */
    ServiceManager(Map<String, String> environment, Executor blocking) {
        this.present = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
        this.blocking = blocking;
    }

    @Override
    public void began(Instant at) {}

    @Override
    public void changed(Audit audit) {}

    @Override
    public void ended(Round round) {
        List<String> news = new ArrayList<>();
        if (round.settled() && !ready) {
            ready = true;
            news.add("--ready");
        }
        if (!round.result().equals(status)) {
            status = round.result();
            news.add("--status=" + status);
        }
        notify(news);
    }

    private void notify(List<String> news) {
        if (present && !news.isEmpty()) {
            blocking.execute(() -> run(news));
        }
    }

    /** Tells systemd that the end has begun; waits until that is told. */
    void stopping() {
        if (present) {
            run(List.of("STOPPING=1"));
        }
    }

    private static void run(List<String> news) {
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(news);
        try {
            int code = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (code != 0) {
                log.warn("{} ended with {}", command, code);
            }
        } catch (IOException e) {
            log.warn(
                    "systemd cannot be told: {}; install systemd-notify, or use another Type= in the unit",
                    e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
