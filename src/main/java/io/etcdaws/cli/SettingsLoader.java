package io.etcdaws.cli;

import io.etcdaws.cli.Settings.ActorSystemPart;
import io.etcdaws.cli.Settings.AwsPart;
import io.etcdaws.cli.Settings.ChangeCommandPart;
import io.etcdaws.cli.Settings.DataDirectoryPart;
import io.etcdaws.cli.Settings.EtcdApi;
import io.etcdaws.cli.Settings.EtcdPart;
import io.etcdaws.cli.Settings.IpFamily;
import io.etcdaws.cli.Settings.LogPart;
import io.etcdaws.cli.Settings.TlsPart;
import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.Policy;
import io.etcdaws.peersfile.InexpressibleException;
import io.etcdaws.peersfile.PeersFileContent;
import io.etcdaws.peersfile.PeersFileFormat;
import io.etcdaws.peersfile.PeersFileSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes the values of a reader together and checks them against each other. */
record SettingsLoader(SettingsReader reader) {
    private static final int MOST_ATTEMPTS = 1000;
    private static final int MISSED_TURNS = 3;

    private enum Scheme {
        HTTP,
        HTTPS
    }

    Settings load(Invocation invocation) {
        Duration onceTimeout = reader.duration("once.timeout");
        EtcdPart etcd = etcd();
        DataDirectoryPart dataDirectory =
                new DataDirectoryPart(reader.path("etcd.data-dir"), reader.isGiven("etcd.data-dir"));
        Policy policy = policy(etcd, invocation);
        requireYoungAnswers(policy);
        return new Settings(
                policy,
                peersFile(etcd, dataDirectory),
                changeCommand(),
                dataDirectory,
                etcd,
                aws(),
                onceTimeout,
                reader.duration("reconcile.interval"),
                reader.listenAddress("management.address"),
                new LogPart(
                        reader.choice("log.level", LogPart.Level.class),
                        reader.choice("log.format", LogPart.Format.class)),
                new ActorSystemPart(reader.libraries()),
                warnings(etcd, policy, onceTimeout));
    }

    private Policy policy(EtcdPart etcd, Invocation invocation) {
        boolean proxy = reader.optionalText("proxy.group").isPresent();
        return new Policy(
                proxy ? Policy.Role.PROXY : Policy.Role.MEMBER,
                reader.choice("membership.join-as", Policy.JoinAs.class),
                reader.duration("bootstrap.stable-margin"),
                reader.duration("membership.remove-after"),
                reader.duration("membership.confirm-after"),
                etcd.peerScheme(),
                etcd.peerPort(),
                invocation.forceNewCluster(),
                reader.text("etcd.cluster-token"),
                invocation.mode() == Invocation.Mode.PERIODIC ? Optional.of(staying()) : Optional.empty());
    }

    /** One answer that is given out for longer would confirm itself. */
    private void requireYoungAnswers(Policy policy) {
        if (reader.duration("aws.scan-max-age").compareTo(policy.confirmAfter()) >= 0) {
            throw reader.invalid("aws.scan-max-age", "shorter than membership.confirm-after");
        }
    }

    /** Another node's daemon has missed its turn when it could have acted a few times. */
    private Policy.Staying staying() {
        Duration missedTurns = reader.duration("reconcile.interval").multipliedBy(MISSED_TURNS);
        return new Policy.Staying(reader.duration("membership.learner-timeout"), missedTurns);
    }

    private Optional<ChangeCommandPart> changeCommand() {
        Duration timeout = reader.duration("peers-file.on-change-timeout");
        return reader.words("peers-file.on-change").map(words -> new ChangeCommandPart(words, timeout));
    }

    private PeersFileSettings peersFile(EtcdPart etcd, DataDirectoryPart dataDirectory) {
        PeersFileSettings settings = new PeersFileSettings(
                reader.path("peers-file.path"),
                reader.choice("peers-file.format", PeersFileFormat.class),
                reader.flag("peers-file.extended"),
                etcd.clientScheme(),
                etcd.clientPort(),
                reader.text("etcd.cluster-token"),
                dataDirectory.configured() ? Optional.of(dataDirectory.path()) : Optional.empty());
        requireExpressible(settings);
        return settings;
    }

    /** Finds now what would otherwise be found when this node has been added to the cluster already. */
    private static void requireExpressible(PeersFileSettings settings) {
        InitialCluster any = new InitialCluster(
                InitialCluster.State.NEW,
                "i-00000000",
                List.of(new InitialCluster.Entry("i-00000000", "http://10.0.0.1:2380")),
                false);
        try {
            PeersFileContent.of(any, settings);
        } catch (InexpressibleException e) {
            throw new ConfigurationException("etcd-aws.peers-file: " + e.getMessage());
        }
    }

