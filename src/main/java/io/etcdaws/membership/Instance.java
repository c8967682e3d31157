package io.etcdaws.membership;

import java.util.Optional;
import java.util.Set;

/**
 * An EC2 instance, as Auto Scaling and EC2 describe it.
 *
 * @param id the instance
 * @param lifecycle its state in its auto scaling group; empty if it is in none that was asked
 * @param state its state in EC2
 * @param address the one address its etcd is reached at: that of the primary network interface; empty until it has one
 * @param aliases every other address and DNS name by which a member list may call the instance
 * @param zone its availability zone
 */
public record Instance(
        InstanceId id,
        Optional<LifecycleState> lifecycle,
        InstanceState state,
        Optional<Address> address,
        Set<Address> aliases,
        String zone) {
    public Instance {
        aliases = Set.copyOf(aliases);
    }

    /** Whether it should be a member: wanted by its group, and not over in EC2. */
    public boolean expected() {
        return lifecycle
                        .map(state -> state.standing() == LifecycleState.Standing.EXPECTED)
                        .orElse(false)
                && !state.terminal();
    }

    /** Whether a URL at that host leads to this instance. */
    public boolean isAt(Address host) {
        return address.filter(host::equals).isPresent() || aliases.contains(host);
    }
}
