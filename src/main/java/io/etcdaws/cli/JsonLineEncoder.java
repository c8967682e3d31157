package io.etcdaws.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.google.gson.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/**
 * A log for machines, a JSON object a line: {@code time} (ISO, UTC), {@code level}, {@code logger}, {@code message}, and where
 * there are any {@code fields} (context and key-value pairs) and {@code exception} (the stack trace).
 */
final class JsonLineEncoder extends LineEncoder {
    @Override
    String line(ILoggingEvent event) {
        JsonObject json = new JsonObject();
        json.addProperty("time", Instant.ofEpochMilli(event.getTimeStamp()).toString());
        json.addProperty("level", event.getLevel().toString());
        json.addProperty("logger", event.getLoggerName());
        json.addProperty("message", event.getFormattedMessage());
        JsonObject fields = fields(event);
        if (fields.size() > 0) {
            json.add("fields", fields);
        }
        @Nullable IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            json.addProperty("exception", ThrowableProxyUtil.asString(thrown));
        }
        return json + "\n";
    }

    private static JsonObject fields(ILoggingEvent event) {
        JsonObject fields = new JsonObject();
        event.getMDCPropertyMap().forEach(fields::addProperty);
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                if (pair.value instanceof Number number) {
                    fields.addProperty(pair.key, number);
                } else {
                    fields.addProperty(pair.key, String.valueOf(pair.value));
                }
            }
        }
        return fields;
    }
}