    private EtcdPart etcd() {
        EtcdPart part = new EtcdPart(
                scheme("etcd.client-scheme"),
                reader.port("etcd.client-port"),
                scheme("etcd.peer-scheme"),
                reader.port("etcd.peer-port"),
                reader.choice("etcd.api", EtcdApi.class),
                tls(),
                reader.optionalText("etcd.username"),
                reader.readableFile("etcd.password-file"),
                reader.duration("etcd.probe-timeout"),
                reader.duration("etcd.change-timeout"),
                reader.count("etcd.change-attempts", MOST_ATTEMPTS));
        if (part.clientPort() == part.peerPort()) {
            throw reader.invalid("etcd.peer-port", "another port than etcd.client-port");
        }
        requireBoth("etcd.username", "etcd.password-file");
        requireTlsWhereItIsSetUp(part);
        return part;
    }

    private String scheme(String key) {
        return SettingsReader.spelling(reader.choice(key, Scheme.class));
    }

    private TlsPart tls() {
        requireBoth("etcd.tls.cert-file", "etcd.tls.key-file");
        return new TlsPart(
                reader.readableFile("etcd.tls.ca-file"),
                reader.readableFile("etcd.tls.cert-file"),
                reader.readableFile("etcd.tls.key-file"),
                reader.flag("etcd.tls.insecure-skip-verify"));
    }

    private void requireBoth(String one, String other) {
        boolean hasOne = reader.optionalText(one).isPresent();
        if (hasOne != reader.optionalText(other).isPresent()) {
            String set = hasOne ? one : other;
            String missing = hasOne ? other : one;
            throw new ConfigurationException(reader.tell(set) + ", but " + SettingsSources.ROOT + "." + missing
                    + " is not set: set both or neither");
        }
    }

    /** Whoever names certificates believes the traffic to be encrypted. */
    private void requireTlsWhereItIsSetUp(EtcdPart part) {
        boolean https = part.clientScheme().equals("https") || part.peerScheme().equals("https");
        for (String key : List.of("etcd.tls.ca-file", "etcd.tls.cert-file")) {
            if (!https && reader.optionalText(key).isPresent()) {
                throw new ConfigurationException(reader.tell(key) + ", but nothing is encrypted: set"
                        + " etcd-aws.etcd.client-scheme or etcd-aws.etcd.peer-scheme to https"
                        + " (ETCD_CLIENT_SCHEME, ETCD_PEER_SCHEME), or remove it");
            }
        }
    }

    private AwsPart aws() {
        if (reader.optionalText("group.name").isPresent()
                && reader.optionalText("proxy.group").isPresent()) {
            throw new ConfigurationException(reader.tell("group.name") + ", and " + reader.tell("proxy.group")
                    + ": set the first for a member, the second for a proxy, never both");
        }
        Optional<String> proxyGroup = reader.optionalText("proxy.group");
        boolean byTag = reader.flag("proxy.by-tag");
        return new AwsPart(
                proxyGroup.or(() -> reader.optionalText("group.name")),
                proxyGroup.isPresent() && byTag,
                reader.text("group.cluster-tag"),
                reader.optionalText("group.launch-hook"),
                reader.optionalText("group.terminate-hook"),
                reader.choice("group.ip-family", IpFamily.class),
                metadataEndpoint(),
                reader.flag("metadata.imds-v1-allowed"),
                reader.duration("metadata.timeout"),
                reader.duration("metadata.watch-interval"),
                reader.optionalText("aws.region"),
                reader.duration("aws.call-timeout"),
                reader.count("aws.max-attempts", MOST_ATTEMPTS),
                reader.duration("aws.scan-max-age"));
    }

    private URI metadataEndpoint() {
        boolean ipv6 = reader.choice("metadata.endpoint-mode", IpFamily.class) == IpFamily.IPV6;
        return reader.httpUrl("metadata.endpoint")
                .orElseGet(() -> URI.create(ipv6 ? "http://[fd00:ec2::254]" : "http://169.254.169.254"));
    }

    private List<String> warnings(EtcdPart etcd, Policy policy, Duration onceTimeout) {
        List<String> warnings = new ArrayList<>();
        if (etcd.tls().insecureSkipVerify()) {
            warnings.add(reader.tell("etcd.tls.insecure-skip-verify")
                    + ": whoever can answer in a peer's place can make this program remove members");
        }
        if (etcd.username().isPresent() && etcd.clientScheme().equals("http")) {
            warnings.add(reader.tell("etcd.username") + ", but the client port is not encrypted:"
                    + " the password can be read on the network");
        }
        if (onceTimeout.compareTo(policy.stableMargin()) <= 0) {
            warnings.add(reader.tell("once.timeout") + ", not longer than bootstrap.stable-margin:"
                    + " too short for a new cluster to be formed");
        }
        return warnings;
    }
}
