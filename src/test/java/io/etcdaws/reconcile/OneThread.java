package io.etcdaws.reconcile;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;

/**
 * The configuration of an actor system without threads of its own: whoever tells a message runs what it causes, and time
 * passes when the test says so. What has not happened by then does not happen.
 */
final class OneThread {
    private OneThread() {}

    static Config config() {
        return ConfigFactory.parseString(
                        "pekko.actor.default-dispatcher.type = org.apache.pekko.testkit.CallingThreadDispatcherConfigurator")
                .withFallback(ManualTime.config());
    }
}
