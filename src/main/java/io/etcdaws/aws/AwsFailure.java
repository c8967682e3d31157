package io.etcdaws.aws;

import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * AWS could not be asked, or its answer is of no use. The message tells a person which action failed, how, which
 * permission it needs or where it was sent, and what to do.
 */
public final class AwsFailure extends RuntimeException {
    /** What went wrong. */
    public enum Kind {
        /** There is no such auto scaling group. */
        NOT_FOUND,
        /** More than one group fits. */
        AMBIGUOUS,
        /** This instance is in no group, or in another than it should be. */
        NOT_IN_GROUP,
        /** The credentials are good, but do not allow the action. */
        DENIED,
        /** AWS asks for fewer calls. */
        THROTTLED,
        /** No answer came. */
        UNREACHABLE,
        /** There are no credentials, or AWS does not accept them. */
        NO_CREDENTIALS,
        /** Anything else: AWS is failing, or its answer makes no sense. */
        OTHER;

        /** Whether the group is the trouble, rather than the AWS API. */
        public boolean isAboutGroup() {
            return this == NOT_FOUND || this == AMBIGUOUS || this == NOT_IN_GROUP;
        }

        /** How a call that failed so is counted: a word that stays the same, as metrics and alarms name it. */
        String outcome() {
            return this == OTHER ? "failed" : name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final int MAX_SHOWN = 400;
    private static final Set<String> CREDENTIALS_REFUSED = Set.of(
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException");

    private final Kind kind;
    private final String action;
    private final String message;
    private final boolean retryable;

    private AwsFailure(Kind kind, String action, String message, boolean retryable, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.action = action;
        this.message = message;
        this.retryable = retryable;
    }

    /** A failure that AWS did not report itself: its answer is not the one that is needed. Not retryable. */
    static AwsFailure of(Kind kind, String action, String message) {
        return new AwsFailure(kind, action, message, false, null);
    }

    /**
     * Names what failed.
     *
     * @param action as IAM policies spell it, such as {@code ec2:DescribeInstances}
     */
    static AwsFailure from(String action, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof AwsFailure known) {
            return known;
        }
        if (cause instanceof AwsServiceException answer) {
            return fromAnswer(action, answer);
        }
        for (Throwable link = cause; link != null; link = link.getCause()) {
            if (link instanceof Unreachable) {
                return unreachable(action, link);
            }
            if (link instanceof CredentialsMissing) {
                return noCredentials(action, "no AWS credentials were found: " + link.getMessage(), cause);
            }
        }
        boolean retryable = cause instanceof SdkClientException;
        return new AwsFailure(Kind.OTHER, action, action + " failed: " + shorten(cause), retryable, cause);
    }

    /** The failure of a stage of this package. Anything but an {@link AwsFailure} is a bug, and crashes who meets it. */
    static AwsFailure unwrap(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof AwsFailure known) {
            return known;
        }
        throw new IllegalStateException("asking AWS failed in an unforeseen way", failure);
    }

    private static AwsFailure fromAnswer(String action, AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        String code = details == null || details.errorCode() == null ? "" : details.errorCode();
        String said = describe(answer, details, code);
        if (answer.isThrottlingException()) {
            return new AwsFailure(
                    Kind.THROTTLED,
                    action,
                    action + " was throttled (" + said + "); the account makes more calls than AWS allows, so call less"
                            + " often or ask AWS for a higher rate",
                    true,
                    answer);
        }
        if (answer.isClockSkewException()) {
            String advice = "; the clock of this instance is off, so have it set (chrony)";
            return new AwsFailure(Kind.OTHER, action, action + " failed (" + said + ")" + advice, true, answer);
        }
        if (CREDENTIALS_REFUSED.contains(code)) {
            return noCredentials(action, "AWS does not accept the credentials (" + said + ")", answer);
        }
        if (answer.statusCode() == 401 || answer.statusCode() == 403 || code.startsWith("Unauthorized")) {
            String advice = (code.isEmpty() ? "; check the credentials, and allow the action " : "; allow the action ")
                    + action + " in the policy of the instance's role";
            return new AwsFailure(Kind.DENIED, action, action + " was denied (" + said + ")" + advice, false, answer);
        }
        boolean retryable = answer.statusCode() >= 500;
        return new AwsFailure(Kind.OTHER, action, action + " failed (" + said + ")", retryable, answer);
    }

    private static AwsFailure unreachable(String action, Throwable reason) {
        return new AwsFailure(
                Kind.UNREACHABLE,
                action,
                action + " could not be called: " + reason.getMessage()
                        + "; check the way to the endpoint (NAT gateway or VPC endpoint, security groups, DNS),"
                        + " AWS_ENDPOINT_URL, and without IPv4 AWS_USE_DUALSTACK_ENDPOINT=true",
                true,
                reason);
    }

    /** Retryable: on a new instance the role's credentials may come a few seconds late. */
    private static AwsFailure noCredentials(String action, String reason, Throwable cause) {
        return new AwsFailure(
                Kind.NO_CREDENTIALS,
                action,
                action + " could not be called: " + reason
                        + "; give the instance a role (instance profile) that allows it, or set AWS_PROFILE or"
                        + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                true,
                cause);
    }

    private static String describe(AwsServiceException answer, @Nullable AwsErrorDetails details, String code) {
        String text = details == null || details.errorMessage() == null ? "" : details.errorMessage();
        String status = String.format(Locale.ROOT, "HTTP %d", answer.statusCode());
        return code.isEmpty() ? status : status + ", " + code + ": " + shorten(text);
    }

    private static String shorten(Throwable failure) {
        return shorten(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    private static String shorten(String text) {
        return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }

    /** The action, as IAM policies spell it. */
    public String action() {
        return action;
    }

    /** Whether another attempt may succeed without anybody's doing. */
    public boolean retryable() {
        return retryable;
    }

    /** For people. */
    @Override
    public String getMessage() {
        return message;
    }
}
