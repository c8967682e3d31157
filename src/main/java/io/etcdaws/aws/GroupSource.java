package io.etcdaws.aws;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.Group;
import io.etcdaws.membership.Instance;
import io.etcdaws.membership.InstanceId;
import io.etcdaws.membership.Node;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** What AWS tells of the group and of instances; one attempt each. The stages fail with {@link AwsFailure}. */
public interface GroupSource {
    /**
     * The group whose instances are to be the members: the one this instance is in, or in the proxy role the one that the
     * settings name.
     */
    CompletionStage<Group> scan(Node node);

    /**
     * The same group once more, with one question: its desired capacity, its tags and the lifecycle states of its instances
     * are asked for, the rest is what EC2 said before. Empty where that may not do, so that a scan is needed: if the group
     * does not hold this instance and exactly the instances that it held before, or if one of them did not run, or had no
     * address.
     *
     * @param known what a scan has told
     */
    CompletionStage<Optional<Group>> rescan(Node node, Group known);

    /**
     * Looks instances up in EC2, in whatever group they are.
     *
     * @param ids by id
     * @param addresses by any of their private addresses or their private DNS name
     */
    CompletionStage<Found> lookUp(Node node, Set<InstanceId> ids, Set<Address> addresses);

    /**
     * What a look-up found. Instances have no lifecycle state here.
     *
     * @param byId every instance that was asked for by id; those that EC2 does not know are
     *     {@link io.etcdaws.membership.InstanceState#NOT_FOUND}
     * @param byAddress the instances that have one of the addresses now; other addresses are missing
     */
    record Found(Map<InstanceId, Instance> byId, Map<Address, Instance> byAddress) {
        public Found {
            byId = Map.copyOf(byId);
            byAddress = Map.copyOf(byAddress);
        }
    }
}
