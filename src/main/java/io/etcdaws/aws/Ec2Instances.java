package io.etcdaws.aws;

import io.etcdaws.aws.AwsSettings.IpFamily;
import io.etcdaws.membership.Address;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.InstanceState;
import io.etcdaws.membership.LifecycleState;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.InstanceIpv6Address;
import software.amazon.awssdk.services.ec2.model.InstanceNetworkInterface;
import software.amazon.awssdk.services.ec2.model.InstancePrivateIpAddress;

/** EC2's description of instances, in the words of {@code membership}. */
final class Ec2Instances {
    /**
     * An instance that EC2 knows.
     *
     * @param instance without a lifecycle state
     * @param vpc the network it is in; empty once it is terminated
     */
    record Described(Instance instance, Optional<String> vpc) {}

    private Ec2Instances() {}

    /** An instance as EC2 describes it. */
    static Described describe(software.amazon.awssdk.services.ec2.model.Instance described, IpFamily family) {
        Optional<Address> address = address(described, family);
        Set<Address> aliases = new HashSet<>(names(described));
        address.ifPresent(aliases::remove);
        Instance instance = new Instance(
                new InstanceId(described.instanceId()),
                Optional.empty(),
                state(described),
                address,
                aliases,
                described.placement() == null
                        ? ""
                        : orEmpty(described.placement().availabilityZone()));
        return new Described(instance, Optional.ofNullable(described.vpcId()).filter(vpc -> !vpc.isEmpty()));
    }

    /** An instance that EC2's answer lacks. */
    static Instance notFound(InstanceId id) {
        return new Instance(id, Optional.empty(), InstanceState.NOT_FOUND, Optional.empty(), Set.of(), "");
    }

    /** The instance with what its auto scaling group says of it. */
    static Instance inGroup(Instance instance, LifecycleState lifecycle, String zone) {
        return new Instance(
                instance.id(),
                Optional.of(lifecycle),
                instance.state(),
                instance.address(),
                instance.aliases(),
                instance.zone().isEmpty() ? zone : instance.zone());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** A state that this program does not know counts as running, since that never leads to a removal. */
    private static InstanceState state(software.amazon.awssdk.services.ec2.model.Instance described) {
        String name = described.state() == null ? null : described.state().nameAsString();
        return Stream.of(InstanceState.values())
                .filter(state -> state != InstanceState.NOT_FOUND)
                .filter(state ->
                        state.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name))
                .findFirst()
                .orElse(InstanceState.RUNNING);
    }

    private static Optional<Address> address(
            software.amazon.awssdk.services.ec2.model.Instance described, IpFamily family) {
        return switch (family) {
            case IPV4 -> ipv4(described);
            case IPV6 -> ipv6(described);
            case AUTO -> ipv4(described).or(() -> ipv6(described));
        };
    }

    /** The primary private IPv4 address of the primary network interface. */
    private static Optional<Address> ipv4(software.amazon.awssdk.services.ec2.model.Instance described) {
        return primaryInterface(described)
                .map(InstanceNetworkInterface::privateIpAddress)
                .or(() -> Optional.ofNullable(described.privateIpAddress()))
                .flatMap(Ec2Instances::parse);
    }

    /** The IPv6 address of the primary network interface that EC2 marks as primary, else the first one. */
    private static Optional<Address> ipv6(software.amazon.awssdk.services.ec2.model.Instance described) {
        return primaryInterface(described)
                .flatMap(nic -> nic.ipv6Addresses().stream()
                        .min(Comparator.comparing(ipv6 -> !Boolean.TRUE.equals(ipv6.isPrimaryIpv6())))
                        .map(InstanceIpv6Address::ipv6Address))
                .or(() -> Optional.ofNullable(described.ipv6Address()))
                .flatMap(Ec2Instances::parse);
    }

    private static Optional<InstanceNetworkInterface> primaryInterface(
            software.amazon.awssdk.services.ec2.model.Instance described) {
        return described.networkInterfaces().stream()
                .filter(nic -> nic.attachment() != null
                        && Objects.equals(nic.attachment().deviceIndex(), 0)
                        && Optional.ofNullable(nic.attachment().networkCardIndex())
                                        .orElse(0)
                                == 0)
                .findFirst();
    }

    /** Every address and DNS name of the instance. */
    private static Set<Address> names(software.amazon.awssdk.services.ec2.model.Instance described) {
        Set<Address> names = new HashSet<>();
        parse(described.privateIpAddress()).ifPresent(names::add);
        parse(described.ipv6Address()).ifPresent(names::add);
        parse(described.privateDnsName()).ifPresent(names::add);
        parse(described.publicIpAddress()).ifPresent(names::add);
        parse(described.publicDnsName()).ifPresent(names::add);
        described.networkInterfaces().forEach(nic -> addNames(nic, names));
        return names;
    }

    private static void addNames(InstanceNetworkInterface nic, Set<Address> names) {
        parse(nic.privateIpAddress()).ifPresent(names::add);
        parse(nic.privateDnsName()).ifPresent(names::add);
        nic.ipv6Addresses().forEach(ipv6 -> parse(ipv6.ipv6Address()).ifPresent(names::add));
        for (InstancePrivateIpAddress ipv4 : nic.privateIpAddresses()) {
            parse(ipv4.privateIpAddress()).ifPresent(names::add);
            parse(ipv4.privateDnsName()).ifPresent(names::add);
            if (ipv4.association() != null) {
                parse(ipv4.association().publicIp()).ifPresent(names::add);
                parse(ipv4.association().publicDnsName()).ifPresent(names::add);
            }
        }
    }

    /** The address, or nothing for what no URL could hold as its host. */
    private static Optional<Address> parse(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Address.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
