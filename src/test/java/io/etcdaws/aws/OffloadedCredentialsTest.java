package io.etcdaws.aws;

import static java.time.temporal.ChronoUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.etcdaws.aws.AwsFailure.Kind;
import io.etcdaws.aws.WireServer.Answer;
import io.etcdaws.aws.WireServer.Request;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;

/** With no credentials about but those of the instance's role, as the fake metadata service tells them. */
class OffloadedCredentialsTest {
    private static final String ENDPOINT = "aws.ec2MetadataServiceEndpoint";
    private static final String PROFILE = "aws.profile";
    private static final String ROLES = "/latest/meta-data/iam/security-credentials/";
    private static final String ROLE = """
            {"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIA1", "SecretAccessKey": "secret",
             "Token": "token", "LastUpdated": "2026-01-01T00:00:00Z", "Expiration": "2099-01-01T00:00:00Z"}
            """;

    private final ActorTestKit kit = ActorTestKit.create();

    @BeforeEach
    void hideOtherSources() {
        for (String variable : List.of(
                "AWS_ACCESS_KEY_ID",
                "AWS_WEB_IDENTITY_TOKEN_FILE",
                "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                "AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
            assumeTrue(System.getenv(variable) == null, variable + " is set here");
        }
        System.setProperty(PROFILE, "no-such-profile");
    }

    @AfterEach
    void stop() {
        System.clearProperty(PROFILE);
        System.clearProperty(ENDPOINT);
        kit.shutdownTestKit();
    }

    private AwsCredentialsIdentity find(Function<Request, Answer> imds, Duration timeout) {
        try (WireServer server = WireServer.start(imds)) {
            System.setProperty(ENDPOINT, server.url().toString());
            return new OffloadedCredentials(kit.system(), timeout)
                    .resolveIdentity(ResolveIdentityRequest.builder().build())
                    .join();
        }
    }

    private AwsFailure failure(Function<Request, Answer> imds, Duration timeout) {
        Throwable cause = assertThrows(CompletionException.class, () -> find(imds, timeout))
                .getCause();
        return AwsFailure.from("ec2:DescribeInstances", assertInstanceOf(CredentialsMissing.class, cause));
    }

    private static Answer role(Request request) {
        return switch (request.target()) {
            case ROLES -> WireServer.text("etcd");
            case ROLES + "etcd" -> WireServer.text(ROLE);
            default -> WireServer.text(404, "");
        };
    }

    @Test
    void findsThoseOfTheInstancesRole() {
        assertEquals(
                "ASIA1",
                find(OffloadedCredentialsTest::role, Duration.ofSeconds(20)).accessKeyId());
    }

    @Test
    void tellsWhatEachSourceSaid() {
        AwsFailure failure = failure(request -> WireServer.text(404, ""), Duration.ofSeconds(20));
        assertEquals(Kind.NO_CREDENTIALS, failure.kind());
        assertTrue(failure.retryable());
        String message = failure.getMessage();
        assertTrue(message.contains("no AWS credentials were found: [SystemProperty"), message);
        assertTrue(message.contains("InstanceProfileCredentialsProvider(): "), message);
        assertTrue(message.contains("give the instance a role"), message);
    }

    @Test
    void givesUpInTime() {
        AwsFailure failure = failure(request -> new WireServer.Hang(), Duration.ofMillis(300));
        assertEquals(Kind.NO_CREDENTIALS, failure.kind());
        assertTrue(failure.getMessage().contains("longer than 300 ms"), failure.getMessage());
    }

    /** The instance's role has credentials for some hours, and this program stays for days. */
    @Test
    void findsNewOnesBeforeTheFirstAreOver() {
        AtomicInteger asked = new AtomicInteger();
        Function<Request, Answer> renewed = request -> {
            if (!request.target().equals(ROLES + "etcd")) {
                return role(request);
            }
            Instant end = Instant.now().plusSeconds(4).truncatedTo(SECONDS);
            return WireServer.text(
                    asked.incrementAndGet() == 1
                            ? ROLE.replace("2099-01-01T00:00:00Z", end.toString())
                            : ROLE.replace("ASIA1", "ASIA2"));
        };
        try (WireServer server = WireServer.start(renewed)) {
            System.setProperty(ENDPOINT, server.url().toString());
            OffloadedCredentials credentials = new OffloadedCredentials(kit.system(), Duration.ofSeconds(20));
            ResolveIdentityRequest request = ResolveIdentityRequest.builder().build();
            assertEquals("ASIA1", credentials.resolveIdentity(request).join().accessKeyId());
            kit.<Void>createTestProbe().awaitAssert(Duration.ofSeconds(20), () -> {
                assertEquals(
                        "ASIA2", credentials.resolveIdentity(request).join().accessKeyId());
                return null;
            });
            assertEquals(2, asked.get());
        }
    }
}
