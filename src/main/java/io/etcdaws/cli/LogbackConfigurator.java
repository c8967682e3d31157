package io.etcdaws.cli;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Sets the log up in code, as Logback's service of that name: finding, reading and interpreting an XML file would be a good
 * part of the start. Steps aside for {@code logback-test.xml} and for {@code -Dlogback.configurationFile}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class LogbackConfigurator extends ContextAwareBase implements Configurator {
    /** For Logback. */
    public LogbackConfigurator() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (Logging.isConfiguredElsewhere()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        Logging.configure(context, Logging.UNTIL_SETTINGS_ARE_READ);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
