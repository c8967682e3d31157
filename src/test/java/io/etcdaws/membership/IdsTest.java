package io.etcdaws.membership;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids of members, clusters and instances, and etcd's versions. */
class IdsTest {
    @Test
    void aMemberHasOneIdInBothSpellings() {
        MemberId id = MemberId.parseDecimal("7566053002334159444");
        assertEquals(MemberId.parseHex("6900051e73e7c254"), id);
        assertEquals("6900051e73e7c254", id.toString());
        assertEquals("7566053002334159444", id.toDecimal());
    }

    @Test
    void idsUseTheFullUnsignedRange() {
        MemberId id = MemberId.parseDecimal("13319423515504692364");
        assertEquals("13319423515504692364", id.toDecimal());
        assertTrue(id.compareTo(MemberId.parseDecimal("7566053002334159444")) > 0);
        assertEquals("f289c7a866c2c18e", ClusterId.parseHex("f289c7a866c2c18e").toString());
        assertEquals(ClusterId.parseHex("f289c7a866c2c18e"), ClusterId.parseDecimal("17476719355080393102"));
    }

    @Test
    void hexadecimalIdsAreNotPadded() {
        assertEquals("91476ec99f5c242", MemberId.parseHex("91476ec99f5c242").toString());
    }

    @Test
    void aBootstrapGivesTheIdsThatEtcdGives() {
        // Measured on 3.4.23, 3.5.16 and 3.5.30, with the token "tok".
        assertEquals(MemberId.parseDecimal("7566053002334159444"), memberId("127.0.0.2"));
        assertEquals(MemberId.parseDecimal("3398796125834015410"), memberId("127.0.0.3"));
        List<List<PeerUrl>> members = Stream.of("127.0.0.4", "127.0.0.2", "127.0.0.3")
                .map(host -> List.of(Lines.peerUrl(host)))
                .toList();
        assertEquals("f289c7a866c2c18e", BootstrapId.of(members, "tok").toString());
    }

    private static MemberId memberId(String host) {
        return BootstrapId.memberId(List.of(Lines.peerUrl(host)), "tok");
    }

    @Test
    void theTokenAndEachUrlChangeTheClustersId() {
        List<List<PeerUrl>> members = List.of(List.of(Lines.peerUrl("10.0.0.1")), List.of(Lines.peerUrl("10.0.0.2")));
        ClusterId id = BootstrapId.of(members, "etcd-cluster");
        assertFalse(id.equals(BootstrapId.of(members, "other")));
        assertFalse(id.equals(BootstrapId.of(members.subList(0, 1), "etcd-cluster")));
        assertEquals(
                BootstrapId.of(List.of(List.of(Lines.peerUrl("10.0.0.1"), Lines.peerUrl("10.0.0.2"))), "t"),
                BootstrapId.of(List.of(List.of(Lines.peerUrl("10.0.0.2"), Lines.peerUrl("10.0.0.1"))), "t"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "null", "i-", "i-xyz", "i-123", "i-0598c7d356eba48d7f", "I-0598c7d356eba48d7", "i-0598c7d3\n"
            })
    void whatIsNoInstanceIdIsNoName(String text) {
        assertThrows(IllegalArgumentException.class, () -> new InstanceId(text));
        assertEquals(Optional.empty(), InstanceId.fromName(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"i-694fad83", "i-0598c7d356eba48d7"})
    void oldAndNewInstanceIdsAreRead(String text) {
        assertEquals(text, new InstanceId(text).value());
    }

    @Test
    void etcdsVersionsAreCompared() {
        assertTrue(EtcdVersion.parse("3.4.23").atLeast(3, 4));
        assertTrue(EtcdVersion.parse("3.10.0").atLeast(3, 4));
        assertTrue(EtcdVersion.parse("4.0.0-rc.1").atLeast(3, 4));
        assertFalse(EtcdVersion.parse("3.3.27").atLeast(3, 4));
        assertFalse(EtcdVersion.parse("2.3.8").atLeast(3, 4));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not_decided", "3", "99999999999.9", "3.99999999999999999999"})
    void aVersionThatCannotBeReadCountsAsTheOldest(String text) {
        assertFalse(EtcdVersion.parse(text).atLeast(0, 1));
    }
}
