package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.it.Processes.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails says what, where, and what to do, with the promised exit code, and leaves everything as it was. */
class FailureIT extends HurryingTest {
    private static void fault(LabGroup group, Map<String, Object> fault) {
        group.aws().post("/lab/faults", fault);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeAutoScalingGroups",
                "ec2:DescribeInstances"
            })
    void aMissingPermissionIsNamed(String action) {
        LabGroup one = groupOf(1);
        one.aws().post("/lab/iam", Map.of("deny", List.of(action)));

        assertEnds(5, action, one.node(0).once());
        assertFalse(Files.exists(one.node(0).peersFile()));
    }

    @Test
    void throttlingIsWaitedOut() {
        LabGroup one = groupOf(1);
        fault(one, Map.of("action", "*", "code", "Throttling", "status", 400, "times", 3));

        one.node(0).onceSucceeds();
    }

    @Test
    void slowAnswersAreWaitedFor() {
        LabGroup one = groupOf(1);
        fault(one, Map.of("action", "DescribeInstances", "delayMillis", 2500));

        one.node(0).onceSucceeds();
    }

    @Test
    void aRunEndsByItsTimeoutThoughAwsNeverAnswers() {
        LabGroup one = groupOf(1);
        fault(one, Map.of("action", "*", "hang", true));

        Result result = one.node(0).run("--once", "--timeout", "5s");

        assertTrue(result.exitCode() == 5 || result.exitCode() == 6, result::toString);
        assertTrue(result.took().compareTo(Duration.ofSeconds(15)) < 0, result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage", "reset"})
    void brokenAnswersOfAwsAreReported(String kind) {
        LabGroup one = groupOf(1);
        fault(one, Map.of("action", "DescribeAutoScalingGroups", kind, true));

        assertEnds(5, "DescribeAutoScalingGroups", one.node(0).once());
    }

    @Test
    void answersInPagesAreReadToTheEnd() {
        LabGroup three = groupOf(3);
        three.aws().post("/lab/page-size", Map.of("size", 1));
        try {
            assertEquals(
                    LabGroup.newClusterFile(three.node(0), three.nodes()),
                    three.node(0).onceSucceeds());
        } finally {
            three.aws().post("/lab/page-size", Map.of("size", 0));
        }
    }

    @Test
    void anInstanceThatIsInNoGroupIsToldSo() {
        LabGroup one = groupOf(1);
        fault(one, Map.of("action", "DescribeAutoScalingInstances", "empty", true));

        assertEnds(4, one.node(0).id(), one.node(0).run("--once", "--timeout", "40s"));
    }

    @Test
    void aConfiguredGroupThatDoesNotExistIsNamed() {
        LabGroup one = groupOf(1);

        assertEnds(
                4,
                "no-such-group",
                one.node(0).with("ETCD_AWS_GROUP_NAME", "no-such-group").once());
    }

    @ParameterizedTest
    @ValueSource(strings = {"down", "hang", "forbidden", "v1-only", "garbage", "empty"})
    void metadataThatCannotBeReadAreReported(String mode) {
        LabGroup one = groupOf(1);
        metadata(one, mode);

        assertEnds(3, "metadata", one.node(0).run("--once", "--timeout", "20s"));
    }

    private static void metadata(LabGroup group, String mode) {
        group.aws().post("/lab/imds", Map.of("address", group.node(0).address(), "mode", mode));
    }

    @Test
    void metadataWithoutTokensAreReadWhereThatIsAllowed() {
        LabGroup one = groupOf(1);
        metadata(one, "v1-only");

        one.node(0).with("ETCD_AWS_METADATA_IMDS_V1_ALLOWED", "true").onceSucceeds();
    }

    @Test
    void anUnknownVariableIsNamed() {
        LabGroup one = groupOf(1);

        assertEnds(
                2,
                "ETCD_AWS_ETCD_DATADIR",
                one.node(0).with("ETCD_AWS_ETCD_DATADIR", "/data").once());
    }

    @Test
    void aWrongValueIsNamedWithItsKey() {
        assertEnds(
                2,
                "ETCD_CLIENT_PORT",
                groupOf(1).node(0).with("ETCD_CLIENT_PORT", "client").once());
    }

    @Test
    void aPeersFileThatCannotBeWrittenIsReported() throws IOException {
        LabNode node = groupOf(1).node(0);
        Path notADirectory = Files.createDirectories(node.directory()).resolve("file");
        Files.writeString(notADirectory, "in the way");
        String path = notADirectory.resolve("etcd-peers").toString();

        assertEnds(8, path, node.with("ETCD_AWS_PEERS_FILE_PATH", path).once());
    }

    @Test
    void aFullDiskLeavesTheOldFileAsItWas() throws IOException {
        LabNode node = groupOf(1).node(0);
        Path disk = Files.createDirectories(node.directory().resolve("disk"));
        Processes.run(directory, List.of("mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", disk.toString()));
        try {
            Path file = disk.resolve("etcd-peers");
            Files.writeString(file, "old\n");

            assertEnds(
                    8,
                    "space",
                    node.with("ETCD_AWS_PEERS_FILE_PATH", file.toString()).once());

            assertEquals("old\n", Files.readString(file));
            try (Stream<Path> files = Files.list(disk)) {
                assertEquals(List.of(file), files.toList());
            }
        } finally {
            Processes.run(directory, List.of("umount", disk.toString()));
        }
    }

    @Test
    void aReadOnlyFileSystemIsReported() {
        LabNode node = groupOf(1).node(0);
        Path disk = node.directory().resolve("disk");
        assertTrue(disk.toFile().mkdirs());
        Processes.run(directory, List.of("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", disk.toString()));
        try {
            String file = disk.resolve("etcd-peers").toString();
            assertEnds(8, file, node.with("ETCD_AWS_PEERS_FILE_PATH", file).once());
        } finally {
            Processes.run(directory, List.of("umount", disk.toString()));
        }
    }

    @Test
    void standardOutputHoldsNoLogs() {
        Result result = groupOf(1).node(0).once();

        assertFalse(result.stdout().contains("group"), result::toString);
        assertTrue(result.stderr().contains("decided"), result::toString);
    }

    @Test
    void logsAreJsonLinesWhereWanted() {
        Result result = groupOf(1).node(0).with("ETCD_AWS_LOG_FORMAT", "json").once();

        assertEquals(0, result.exitCode(), result::toString);
        result.stderr()
                .lines()
                .forEach(line ->
                        assertTrue(com.google.gson.JsonParser.parseString(line).isJsonObject(), line));
    }
}
