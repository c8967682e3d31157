package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.etcdaws.cli.Settings.AwsPart;
import io.etcdaws.cli.Settings.ChangeCommandPart;
import io.etcdaws.cli.Settings.DataDirectoryPart;
import io.etcdaws.cli.Settings.EtcdApi;
import io.etcdaws.cli.Settings.EtcdPart;
import io.etcdaws.cli.Settings.IpFamily;
import io.etcdaws.cli.Settings.LogPart;
import io.etcdaws.cli.Settings.TlsPart;
import io.etcdaws.membership.Policy;
import io.etcdaws.peersfile.PeersFileFormat;
import io.etcdaws.peersfile.PeersFileSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SettingsTest {
    private static final Set<String> PROMISED_VARIABLES = Set.of(
            "ETCD_AWS_PEERS_FILE_PATH",
            "ETCD_AWS_ETCD_DATA_DIR",
            "ETCD_AWS_ETCD_API",
            "ETCD_AWS_ETCD_TLS_CA_FILE",
            "ETCD_AWS_ETCD_TLS_CERT_FILE",
            "ETCD_AWS_ETCD_TLS_KEY_FILE",
            "ETCD_AWS_ETCD_USERNAME",
            "ETCD_AWS_ETCD_PASSWORD_FILE",
            "ETCD_AWS_ETCD_PROBE_TIMEOUT",
            "ETCD_AWS_GROUP_NAME",
            "ETCD_AWS_RECONCILE_INTERVAL",
            "ETCD_AWS_ONCE_TIMEOUT",
            "ETCD_AWS_BOOTSTRAP_STABLE_MARGIN",
            "ETCD_AWS_MEMBERSHIP_JOIN_AS",
            "ETCD_AWS_MEMBERSHIP_REMOVE_AFTER",
            "ETCD_AWS_MANAGEMENT_ADDRESS");

    @TempDir
    Path directory;

    private Path pem;

    @BeforeEach
    void createAFile() throws IOException {
        pem = Files.createFile(directory.resolve("some.pem"));
    }

    @Test
    void hasThesePromisedAndSafeDefaults() {
        Settings settings = load(Map.of());

        assertEquals(
                new Policy(
                        Policy.Role.MEMBER,
                        Policy.JoinAs.AUTO,
                        Duration.ofSeconds(5),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(10),
                        "http",
                        2380,
                        false,
                        "etcd-cluster",
                        Optional.empty()),
                settings.policy());
        assertEquals(
                new PeersFileSettings(
                        Path.of("/etc/sysconfig/etcd-peers"),
                        PeersFileFormat.SYSTEMD,
                        false,
                        "http",
                        2379,
                        "etcd-cluster",
                        Optional.empty()),
                settings.peersFile());
        assertEquals(Optional.empty(), settings.changeCommand());
        assertEquals(new DataDirectoryPart(Path.of("/var/lib/etcd"), false), settings.dataDirectory());
        assertEquals(
                new EtcdPart(
                        "http",
                        2379,
                        "http",
                        2380,
                        EtcdApi.AUTO,
                        new TlsPart(Optional.empty(), Optional.empty(), Optional.empty(), false),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(5),
                        30),
                settings.etcd());
        assertEquals(
                new AwsPart(
                        Optional.empty(),
                        false,
                        "etcd-aws:cluster-id",
                        Optional.of("etcd-aws-launch"),
                        Optional.of("etcd-aws-terminate"),
                        IpFamily.AUTO,
                        URI.create("http://169.254.169.254"),
                        false,
                        Duration.ofSeconds(3),
                        Duration.ofSeconds(5),
                        Optional.empty(),
                        Duration.ofSeconds(10),
                        6,
                        Duration.ofSeconds(2)),
                settings.aws());
        assertEquals(Duration.ofMinutes(5), settings.onceTimeout());
        assertEquals(Duration.ofSeconds(30), settings.reconcileInterval());
        assertEquals(Optional.of(InetSocketAddress.createUnresolved("127.0.0.1", 2378)), settings.managementAddress());
        assertEquals(new LogPart(LogPart.Level.INFO, LogPart.Format.TEXT), settings.log());
        assertEquals(List.of(), settings.warnings());
    }

    @Test
    void thePeriodicModeGivesAnotherNodeThreeTurns() {
        Invocation invocation = new Invocation(
                Invocation.Mode.PERIODIC,
                false,
                Optional.empty(),
                Invocation.OutputFormat.TEXT,
                Optional.empty(),
                false);

        Settings settings = Settings.load(invocation, Map.of("ETCD_AWS_RECONCILE_INTERVAL", "20s"));

        assertEquals(
                Optional.of(new Policy.Staying(Duration.ofMinutes(5), Duration.ofMinutes(1))),
                settings.policy().staying());
    }

    @Test
    void aCommandThatCannotBeSplitIsRefused() {
        assertTrue(refusal(Map.of("ETCD_AWS_PEERS_FILE_ON_CHANGE", "reload 'the proxy"))
                .contains("etcd-aws.peers-file.on-change"));
    }

    @Test
    void anAnswerMustNotConfirmItself() {
        assertTrue(refusal(Map.of("ETCD_AWS_AWS_SCAN_MAX_AGE", "10s")).contains("etcd-aws.aws.scan-max-age"));
    }

    @Test
    void settingsThatAreReadTwiceAreEqual() {
        assertEquals(load(Map.of()), load(Map.of()));
    }

    @Test
    void takesEveryKeyFromTheFile() throws IOException {
        assertEquals(Settings.keys(), everyKeyChanged().keySet());

        assertEveryKeyChanged(load(
                file(everyKeyChanged().entrySet().stream()
                        .map(entry -> "etcd-aws." + entry.getKey() + " = \"" + entry.getValue() + "\"")
                        .collect(Collectors.joining("\n"))),
                Map.of()));
    }

    @Test
    void takesEveryKeyFromTheEnvironment() {
        Map<String, String> environment = new TreeMap<>();
        everyKeyChanged().forEach((key, value) -> environment.put(EnvironmentVariables.nameOf(key), value));

        assertEveryKeyChanged(load(environment));
    }

    @Test
    void hasThePromisedVariablesAndOneOfItsOwnForEachKey() {
        Set<String> variables = Settings.keys().stream()
                .map(EnvironmentVariables::nameOf)
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(Settings.keys().size(), variables.size());
        Set<String> missing = new TreeSet<>(PROMISED_VARIABLES);
        missing.removeAll(variables);
        assertEquals(Set.of(), missing);
    }

    @Test
    void saysOfEveryKeyWhatItIsFor() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("application.conf"));

        for (int i = 0; i < lines.size(); i++) {
            boolean key = lines.get(i).strip().matches("[a-z0-9.-]+ = .*");
            boolean ofAPair = key && lines.get(i - 1).strip().matches("[a-z0-9.-]+ = .*");
            boolean inCommentedSection =
                    lines.get(i - 1 < 0 ? 0 : i - 1).strip().endsWith("{");
            assertTrue(
                    !key
                            || ofAPair
                            || inCommentedSection
                            || lines.get(i - 1).strip().startsWith("#"),
                    lines.get(i));
        }
    }

    @Test
    void tunesOnlyWhatPekkoKnows() {
        var reference = ConfigFactory.defaultReference();

        ConfigFactory.parseResources("application.conf")
                .withOnlyPath("pekko")
                .entrySet()
                .forEach(entry -> assertTrue(reference.hasPathOrNull(entry.getKey()), entry.getKey()));
    }

    @Test
    void prefersTheCommandLineToTheEnvironmentToTheFileToTheDefaults() throws IOException {
        Path file = file("etcd-aws { once.timeout = 1m, log.level = warn, group.name = filed }");
        Map<String, String> environment = Map.of("ETCD_AWS_ONCE_TIMEOUT", "2m", "ETCD_AWS_LOG_LEVEL", "error");
        Invocation invocation = new Invocation(
                Invocation.Mode.ONCE,
                false,
                Optional.of(file),
                Invocation.OutputFormat.TEXT,
                Optional.of(Duration.ofMinutes(3)),
                true);

        Settings settings = Settings.load(invocation, environment);

        assertEquals(Duration.ofMinutes(3), settings.onceTimeout());
        assertEquals(LogPart.Level.ERROR, settings.log().level());
        assertEquals(Optional.of("filed"), settings.aws().group());
        assertTrue(settings.policy().forceNewCluster());
    }

    @Test
    void takesTheVariablesOfTheScriptThatItReplaces() {
        Settings settings = load(Map.of(
                "ETCD_CLIENT_PORT", "4001",
                "ETCD_SERVER_PORT", "7001",
                "ETCD_CLIENT_SCHEME", "https",
                "ETCD_PEER_SCHEME", "https",
                "PROXY_ASG", "etcd-masters",
                "ASG_BY_TAG", "yes, please",
                "RETRY_TIMES", "3",
                "ETCD_CURLOPTS", "--cacert " + pem + " --cert='" + pem + "' --key \"" + pem + "\" -k"));

        EtcdPart etcd = settings.etcd();
        assertEquals(List.of(4001, 7001, 3), List.of(etcd.clientPort(), etcd.peerPort(), etcd.changeAttempts()));
        assertEquals(List.of("https", "https"), List.of(etcd.clientScheme(), etcd.peerScheme()));
        assertEquals(new TlsPart(Optional.of(pem), Optional.of(pem), Optional.of(pem), true), etcd.tls());
        assertEquals(Policy.Role.PROXY, settings.policy().role());
        assertEquals(Optional.of("etcd-masters"), settings.aws().group());
        assertTrue(settings.aws().groupByTag());
        assertEquals(7001, settings.policy().peerPort());
        assertEquals(1, settings.warnings().size());
    }

    @Test
    void prefersItsOwnVariablesToThoseOfTheScript() {
        assertEquals(
                4002,
                load(Map.of("ETCD_CLIENT_PORT", "4001", "ETCD_AWS_ETCD_CLIENT_PORT", "4002"))
                        .etcd()
                        .clientPort());
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "No", "off", "0", "", "  "})
    void believesAPlainNoForTheTag(String value) {
        assertFalse(
                load(Map.of("PROXY_ASG", "masters", "ASG_BY_TAG", value)).aws().groupByTag());
    }

    @Test
    void takesTheVariablesThatAwsToolsShare() {
        assertEquals(
                Optional.of("eu-west-1"),
                load(Map.of("AWS_DEFAULT_REGION", "us-east-1", "AWS_REGION", "eu-west-1"))
                        .aws()
                        .region());
        assertEquals(
                Optional.of("us-east-1"),
                load(Map.of("AWS_DEFAULT_REGION", "us-east-1")).aws().region());
        assertEquals(
                URI.create("http://[fd00:ec2::254]"),
                load(Map.of("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6"))
                        .aws()
                        .metadataEndpoint());
        assertEquals(
                URI.create("http://127.0.0.1:1338/"),
                load(Map.of(
                                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6",
                                "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"))
                        .aws()
                        .metadataEndpoint());
    }

    @Test
    void takesAnEmptyVariableForNotSet() {
        Settings settings = load(Map.of("ETCD_AWS_ETCD_DATA_DIR", "", "ETCD_AWS_ETCD_API", " ", "ETCD_CURLOPTS", ""));

        assertFalse(settings.dataDirectory().configured());
        assertEquals(EtcdApi.AUTO, settings.etcd().api());
    }

    @Test
    void knowsWhetherTheDataDirectoryWasNamedEvenIfItIsTheDefault() throws IOException {
        Path file = file("etcd-aws.etcd.data-dir = /var/lib/etcd");

        assertTrue(load(file, Map.of()).dataDirectory().configured());
        assertTrue(load(Map.of("ETCD_AWS_ETCD_DATA_DIR", "/var/lib/etcd"))
                .dataDirectory()
                .configured());
    }

    @Test
    void handsPekkosSectionOnToTheActorSystem() throws IOException {
        Path file = file("pekko.scheduler.tick-duration = 33ms");

        ActorSystem<Void> system = load(file, Map.of()).actorSystem().start(Behaviors.empty(), "settings-test");
        try {
            assertEquals(
                    Duration.ofMillis(33), system.settings().config().getDuration("pekko.scheduler.tick-duration"));
            assertEquals("OFF", system.settings().config().getString("pekko.stdout-loglevel"));
        } finally {
            system.terminate();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ETCD_AWS_ETCD_CLIENT_PORT, 0, etcd-aws.etcd.client-port, 65535",
        "ETCD_AWS_ETCD_PEER_PORT, 65536, etcd-aws.etcd.peer-port, 65535",
        "ETCD_AWS_ETCD_PEER_PORT, 2379, etcd-aws.etcd.peer-port, another port",
        "ETCD_SERVER_PORT, 23x80, etcd-aws.etcd.peer-port, 65535",
        "ETCD_PEER_SCHEME, ftp, etcd-aws.etcd.peer-scheme, 'http, https'",
        "ETCD_AWS_ETCD_API, v4, etcd-aws.etcd.api, 'auto, v3, v2'",
        "ETCD_AWS_ONCE_TIMEOUT, 30, etcd-aws.once.timeout, unit",
        "ETCD_AWS_ONCE_TIMEOUT, 0s, etcd-aws.once.timeout, more than zero",
        "ETCD_AWS_RECONCILE_INTERVAL, -5s, etcd-aws.reconcile.interval, more than zero",
        "ETCD_AWS_AWS_CALL_TIMEOUT, 31d, etcd-aws.aws.call-timeout, 30 days",
        "ETCD_AWS_PEERS_FILE_FORMAT, ini, etcd-aws.peers-file.format, etcd-yaml",
        "ETCD_AWS_PEERS_FILE_EXTENDED, maybe, etcd-aws.peers-file.extended, true or false",
        "ETCD_AWS_ETCD_TLS_CA_FILE, /no/such.pem, etcd-aws.etcd.tls.ca-file, can be read",
        "ETCD_AWS_MANAGEMENT_ADDRESS, 2378, etcd-aws.management.address, host:port",
        "ETCD_AWS_MANAGEMENT_ADDRESS, '::1:2378', etcd-aws.management.address, '[::1]:2378'",
        "ETCD_AWS_METADATA_ENDPOINT, 169.254.169.254, etcd-aws.metadata.endpoint, http://",
        "ETCD_AWS_METADATA_ENDPOINT, 'http://127.0.0.1:99999', etcd-aws.metadata.endpoint, from 1 to 65535",
        "ETCD_AWS_METADATA_ENDPOINT, 'http://127.0.0.1:0', etcd-aws.metadata.endpoint, from 1 to 65535",
        "ETCD_AWS_METADATA_ENDPOINT, 'http://[fe80::1%25eth0]', etcd-aws.metadata.endpoint, http://",
        "RETRY_TIMES, 0, etcd-aws.etcd.change-attempts, from 1",
        "ETCD_AWS_LOG_LEVEL, loud, etcd-aws.log.level, debug",
    })
    void namesKeyAndVariableAndValueAndWhatIsAllowed(String variable, String value, String key, String allowed) {
        String message = refusal(Map.of(variable, value));

        assertTrue(message.contains(key + " is '" + value + "' (environment variable " + variable + ")"), message);
        assertTrue(message.contains(allowed), message);
    }

    @Test
    void namesFileAndLine() throws IOException {
        Path file = file("etcd-aws {\n  etcd {\n    client-port = many\n  }\n}\n");

        String message = refusal(file, Map.of());

        assertTrue(message.contains("etcd-aws.etcd.client-port is 'many' (" + file + ", line 3)"), message);
    }

    @ParameterizedTest
    @CsvSource({
        "etcd-aws.etcd.client-prot = 1, etcd-aws.etcd.client-prot, did you mean etcd-aws.etcd.client-port?",
        "etcd-aws.peer-file.path = x, etcd-aws.peer-file, did you mean etcd-aws.peers-file?",
        "peers-file.path = x, peers-file, did you mean etcd-aws.peers-file?",
        "etcdaws.peers-file.path = x, etcdaws, did you mean etcd-aws?",
        "etcd-aws.etcd = x, etcd-aws.etcd, is a section",
        "etcd-aws = x, etcd-aws, is a section",
        "etcd-aws.etcd.api.x = y, etcd-aws.etcd.api, single value",
        "etcd-aws.etcd.api = [v2], etcd-aws.etcd.api, single value",
        "etcd-aws.etcd.api = null, etcd-aws.etcd.api, single value",
        "etcd-aws.\"peers-file.path\" = x, peers-file.path, is not known",
    })
    void refusesKeysThatItDoesNotKnow(String content, String key, String words) throws IOException {
        String message = refusal(file(content), Map.of());

        assertTrue(message.contains(key), message);
        assertTrue(message.contains(words), message);
        assertTrue(message.contains("line 1"), message);
    }

    @Test
    void refusesVariablesThatItDoesNotKnow() {
        assertEquals(
                "the environment variable ETCD_AWS_GROUPNAME is not known; did you mean ETCD_AWS_GROUP_NAME?",
                refusal(Map.of("ETCD_AWS_GROUPNAME", "x")));
        assertEquals(
                "the environment variable ETCD_AWS_FAVOURITE_COLOUR is not known",
                refusal(Map.of("ETCD_AWS_FAVOURITE_COLOUR", "blue")));
    }

    @Test
    void refusesFilesThatCannotBeRead() throws IOException {
        assertTrue(refusal(directory.resolve("none.conf"), Map.of()).contains("none.conf"));
        assertTrue(refusal(directory, Map.of()).contains("not a file"));
        assertTrue(refusal(file("etcd-aws {"), Map.of()).contains("some.conf"));
        assertTrue(refusal(file("etcd-aws.group.name = ${nowhere}"), Map.of()).contains("nowhere"));
    }

    @Test
    void refusesHalfOfAPair() {
        String certificate =
                refusal(Map.of("ETCD_AWS_ETCD_TLS_CERT_FILE", pem.toString(), "ETCD_CLIENT_SCHEME", "https"));
        String user = refusal(Map.of("ETCD_AWS_ETCD_USERNAME", "root"));
        String password = refusal(Map.of("ETCD_AWS_ETCD_PASSWORD_FILE", pem.toString()));

        assertTrue(certificate.contains("etcd-aws.etcd.tls.key-file is not set"), certificate);
        assertTrue(user.contains("etcd-aws.etcd.password-file is not set"), user);
        assertTrue(password.contains("etcd-aws.etcd.username is not set"), password);
    }

    @Test
    void refusesCertificatesWhereNothingIsEncrypted() {
        String message = refusal(Map.of("ETCD_CURLOPTS", "--cacert " + pem));

        assertTrue(message.contains("environment variable ETCD_CURLOPTS, --cacert"), message);
        assertTrue(message.contains("https"), message);
    }

    @Test
    void trustsTheRuntimesCertificatesForHttpsWithoutFiles() {
        assertEquals(
                Optional.empty(),
                load(Map.of("ETCD_CLIENT_SCHEME", "https")).etcd().tls().caFile());
    }

    @Test
    void refusesToBeMemberAndProxyAtOnce() {
        String message = refusal(Map.of("PROXY_ASG", "masters", "ETCD_AWS_GROUP_NAME", "masters"));

        assertTrue(message.contains("environment variable PROXY_ASG"), message);
        assertTrue(message.contains("environment variable ETCD_AWS_GROUP_NAME"), message);
    }

    @Test
    void findsBeforeAnyChangeThatTheExtendedFileCouldNotBeWritten() {
        Map<String, String> environment = Map.of("ETCD_AWS_ETCD_CLUSTER_TOKEN", "two words");

        assertEquals("two words", load(environment).policy().clusterToken());
        assertTrue(refusal(with(environment, "ETCD_AWS_PEERS_FILE_EXTENDED", "true"))
                .contains("ETCD_INITIAL_CLUSTER_TOKEN"));
    }

    @Test
    void warnsOfWhatMayNotBeWanted() throws IOException {
        Path file = file("etcd-aws { etcd { username = root, password-file = \"" + pem
                + "\", tls.insecure-skip-verify = yes }, once.timeout = 5s }");

        List<String> warnings = load(file, Map.of()).warnings();

        assertEquals(3, warnings.size());
        Stream.of("insecure-skip-verify", "password can be read", "too short")
                .forEach(words -> assertTrue(
                        warnings.stream().anyMatch(warning -> warning.contains(words)), warnings.toString()));
    }

    /** Every key with a value other than its default; proxy.group is left to a test of its own. */
    private Map<String, String> everyKeyChanged() {
        return new TreeMap<>(Map.ofEntries(
                Map.entry("peers-file.path", "/run/peers"),
                Map.entry("peers-file.format", "etcd-yaml"),
                Map.entry("peers-file.extended", "true"),
                Map.entry("peers-file.on-change", "reload 'the proxy'"),
                Map.entry("peers-file.on-change-timeout", "8s"),
                Map.entry("etcd.data-dir", "/mnt/etcd"),
                Map.entry("etcd.client-scheme", "https"),
                Map.entry("etcd.peer-scheme", "https"),
                Map.entry("etcd.client-port", "4001"),
                Map.entry("etcd.peer-port", "7001"),
                Map.entry("etcd.api", "v2"),
                Map.entry("etcd.cluster-token", "blue"),
                Map.entry("etcd.tls.ca-file", pem.toString()),
                Map.entry("etcd.tls.cert-file", pem.toString()),
                Map.entry("etcd.tls.key-file", pem.toString()),
                Map.entry("etcd.tls.insecure-skip-verify", "true"),
                Map.entry("etcd.username", "root"),
                Map.entry("etcd.password-file", pem.toString()),
                Map.entry("etcd.probe-timeout", "700ms"),
                Map.entry("etcd.change-timeout", "PT9S"),
                Map.entry("etcd.change-attempts", "2"),
                Map.entry("group.name", ""),
                Map.entry("group.ip-family", "ipv6"),
                Map.entry("group.cluster-tag", "etcd:blue"),
                Map.entry("group.launch-hook", "launching"),
                Map.entry("group.terminate-hook", "terminating"),
                Map.entry("proxy.group", "masters"),
                Map.entry("proxy.by-tag", "true"),
                Map.entry("metadata.endpoint", "http://127.0.0.1:1338"),
                Map.entry("metadata.endpoint-mode", "ipv6"),
                Map.entry("metadata.imds-v1-allowed", "true"),
                Map.entry("metadata.timeout", "1s"),
                Map.entry("metadata.watch-interval", "7s"),
                Map.entry("aws.region", "eu-central-1"),
                Map.entry("aws.call-timeout", "20s"),
                Map.entry("aws.max-attempts", "7"),
                Map.entry("aws.scan-max-age", "4s"),
                Map.entry("once.timeout", "10 minutes"),
                Map.entry("bootstrap.stable-margin", "6s"),
                Map.entry("membership.join-as", "learner"),
                Map.entry("membership.remove-after", "2m"),
                Map.entry("membership.confirm-after", "11s"),
                Map.entry("membership.learner-timeout", "4m"),
                Map.entry("reconcile.interval", "1h"),
                Map.entry("management.address", "off"),
                Map.entry("log.level", "debug"),
                Map.entry("log.format", "json")));
    }

    private void assertEveryKeyChanged(Settings settings) {
        assertEquals(
                new Policy(
                        Policy.Role.PROXY,
                        Policy.JoinAs.LEARNER,
                        Duration.ofSeconds(6),
                        Duration.ofMinutes(2),
                        Duration.ofSeconds(11),
                        "https",
                        7001,
                        false,
                        "blue",
                        Optional.empty()),
                settings.policy());
        assertEquals(
                new PeersFileSettings(
                        Path.of("/run/peers"),
                        PeersFileFormat.ETCD_YAML,
                        true,
                        "https",
                        4001,
                        "blue",
                        Optional.of(Path.of("/mnt/etcd"))),
                settings.peersFile());
        assertEquals(
                Optional.of(new ChangeCommandPart(List.of("reload", "the proxy"), Duration.ofSeconds(8))),
                settings.changeCommand());
        assertEquals(new DataDirectoryPart(Path.of("/mnt/etcd"), true), settings.dataDirectory());
        assertEquals(
                new EtcdPart(
                        "https",
                        4001,
                        "https",
                        7001,
                        EtcdApi.V2,
                        new TlsPart(Optional.of(pem), Optional.of(pem), Optional.of(pem), true),
                        Optional.of("root"),
                        Optional.of(pem),
                        Duration.ofMillis(700),
                        Duration.ofSeconds(9),
                        2),
                settings.etcd());
        assertEquals(
                new AwsPart(
                        Optional.of("masters"),
                        true,
                        "etcd:blue",
                        Optional.of("launching"),
                        Optional.of("terminating"),
                        IpFamily.IPV6,
                        URI.create("http://127.0.0.1:1338"),
                        true,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(7),
                        Optional.of("eu-central-1"),
                        Duration.ofSeconds(20),
                        7,
                        Duration.ofSeconds(4)),
                settings.aws());
        assertEquals(Duration.ofMinutes(10), settings.onceTimeout());
        assertEquals(Duration.ofHours(1), settings.reconcileInterval());
        assertEquals(Optional.empty(), settings.managementAddress());
        assertEquals(new LogPart(LogPart.Level.DEBUG, LogPart.Format.JSON), settings.log());
    }

    private static Map<String, String> with(Map<String, String> environment, String variable, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(variable, value);
        return more;
    }

    private Path file(String content) throws IOException {
        return Files.writeString(directory.resolve("some.conf"), content);
    }

    private static Settings load(Map<String, String> environment) {
        return load(Optional.empty(), environment);
    }

    private static Settings load(Path file, Map<String, String> environment) {
        return load(Optional.of(file), environment);
    }

    private static Settings load(Optional<Path> file, Map<String, String> environment) {
        return Settings.load(
                new Invocation(
                        Invocation.Mode.ONCE, false, file, Invocation.OutputFormat.TEXT, Optional.empty(), false),
                environment);
    }

    private static String refusal(Map<String, String> environment) {
        return refusal(() -> load(environment));
    }

    private static String refusal(Path file, Map<String, String> environment) {
        return refusal(() -> load(file, environment));
    }

    private static String refusal(org.junit.jupiter.api.function.Executable loading) {
        return String.valueOf(
                assertThrows(ConfigurationException.class, loading).getMessage());
    }
}
