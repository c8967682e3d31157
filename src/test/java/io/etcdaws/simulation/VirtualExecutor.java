package io.etcdaws.simulation;

import com.typesafe.config.Config;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.dispatch.DispatcherPrerequisites;
import org.apache.pekko.dispatch.ExecutorServiceConfigurator;
import org.apache.pekko.dispatch.ExecutorServiceFactory;

/** The dispatcher's executor in virtual time: it keeps what is to run until the simulation gets to it. Made by Pekko. */
public final class VirtualExecutor extends ExecutorServiceConfigurator {
    private final VirtualTime time;

    /** As Pekko wants it. */
    public VirtualExecutor(Config config, DispatcherPrerequisites prerequisites) {
        super(config, prerequisites);
        this.time = ((VirtualScheduler) prerequisites.scheduler()).time();
    }

    @Override
    public ExecutorServiceFactory createExecutorServiceFactory(String id, ThreadFactory threads) {
        return () -> new Queueing(time);
    }

    private static final class Queueing extends AbstractExecutorService {
        private final VirtualTime time;
        private boolean over;

        private Queueing(VirtualTime time) {
            this.time = time;
        }

        @Override
        public void execute(Runnable command) {
            time.execute(command);
        }

        @Override
        public void shutdown() {
            over = true;
        }

        @Override
        public List<Runnable> shutdownNow() {
            over = true;
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return over;
        }

        @Override
        public boolean isTerminated() {
            return over;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return over;
        }
    }
}
