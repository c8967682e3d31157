package io.etcdaws.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.PrintStream;

/** Writes events to whatever is standard error at that moment. Logback's own may reach for standard output. */
final class StandardErrorAppender extends AppenderBase<ILoggingEvent> {
    private final Encoder<ILoggingEvent> encoder;

    StandardErrorAppender(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    protected void append(ILoggingEvent event) {
        byte[] line = encoder.encode(event);
        PrintStream standardError = System.err;
        standardError.write(line, 0, line.length);
        standardError.flush();
    }
}
