package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.Address;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressFormsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "2001:db8::1",
                "2600:1f18:22ba:8c00:ba86:a05e:a5ba:15a6",
                "2001:db8:0:1:1:1:1:1",
                "2001:0:0:1::1",
                "2001:db8::1:0:0:1",
                "::1",
                "1::",
                "::"
            })
    void spellsIpv6AsAwsDoes(String text) {
        assertEquals(text, AddressForms.compressed(Address.parse(text)));
    }

    @Test
    void tellsIpv4FromNames() {
        assertTrue(AddressForms.isIpv4(Address.parse("10.0.0.1")));
        assertFalse(AddressForms.isIpv4(Address.parse("ip-10-0-0-1.ec2.internal")));
        assertFalse(AddressForms.isIpv4(Address.parse("::1")));
    }
}
