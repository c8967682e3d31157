package io.etcdaws.simulation;

import com.typesafe.config.Config;
import java.util.concurrent.ThreadFactory;
import org.apache.pekko.actor.AbstractScheduler;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.event.LoggingAdapter;
import scala.concurrent.ExecutionContext;
import scala.concurrent.duration.FiniteDuration;

/** The scheduler of an actor system that lives in virtual time. Made by Pekko, by its name. */
@SuppressWarnings("deprecation") // Pekko still wants it of every scheduler.
public final class VirtualScheduler extends AbstractScheduler {
    private final VirtualTime time = new VirtualTime();

    /** As Pekko wants it. */
    public VirtualScheduler(Config config, LoggingAdapter log, ThreadFactory threads) {}

    VirtualTime time() {
        return time;
    }

    @Override
    public Cancellable schedule(
            FiniteDuration first, FiniteDuration interval, Runnable action, ExecutionContext executor) {
        Repeated repeated = new Repeated(interval.toMillis(), action, executor);
        repeated.again(first.toMillis());
        return repeated;
    }

    @Override
    public Cancellable scheduleOnce(FiniteDuration delay, Runnable action, ExecutionContext executor) {
        VirtualTime.Event event = time.timer(delay.toMillis(), () -> executor.execute(action));
        return new Cancellable() {
            @Override
            public boolean cancel() {
                return event.cancel();
            }

            @Override
            public boolean isCancelled() {
                return event.cancelled();
            }
        };
    }

    @Override
    public double maxFrequency() {
        return 1000;
    }

    private final class Repeated implements Cancellable {
        private final long interval;
        private final Runnable action;
        private final ExecutionContext executor;
        private boolean cancelled;

        private Repeated(long interval, Runnable action, ExecutionContext executor) {
            this.interval = interval;
            this.action = action;
            this.executor = executor;
        }

        private void again(long millis) {
            time.timer(millis, () -> {
                if (!cancelled) {
                    executor.execute(action);
                    again(interval);
                }
            });
        }

        @Override
        public boolean cancel() {
            boolean would = !cancelled;
            cancelled = true;
            return would;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }
}
