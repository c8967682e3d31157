package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses are equal if they are the same host, and only then. */
class AddressTest {
    @Test
    void anAddressIsNotItsPrefix() {
        assertNotEquals(Address.parse("10.0.0.1"), Address.parse("10.0.0.10"));
        assertNotEquals(Address.parse("10.0.0.1"), Address.parse("10.0.0.11"));
    }

    @Test
    void everySpellingOfAnIpv6AddressIsTheSame() {
        assertEquals(Address.parse("fd00::1"), Address.parse("FD00:0:0:0:0:0:0:1"));
        assertEquals(Address.parse("fd00::1"), Address.parse("[fd00:0::0001]"));
        assertNotEquals(Address.parse("fd00::1"), Address.parse("fd00::10"));
    }

    @Test
    void anIpv4AddressMappedIntoIpv6IsTheIpv4Address() {
        assertEquals(Address.parse("10.0.0.1"), Address.parse("::ffff:10.0.0.1"));
    }

    @Test
    void dnsNamesAreComparedInLowerCaseWithoutTheLastDot() {
        assertEquals(Address.parse("etcd-0.example.com"), Address.parse("ETCD-0.Example.com."));
    }

    @Test
    void ipv6StandsInBracketsInAUrl() {
        assertEquals("[fd00:0:0:0:0:0:0:1]", Address.parse("fd00::1").inUrl());
        assertEquals("10.0.0.1", Address.parse("10.0.0.1").inUrl());
        assertEquals("a.example", Address.parse("a.example").inUrl());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "10.0.0.1 ", "a b", "http://a", "a/b", "-a", "a..b", "null?", "g::1", ":", "1:2", "[::1"
            })
    void whatIsNoAddressIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Address.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.256", "999.0.0.1", "zz::1"})
    void whatOnlyLooksLikeALiteralIsRefusedWithoutALookUp(String text) {
        assertTimeoutPreemptively(
                Duration.ofMillis(500), () -> assertThrows(IllegalArgumentException.class, () -> Address.parse(text)));
    }
}
