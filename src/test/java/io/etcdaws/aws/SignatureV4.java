package io.etcdaws.aws;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Checks a request's AWS signature (version 4) over what came over the wire, as AWS does. */
final class SignatureV4 {
    private static final Pattern AUTHORIZATION = Pattern.compile(
            "AWS4-HMAC-SHA256 Credential=([^/]+)/((\\d{8})/([^/]+)/([^/]+)/aws4_request), SignedHeaders=([^,]+),"
                    + " Signature=([0-9a-f]{64})");

    private SignatureV4() {}

    /** Whether the request, without a query, is signed with that secret. */
    static boolean holds(WireServer.Request request, String secret) {
        Matcher given = AUTHORIZATION.matcher(request.header("Authorization").orElse(""));
        if (!given.matches()) {
            return false;
        }
        List<String> signed = List.of(given.group(6).split(";"));
        String canonical = request.method() + "\n" + request.target() + "\n\n"
                + signed.stream()
                        .map(name -> name + ":" + request.header(name).orElseThrow() + "\n")
                        .collect(Collectors.joining())
                + "\n" + given.group(6) + "\n" + hash(request.body().toArray());
        String toSign = "AWS4-HMAC-SHA256\n" + request.header("X-Amz-Date").orElseThrow() + "\n" + given.group(2) + "\n"
                + hash(canonical.getBytes(StandardCharsets.UTF_8));
        byte[] key = mac(("AWS4" + secret).getBytes(StandardCharsets.UTF_8), given.group(3));
        key = mac(mac(mac(key, given.group(4)), given.group(5)), "aws4_request");
        return signed.contains("host")
                && HexFormat.of().formatHex(mac(key, toSign)).equals(given.group(7));
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
