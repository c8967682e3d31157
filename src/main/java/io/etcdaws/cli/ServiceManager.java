package io.etcdaws.cli;

import io.etcdaws.membership.Describe;
import io.etcdaws.reconcile.Audit;
import io.etcdaws.reconcile.Round;
import io.etcdaws.reconcile.RoundListener;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd when this node's peers file is in place ({@code READY=1}), and in a line what goes on. It does so through
 * {@code systemd-notify}, since Java cannot write to the socket that systemd listens at; so the unit needs {@code
 * NotifyAccess=all}. Without {@code NOTIFY_SOCKET} it does nothing.
 */
final class ServiceManager implements RoundListener {
    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    /** It takes milliseconds, or with a systemd that does not listen five seconds. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    /** A way to tell systemd something. */
    @FunctionalInterface
    interface Teller {
        /** Blocks until it is told. Gives why it could not be, if so. */
        Optional<String> tell(List<String> news);
    }

    private final boolean present;
    private final Executor blocking;
    private final Teller teller;
    private boolean settled;
    private String status = "";
    private boolean toldReady;
    private String toldStatus = "";
    private boolean telling;
    private String problem = "";

    /**
     * A manager that may or may not be there.
     *
     * @param blocking where programs are started and waited for
     */
    ServiceManager(Map<String, String> environment, Executor blocking) {
        this(environment, blocking, ServiceManager::run);
    }

    ServiceManager(Map<String, String> environment, Executor blocking, Teller teller) {
        this.present = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
        this.blocking = blocking;
        this.teller = teller;
    }

    @Override
    public void began(Instant at) {
        // Told when it ends.
    }

    @Override
    public void changed(Audit audit) {
        // Told with the round.
    }

    @Override
    public synchronized void ended(Round round) {
        settled |= round.settled();
        status = round.result();
        tell();
    }

    /**
     * Tells what is new, one thing at a time, so that what is told last is the latest. What could not be told is told after the
     * next round: etcd's unit waits for the readiness.
     */
    private synchronized void tell() {
        boolean ready = settled && !toldReady;
        String line = status;
        List<String> news = new ArrayList<>();
        if (ready) {
            news.add("--ready");
        }
        if (!line.equals(toldStatus)) {
            news.add("--status=" + line);
        }
        if (present && !telling && !news.isEmpty()) {
            telling = true;
            blocking.execute(() -> told(ready, line, teller.tell(news)));
        }
    }

    private synchronized void told(boolean ready, String line, Optional<String> failure) {
        telling = false;
        if (failure.isPresent()) {
            if (!failure.get().equals(problem)) {
                log.warn("systemd could not be told, which is tried again after each round: {}", failure.get());
            }
            problem = failure.get();
            return;
        }
        problem = "";
        toldReady |= ready;
        toldStatus = line;
        tell();
    }

    private static Optional<String> run(List<String> news) {
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(news);
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                return Optional.of("systemd-notify did not end within " + Describe.duration(LONGEST));
            }
            int code = process.exitValue();
            return code == 0 ? Optional.empty() : Optional.of("systemd-notify ended with " + code);
        } catch (IOException e) {
            return Optional.of(e + "; install systemd-notify, or use another Type= in the unit");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("it was broken off");
        }
    }
}
