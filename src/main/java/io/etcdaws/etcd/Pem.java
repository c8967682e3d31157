package io.etcdaws.etcd;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates and keys in the PEM form that openssl and cfssl write. Pekko's PEM support reads files of exactly
 * one block, and no {@code EC PRIVATE KEY}; files of operators have several blocks and remarks between them.
 */
final class Pem {
    private record Block(String label, String body) {}

    // RFC 7468; what stands between the blocks (openssl writes the certificate's text there) is skipped.
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*(.*?)\\s*-----END \\1-----", Pattern.DOTALL);

    private static final byte[] VERSION_ZERO = {0x02, 0x01, 0x00};
    private static final byte[] OID_RSA = {
        0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01
    };
    private static final byte[] OID_EC = {0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01};
    private static final byte[] DER_NULL = {0x05, 0x00};

    private static final int DER_SEQUENCE = 0x30;
    private static final int DER_OCTET_STRING = 0x04;
    private static final int DER_OBJECT_IDENTIFIER = 0x06;
    private static final int DER_CURVE_OF_KEY = 0xa0;

    private Pem() {}

    /**
     * All certificates in a text, in its order.
     *
     * @throws CredentialsException if there is none, or one cannot be read; the message continues "{@code the file …}"
     */
    static List<X509Certificate> certificates(String text) throws CredentialsException {
        List<X509Certificate> found = new ArrayList<>();
        for (Block block : blocks(text)) {
            if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
                found.add(certificate(block));
            }
        }
        if (found.isEmpty()) {
            throw new CredentialsException("has no PEM certificate in it" + insteadThereIs(text));
        }
        return List.copyOf(found);
    }

    /**
     * The one private key in a text: PKCS#8, PKCS#1 or SEC1.
     *
     * @throws CredentialsException if there is none, it is encrypted or cannot be read; the message continues "{@code the
     *     file …}"
     */
    static PrivateKey privateKey(String text) throws CredentialsException {
        byte @Nullable [] curve = null;
        for (Block block : blocks(text)) {
            boolean key = block.label().endsWith("PRIVATE KEY");
            if (block.label().equals("ENCRYPTED PRIVATE KEY")
                    || (key && block.body().contains("ENCRYPTED"))) {
                throw new CredentialsException(
                        "holds an encrypted private key, which is not supported: decrypt it with `openssl pkey -in FILE -out PLAIN`");
            }
            if (block.label().equals("EC PARAMETERS")) {
                curve = der(block);
            }
            if (key) {
                return privateKey(block, Optional.ofNullable(curve));
            }
        }
        throw new CredentialsException("has no PEM private key in it" + insteadThereIs(text));
    }

    private static PrivateKey privateKey(Block block, Optional<byte[]> curve) throws CredentialsException {
        byte[] der = der(block);
        return switch (block.label()) {
            case "PRIVATE KEY" -> decode(der, List.of("EC", "RSA", "EdDSA"));
            case "RSA PRIVATE KEY" -> decode(pkcs8(concat(OID_RSA, DER_NULL), der), List.of("RSA"));
            case "EC PRIVATE KEY" -> decode(pkcs8(concat(OID_EC, curveOf(der, curve)), der), List.of("EC"));
            default ->
                throw new CredentialsException("holds a key of the kind '" + block.label()
                        + "', which is not supported: PKCS#8, PKCS#1 (RSA) and SEC1 (EC) are");
        };
    }

    private static PrivateKey decode(byte[] pkcs8, List<String> algorithms) throws CredentialsException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(pkcs8);
        Exception last = new InvalidKeySpecException("no algorithm");
        for (String algorithm : algorithms) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException | NoSuchAlgorithmException e) {
                last = e;
            }
        }
        throw new CredentialsException("holds a private key that cannot be read: " + last.getMessage(), last);
    }

    /** PKCS#8 is a small envelope around the older forms: version, algorithm, and the older form as octets. */
    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        return element(
                DER_SEQUENCE,
                concat(concat(VERSION_ZERO, element(DER_SEQUENCE, algorithm)), element(DER_OCTET_STRING, key)));
    }

    /**
     * The object identifier of an EC key's curve: from inside the key, else from the parameters block that {@code openssl
     * ecparam} writes before it.
     */
    private static byte[] curveOf(byte[] sec1, Optional<byte[]> parameters) throws CredentialsException {
        try {
            int at = contentOf(sec1, 0);
            while (at < sec1.length) {
                int content = contentOf(sec1, at);
                int end = content + lengthOf(sec1, at);
                if ((sec1[at] & 0xff) == DER_CURVE_OF_KEY && sec1[content] == DER_OBJECT_IDENTIFIER) {
                    return Arrays.copyOfRange(sec1, content, end);
                }
                at = end;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new CredentialsException("holds a private key that cannot be read: it is cut off", e);
        }
        return parameters
                .filter(der -> der.length > 0 && der[0] == DER_OBJECT_IDENTIFIER)
                .orElseThrow(() -> new CredentialsException("holds an EC private key that does not name its curve"));
    }

    private static int contentOf(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        return at + 2 + (first < 0x80 ? 0 : first & 0x7f);
    }

    private static int lengthOf(byte[] der, int at) {
        int first = der[at + 1] & 0xff;
        if (first < 0x80) {
            return first;
        }
        int length = 0;
        for (int i = 0; i < (first & 0x7f); i++) {
            length = (length << 8) | (der[at + 2 + i] & 0xff);
        }
        if (length < 0 || length > der.length) {
            throw new IndexOutOfBoundsException("length " + length);
        }
        return length;
    }

    private static byte[] element(int tag, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(content.length) + 7) / 8;
            out.write(0x80 | octets);
            for (int i = octets - 1; i >= 0; i--) {
                out.write(content.length >>> (8 * i));
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static X509Certificate certificate(Block block) throws CredentialsException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der(block)));
        } catch (CertificateException e) {
            throw new CredentialsException("holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    private static byte[] der(Block block) throws CredentialsException {
        try {
            return Base64.getMimeDecoder().decode(block.body());
        } catch (IllegalArgumentException e) {
            throw new CredentialsException("holds a block '" + block.label() + "' that is not base64", e);
        }
    }

    private static List<Block> blocks(String text) {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text);
        while (matcher.find()) {
            blocks.add(new Block(matcher.group(1), matcher.group(2)));
        }
        return blocks;
    }

    private static String insteadThereIs(String text) {
        List<String> labels = blocks(text).stream().map(Block::label).toList();
        return labels.isEmpty() ? "" : ", only " + String.join(", ", labels);
    }
}
