package io.etcdaws.management;

import io.etcdaws.membership.Address;
import io.etcdaws.membership.PeerState;
import java.util.concurrent.CompletionStage;

/** Looks at this node's own etcd. */
@FunctionalInterface
public interface OwnEtcd {
    /** What a fresh probe of both ports at that address sees, within its own time limit. Does not block. */
    CompletionStage<PeerState> probe(Address self);
}
