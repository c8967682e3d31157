package io.etcdaws.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.etcdaws.membership.Policy;
import io.etcdaws.peersfile.PeersFileSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the operator can set, checked. Only here are configuration keys known; {@code application.conf} says what
 * each is for.
 *
 * @param policy what bears on decisions
 * @param peersFile what bears on the peers file
 * @param changeCommand what is run after the peers file has changed; empty if nothing
 * @param dataDirectory etcd's data directory
 * @param etcd how etcd is spoken to
 * @param aws how AWS is spoken to, and of which group
 * @param onceTimeout how long the one-shot mode waits for a safe decision
 * @param reconcileInterval the pause between two rounds of the periodic mode
 * @param managementAddress where the management endpoint listens; empty if it does not
 * @param log how the log is written
 * @param actorSystem the settings of the actor system
 * @param warnings what is allowed but may not be wanted, for the operator
 */
public record Settings(
        Policy policy,
        PeersFileSettings peersFile,
        Optional<ChangeCommandPart> changeCommand,
        DataDirectoryPart dataDirectory,
        EtcdPart etcd,
        AwsPart aws,
        Duration onceTimeout,
        Duration reconcileInterval,
        Optional<InetSocketAddress> managementAddress,
        LogPart log,
        ActorSystemPart actorSystem,
        List<String> warnings) {

    /**
     * What is run after the peers file has changed.
     *
     * @param words the program and its arguments
     * @param timeout how long it may take
     */
    public record ChangeCommandPart(List<String> words, Duration timeout) {
        public ChangeCommandPart {
            words = List.copyOf(words);
        }
    }

    /**
     * etcd's data directory.
     *
     * @param path where it is; absolute
     * @param configured whether the operator named it
     */
    public record DataDirectoryPart(Path path, boolean configured) {}

    /**
     * How etcd is spoken to.
     *
     * @param clientScheme {@code http} or {@code https}, of the client port
     * @param clientPort the client port
     * @param peerScheme {@code http} or {@code https}, of the peer port
     * @param peerPort the peer port
     * @param api the API to use
     * @param tls for {@code https}
     * @param username the user to log in as; there if and only if the password file is
     * @param passwordFile the file with the user's password
     * @param probeTimeout how long one peer has for its answers in one round
     * @param changeTimeout how long a membership change may take
     * @param changeAttempts how many membership changes in a row etcd may refuse
     */
    public record EtcdPart(
            String clientScheme,
            int clientPort,
            String peerScheme,
            int peerPort,
            EtcdApi api,
            TlsPart tls,
            Optional<String> username,
            Optional<Path> passwordFile,
            Duration probeTimeout,
            Duration changeTimeout,
            int changeAttempts) {}

    /** The APIs of etcd that may be asked for. */
    public enum EtcdApi {
        /** Whatever a peer speaks, v3 first. */
        AUTO,
        V3,
        V2
    }

    /**
     * How TLS is spoken to etcd. All files are PEM and could be read when the settings were.
     *
     * @param caFile the certificates to trust; those of the Java runtime if empty
     * @param certFile the client certificate; there if and only if the key is
     * @param keyFile the client certificate's key
     * @param insecureSkipVerify whether certificates of peers are not checked
     */
    public record TlsPart(
            Optional<Path> caFile, Optional<Path> certFile, Optional<Path> keyFile, boolean insecureSkipVerify) {}

    /**
     * How AWS is spoken to, and of which group.
     *
     * @param group the auto scaling group of the members; that of this instance if empty
     * @param groupByTag whether {@code group} is the value of one of the group's tags rather than its name
     * @param clusterTag the tag on the group that is the durable mark
     * @param launchHook the lifecycle hook that is completed when this node's etcd is a healthy voter; empty if none is ours
     * @param terminateHook the lifecycle hook that is completed when this node has left; empty if none is ours
     * @param ipFamily by which address instances are reached
     * @param metadataEndpoint base URL of the instance metadata service
     * @param imdsV1Allowed whether metadata may be asked for without a token
     * @param metadataTimeout how long a request for metadata may take
     * @param watchInterval how often the metadata are asked whether this instance is to end
     * @param region the region; that of this instance if empty
     * @param callTimeout how long one attempt at a call may take
     * @param maxAttempts how often a call, or reading the metadata, is tried at most
     * @param scanMaxAge how old an answer about the group may be to be decided on
     */
    public record AwsPart(
            Optional<String> group,
            boolean groupByTag,
            String clusterTag,
            Optional<String> launchHook,
            Optional<String> terminateHook,
            IpFamily ipFamily,
            URI metadataEndpoint,
            boolean imdsV1Allowed,
            Duration metadataTimeout,
            Duration watchInterval,
            Optional<String> region,
            Duration callTimeout,
            int maxAttempts,
            Duration scanMaxAge) {}

    /** Which of an instance's addresses counts. */
    public enum IpFamily {
        /** IPv4 where the instance has such an address, else IPv6. */
        AUTO,
        IPV4,
        IPV6
    }

    /**
     * How the log is written.
     *
     * @param level the least important level that is
     * @param format the form of a line
     */
    public record LogPart(Level level, Format format) {
        /** Levels, the most important first. */
        public enum Level {
            ERROR,
            WARN,
            INFO,
            DEBUG,
            TRACE
        }

        /** Forms of a line. */
        public enum Format {
            TEXT,
            JSON
        }
    }

    /** The settings of the actor system, which no other part of the program looks into. */
    public static final class ActorSystemPart {
        private final Config config;

        ActorSystemPart(Config config) {
            this.config = config;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ActorSystemPart part && config.equals(part.config);
        }

        @Override
        public int hashCode() {
            return config.hashCode();
        }

        /** Starts an actor system with these settings. */
        public <T> ActorSystem<T> start(Behavior<T> guardian, String name) {
            try {
                return ActorSystem.create(guardian, name, config);
            } catch (Exception e) {
                Optional<ConfigurationException> problem = explain(e);
                if (problem.isPresent()) {
                    throw problem.get();
                }
                throw e;
            }
        }

        /** What is wrong with the section {@code pekko}, if that is what failed; much of it is only read when it is used. */
        static Optional<ConfigurationException> explain(Throwable failure) {
            for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof ConfigException
                        || cause instanceof org.apache.pekko.ConfigurationException
                        || cause instanceof NumberFormatException
                        || cause instanceof ClassNotFoundException) {
                    String reason = cause instanceof ClassNotFoundException
                            ? cause.toString()
                            : String.valueOf(cause.getMessage());
                    return Optional.of(new ConfigurationException(
                            "the section pekko cannot be used as the file of --config sets it: " + reason));
                }
            }
            return Optional.empty();
        }
    }

    public Settings {
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads the settings: the defaults, the operator's file over them, the environment over that, the command line over all.
     *
     * @throws ConfigurationException if anything is unknown, not allowed, or contradicts itself
     */
    public static Settings load(Invocation invocation, Map<String, String> environment) {
        List<GivenValue> options = invocation
                .timeout()
                .map(timeout -> List.of(new GivenValue("once.timeout", timeout.toString(), "option --timeout")))
                .orElse(List.of());
        SettingsReader reader = SettingsSources.create().read(invocation.config(), environment, options);
        return new SettingsLoader(reader).load(invocation);
    }

    /** Every key under {@code etcd-aws}. */
    static Set<String> keys() {
        return SettingsSources.create().keys();
    }
}
