package io.etcdaws.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.etcdaws.cli.Settings.LogPart;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.event.KeyValuePair;

final class LoggingTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");

    private final LoggerContext context = new LoggerContext();

    @Test
    void isFoundByLogback() {
        assertTrue(StreamSupport.stream(ServiceLoader.load(Configurator.class).spliterator(), false)
                .anyMatch(LogbackConfigurator.class::isInstance));
    }

    @ParameterizedTest
    @CsvSource({"ERROR, ERROR", "WARN, WARN", "INFO, WARN", "DEBUG, INFO", "TRACE, DEBUG"})
    void tellsLessOfLibraries(LogPart.Level level, String ofLibraries) {
        Logging.configure(context, new LogPart(level, LogPart.Format.TEXT));

        assertEquals(
                Level.toLevel(level.name()),
                context.getLogger("io.etcdaws.cli.Main").getEffectiveLevel());
        assertEquals(
                Level.toLevel(ofLibraries),
                context.getLogger("org.apache.pekko.actor").getEffectiveLevel());
    }

    @ParameterizedTest
    @CsvSource({"ERROR, ERROR", "INFO, WARN", "DEBUG, INFO", "TRACE, INFO"})
    void neverTellsTheSecretsOfTheSdk(LogPart.Level level, String ofSecrets) {
        Logging.configure(context, new LogPart(level, LogPart.Format.TEXT));

        for (String logger : List.of("auth.signer.Aws4Signer", "http.auth.aws.internal.signer.X", "request")) {
            assertEquals(
                    Level.toLevel(ofSecrets),
                    context.getLogger("software.amazon.awssdk." + logger).getEffectiveLevel());
        }
    }

    @Test
    void replacesWhatWasInForceBefore() {
        Logging.configure(context, Logging.UNTIL_SETTINGS_ARE_READ);
        Logging.configure(context, new LogPart(LogPart.Level.ERROR, LogPart.Format.JSON));

        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Iterator<Appender<ILoggingEvent>> appenders = root.iteratorForAppenders();
        appenders.next();
        assertFalse(appenders.hasNext());
        assertEquals(Level.ERROR, root.getLevel());
    }

    @Test
    void isALineForPeople() {
        assertEquals(
                "03:04:05.678 INFO  wrote the peers file\n",
                text(event("io.etcdaws.cli.Main", Level.INFO, "wrote the peers file")));
        assertEquals("03:04:05.678 ERROR no\n", text(event("io.etcdaws.cli.Main", Level.ERROR, "no")));
    }

    @Test
    void namesTheLoggerOfDetailsAndOfLibraries() {
        assertEquals(
                "03:04:05.678 DEBUG io.etcdaws.cli.Main: x\n", text(event("io.etcdaws.cli.Main", Level.DEBUG, "x")));
        assertEquals("03:04:05.678 WARN  software.amazon: x\n", text(event("software.amazon", Level.WARN, "x")));
    }

    @Test
    void letsNoMessageLookLikeALineOfItsOwnOrSteerATerminal() {
        assertEquals(
                "03:04:05.678 INFO  peer said: a\n    12:00:00.000 INFO fine \\u001b[31m\\u000d\n",
                text(event("io.etcdaws.x", Level.INFO, "peer said: a\n12:00:00.000 INFO fine \u001b[31m\r")));
    }

    @Test
    void addsKeysAndStackTraces() {
        LoggingEvent event = event("io.etcdaws.x", Level.ERROR, "failed", new IllegalStateException("why"));
        event.addKeyValuePair(new KeyValuePair("exitCode", 1));

        String text = text(event);

        assertTrue(
                text.startsWith("03:04:05.678 ERROR failed exitCode=1\njava.lang.IllegalStateException: why\n\tat "),
                text);
    }

    @Test
    void isAJsonObjectForMachines() {
        LoggingEvent event =
                event("io.etcdaws.x", Level.WARN, "a \"quoted\"\nmessage", new IllegalStateException("why"));
        event.addKeyValuePair(new KeyValuePair("round", 3));
        event.setMDCPropertyMap(Map.of("sourceActorSystem", "etcd-aws"));

        String line = new String(new JsonLineEncoder().encode(event), UTF_8);
        JsonObject json = JsonParser.parseString(line).getAsJsonObject();

        assertEquals(1, line.lines().count());
        assertEquals("2026-01-02T03:04:05.678Z", json.get("time").getAsString());
        assertEquals("WARN", json.get("level").getAsString());
        assertEquals("io.etcdaws.x", json.get("logger").getAsString());
        assertEquals("a \"quoted\"\nmessage", json.get("message").getAsString());
        assertEquals(3, json.getAsJsonObject("fields").get("round").getAsInt());
        assertEquals(
                "etcd-aws",
                json.getAsJsonObject("fields").get("sourceActorSystem").getAsString());
        assertTrue(json.get("exception").getAsString().startsWith("java.lang.IllegalStateException: why"));
    }

    private static String text(LoggingEvent event) {
        return new String(new TextLineEncoder(ZoneOffset.UTC).encode(event), UTF_8);
    }

    private LoggingEvent event(String logger, Level level, String message) {
        return stamped(new LoggingEvent("", context.getLogger(logger), level, message, null, null));
    }

    private LoggingEvent event(String logger, Level level, String message, Throwable thrown) {
        return stamped(new LoggingEvent("", context.getLogger(logger), level, message, thrown, null));
    }

    private static LoggingEvent stamped(LoggingEvent event) {
        event.setInstant(TIME);
        return event;
    }
}
