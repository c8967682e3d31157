package io.etcdaws.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CurlOptionsTest {
    @Test
    void takesTheTlsOptionsApartAndJoined() {
        List<String> given = CurlOptions.parse("--cacert /ca.pem --cert=/c.pem --key '/my key.pem' --insecure").stream()
                .map(value -> value.key() + "=" + value.value())
                .toList();

        assertEquals(
                List.of(
                        "etcd.tls.ca-file=/ca.pem",
                        "etcd.tls.cert-file=/c.pem",
                        "etcd.tls.key-file=/my key.pem",
                        "etcd.tls.insecure-skip-verify=true"),
                given);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-s", "--max-time 5", "--cacert /a --proxy=x", "-kv", "file.pem", "--cert-type PEM"})
    void refusesEveryOtherOptionByName(String options) {
        String message = refusal(options);

        assertTrue(message.startsWith("ETCD_CURLOPTS holds "), message);
        assertTrue(message.contains("which this program does not know"), message);
    }

    @Test
    void refusesAPasswordWithoutTellingIt() {
        String message = refusal("--cert /c.pem:secret");

        assertTrue(message.contains("file:password"), message);
        assertFalse(message.contains("secret"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-uroot:hunter2", "--user=root:hunter2", "-k root:hunter2"})
    void tellsNoMoreOfAnOptionThanItsName(String options) {
        assertFalse(refusal(options).contains("root"), options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cacert", "--cert=", "-k --key ''"})
    void refusesAnOptionWithoutItsFile(String options) {
        assertTrue(refusal(options).endsWith("without a file"), options);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--cacert '/a", "--key \"/a", "--key /a\\", "--key \"/a\\"})
    void refusesWhatAShellCouldNotRead(String options) {
        assertTrue(refusal(options).startsWith("ETCD_CURLOPTS cannot be read"), options);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a  b\tc | a/b/c",
                "'a b'c \"d e\" | a bc/d e",
                "\"a\\\"b\\n\" | a\"b\\n",
                "'a\\b' c\\ d | a\\b/c d",
                "a '' b | a//b",
            })
    void splitsAsAShellDoes(String text, String words) {
        assertEquals(words, String.join("/", ShellWords.split(text)));
    }

    private static String refusal(String options) {
        return String.valueOf(assertThrows(ConfigurationException.class, () -> CurlOptions.parse(options))
                .getMessage());
    }
}
