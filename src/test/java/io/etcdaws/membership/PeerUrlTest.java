package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Peer URLs keep etcd's spelling, and are compared by host. */
class PeerUrlTest {
    @Test
    void theSpellingIsKept() {
        PeerUrl url = PeerUrl.parse("https://[FD00:0::1]:2380");
        assertEquals("https://[FD00:0::1]:2380", url.text());
        assertEquals(Address.parse("fd00::1"), url.host());
        assertEquals(2380, url.port());
    }

    @Test
    void anAddressGivesAUrl() {
        assertEquals(
                "http://10.0.0.1:2380",
                PeerUrl.of("http", Address.parse("10.0.0.1"), 2380).text());
        assertEquals(
                "https://[fd00:0:0:0:0:0:0:1]:7001",
                PeerUrl.of("https", Address.parse("fd00::1"), 7001).text());
    }

    @Test
    void aMemberIsAtItsAddressesAndAtNoneThatStartsLikeThem() {
        Member member = Lines.member("1 i-0000000a 10.0.0.10,http://etcd-0.example:2380");
        assertTrue(member.isAt(Address.parse("10.0.0.10")));
        assertTrue(member.isAt(Address.parse("ETCD-0.example")));
        assertFalse(member.isAt(Address.parse("10.0.0.1")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10.0.0.1:2380",
                "http://10.0.0.1",
                "http://:2380",
                "unix://etcd",
                "http://a b:1",
                "http://10.0.0.1:0",
                "http://10.0.0.1:99999"
            })
    void whatIsNoUrlWithHostAndPortIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> PeerUrl.parse(text));
    }
}
