package io.etcdaws.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.InstanceState;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.ec2.model.Instance;
import software.amazon.awssdk.services.ec2.model.InstanceIpv6Address;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterface;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterfaceAssociation;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterfaceAttachment;
import software.amazon.awssdk.services.ec2.model.InstancePrivateIpAddress;

class Ec2InstancesTest {
    private static Instance.Builder instance(String state) {
        return Instance.builder().instanceId("i-00000001").state(name -> name.name(state));
    }

    private static InstanceNetworkInterface nic(int index, List<String> ipv4, List<InstanceIpv6Address> ipv6) {
        InstanceNetworkInterface.Builder nic = InstanceNetworkInterface.builder()
                .attachment(InstanceNetworkInterfaceAttachment.builder()
                        .deviceIndex(index)
                        .build())
                .privateIpAddresses(ipv4.stream()
                        .map(address -> InstancePrivateIpAddress.builder()
                                .privateIpAddress(address)
                                .build())
                        .toList())
                .ipv6Addresses(ipv6);
        ipv4.stream().findFirst().ifPresent(nic::privateIpAddress);
        return nic.build();
    }

    private static InstanceIpv6Address ipv6(String address, boolean primary) {
        return InstanceIpv6Address.builder()
                .ipv6Address(address)
                .isPrimaryIpv6(primary)
                .build();
    }

    private static io.etcdaws.membership.Instance described(Instance.Builder instance, IpFamily family) {
        return Ec2Instances.describe(instance.build(), family).instance();
    }

    private static Set<Address> addresses(String... texts) {
        return Stream.of(texts).map(Address::parse).collect(Collectors.toSet());
    }

    @Test
    void hasOneAddressThatOfThePrimaryInterface() {
        var instance = described(
                instance("running")
                        .privateIpAddress("10.0.0.1")
                        .privateDnsName("ip-10-0-0-1.ec2.internal")
                        .publicDnsName("")
                        .networkInterfaces(
                                nic(1, List.of("10.0.1.1", "10.0.1.2"), List.of(ipv6("2001:db8::2", false))),
                                nic(0, List.of("10.0.0.1", "10.0.0.9"), List.of(ipv6("2001:db8::1", false)))),
                IpFamily.AUTO);
        assertEquals(Optional.of(Address.parse("10.0.0.1")), instance.address());
        assertEquals(
                addresses("10.0.0.9", "10.0.1.1", "10.0.1.2", "2001:db8::1", "2001:db8::2", "ip-10-0-0-1.ec2.internal"),
                instance.aliases());
    }

    @Test
    void isKnownByItsPublicNamesToo() {
        InstancePrivateIpAddress address = InstancePrivateIpAddress.builder()
                .privateIpAddress("10.0.0.1")
                .association(InstanceNetworkInterfaceAssociation.builder()
                        .publicIp("54.1.2.3")
                        .publicDnsName("ec2-54-1-2-3.compute.amazonaws.com")
                        .build())
                .build();
        var instance = described(
                instance("running")
                        .networkInterfaces(nic(0, List.of("10.0.0.1"), List.of()).toBuilder()
                                .privateIpAddresses(address)
                                .build()),
                IpFamily.AUTO);
        assertEquals(addresses("54.1.2.3", "ec2-54-1-2-3.compute.amazonaws.com"), instance.aliases());
    }

    @Test
    void takesIpv6WhereItHasNoIpv4() {
        Instance.Builder only = instance("running")
                .networkInterfaces(nic(0, List.of(), List.of(ipv6("2001:db8::1", false), ipv6("2001:db8::2", true))));
        assertEquals(
                Optional.of(Address.parse("2001:db8::2")),
                described(only, IpFamily.AUTO).address());
        assertEquals(Optional.empty(), described(only, IpFamily.IPV4).address());
    }

    @Test
    void takesTheFirstIpv6AddressWhereNoneIsPrimary() {
        Instance.Builder both = instance("running")
                .networkInterfaces(
                        nic(0, List.of("10.0.0.1"), List.of(ipv6("2001:db8::5", false), ipv6("2001:db8::2", false))));
        assertEquals(
                Optional.of(Address.parse("2001:db8::5")),
                described(both, IpFamily.IPV6).address());
        assertEquals(
                Optional.of(Address.parse("10.0.0.1")),
                described(both, IpFamily.AUTO).address());
    }

    @Test
    void hasNoAddressOnceItIsTerminated() {
        var described =
                Ec2Instances.describe(instance("terminated").privateDnsName("").build(), IpFamily.AUTO);
        assertEquals(Optional.empty(), described.instance().address());
        assertEquals(Set.of(), described.instance().aliases());
        assertEquals(Optional.empty(), described.vpc());
    }

    @ParameterizedTest
    @CsvSource({
        "pending, PENDING",
        "running, RUNNING",
        "stopping, STOPPING",
        "stopped, STOPPED",
        "shutting-down, SHUTTING_DOWN",
        "terminated, TERMINATED"
    })
    void knowsTheStatesOfEc2(String name, InstanceState state) {
        assertEquals(state, described(instance(name), IpFamily.AUTO).state());
    }

    @ParameterizedTest
    @CsvSource({"hibernating", "not-found"})
    void neverTakesAnInstanceForGoneBecauseOfAnUnknownState(String name) {
        assertFalse(described(instance(name), IpFamily.AUTO).state().terminal());
        assertEquals(
                InstanceState.RUNNING, described(instance(name), IpFamily.AUTO).state());
    }
}
