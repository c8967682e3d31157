package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.reconcile.ExitCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndingTest {
    /** A process with a thread and a shutdown hook that hang for ever. */
    static final class Stuck {
        public static void main(String[] arguments) {
            new Thread(Stuck::hang).start();
            Runtime.getRuntime().addShutdownHook(new Thread(Stuck::hang));
            if (arguments[0].equals("exit")) {
                Ending.exit(ExitCode.DONE, Duration.ofMillis(100));
            } else {
                Ending.after(Duration.ofMillis(100), () -> Ending.halt(Duration.ofMillis(100)));
            }
        }

        private static void hang() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"exit, 0", "halt, 6"})
    void endsAProcessWhoseThreadsAndHooksHang(String way, int code) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Stuck.class.getName(),
                        way)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));
            assertEquals(code, process.exitValue());
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void isCalledOffByAnInterrupt() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Thread thread = Ending.after(Duration.ofMinutes(1), ended::countDown);

        thread.interrupt();
        thread.join();

        assertFalse(ended.await(0, TimeUnit.SECONDS));
    }
}
