package io.etcdaws.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import io.etcdaws.cli.Settings.LogPart;
import java.util.List;
import org.slf4j.LoggerFactory;

/** The log: on standard error, since standard output is for results. */
final class Logging {
    /** In force from the start of the process. */
    static final LogPart UNTIL_SETTINGS_ARE_READ = new LogPart(LogPart.Level.INFO, LogPart.Format.TEXT);

    /** The loggers of this program, as opposed to those of libraries. */
    static final String OWN = "io.etcdaws";

    /** The AWS SDK's signers and requests, which tell session tokens and signatures below INFO. */
    private static final List<String> SECRETIVE = List.of(
            "software.amazon.awssdk.auth", "software.amazon.awssdk.http.auth", "software.amazon.awssdk.request");

    private Logging() {}

    /** Puts the settings into force. */
    static void apply(LogPart settings) {
        if (!isConfiguredElsewhere() && LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            configure(context, settings);
        }
    }

    /** Whether a test, or an operator who knows Logback, has brought a configuration. */
    static boolean isConfiguredElsewhere() {
        return System.getProperty("logback.configurationFile") != null
                || Logging.class.getClassLoader().getResource("logback-test.xml") != null;
    }

    static void configure(LoggerContext context, LogPart settings) {
        context.reset();
        Encoder<ILoggingEvent> encoder =
                settings.format() == LogPart.Format.JSON ? new JsonLineEncoder() : new TextLineEncoder();
        encoder.setContext(context);
        encoder.start();
        StandardErrorAppender appender = new StandardErrorAppender(encoder);
        appender.setContext(context);
        appender.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(levelOfLibraries(settings.level()));
        SECRETIVE.forEach(name -> context.getLogger(name).setLevel(atLeastInfo(root.getLevel())));
        context.getLogger(OWN).setLevel(Level.toLevel(settings.level().name()));
    }

    private static Level atLeastInfo(Level level) {
        return level.isGreaterOrEqual(Level.INFO) ? level : Level.INFO;
    }

    /** Libraries tell as much at one level as this program at the next but one. */
    private static Level levelOfLibraries(LogPart.Level level) {
        return switch (level) {
            case ERROR -> Level.ERROR;
            case WARN, INFO -> Level.WARN;
            case DEBUG -> Level.INFO;
            case TRACE -> Level.DEBUG;
        };
    }
}
