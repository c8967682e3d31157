package io.etcdaws.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * A log for people: the time of day, the level, and what happened. The logger is named where it says something: in detailed
 * messages, and in those of libraries.
 */
final class TextLineEncoder extends LineEncoder {
    private final DateTimeFormatter time;

    TextLineEncoder() {
        this(ZoneId.systemDefault());
    }

    TextLineEncoder(ZoneId zone) {
        time = DateTimeFormatter.ofPattern("HH:mm:ss.SSS", Locale.ROOT).withZone(zone);
    }

    @Override
    String line(ILoggingEvent event) {
        StringBuilder line = new StringBuilder()
                .append(time.format(Instant.ofEpochMilli(event.getTimeStamp())))
                .append(' ')
                .append(event.getLevel())
                .append(" ".repeat(Math.max(1, 6 - event.getLevel().toString().length())));
        if (namesLogger(event)) {
            line.append(event.getLoggerName()).append(": ");
        }
        appendVisibly(line, event.getFormattedMessage());
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                line.append(' ').append(pair.key).append('=');
                appendVisibly(line, String.valueOf(pair.value));
            }
        }
        line.append('\n');
        @Nullable IThrowableProxy thrown = event.getThrowableProxy();
        return thrown == null
                ? line.toString()
                : line.append(ThrowableProxyUtil.asString(thrown)).toString();
    }

    private static boolean namesLogger(ILoggingEvent event) {
        return !event.getLoggerName().startsWith(Logging.OWN)
                || !event.getLevel().isGreaterOrEqual(Level.INFO);
    }

    /** Messages quote what peers answer; none of it may look like a line of its own or steer a terminal. */
    private static void appendVisibly(StringBuilder line, String message) {
        for (int i = 0; i < message.length(); i++) {
            char character = message.charAt(i);
            if (character == '\n') {
                line.append("\n    ");
            } else if (Character.isISOControl(character) && character != '\t') {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
            } else {
                line.append(character);
            }
        }
    }
}
