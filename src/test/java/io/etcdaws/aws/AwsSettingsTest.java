package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AwsSettingsTest {
    @ParameterizedTest
    @ValueSource(strings = {"169.254.169.254", "/latest", "ftp://169.254.169.254", "http:///x"})
    void refusesAnEndpointThatIsNoHttpUrl(String endpoint) {
        TestSettings settings = TestSettings.member().metadataAt(URI.create(endpoint));
        String message = String.valueOf(
                assertThrows(IllegalArgumentException.class, settings::settings).getMessage());
        assertTrue(message.contains("metadata endpoint"), message);
        assertTrue(message.contains(endpoint), message);
    }
}
