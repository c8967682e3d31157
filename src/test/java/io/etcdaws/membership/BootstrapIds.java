package io.etcdaws.membership;

import java.util.Collection;
import java.util.List;

/** etcd's ids of a first list, for models of etcd in other packages' tests. */
public final class BootstrapIds {
    private BootstrapIds() {}

    /** The id of the cluster. */
    public static ClusterId cluster(Collection<List<PeerUrl>> members, String token) {
        return BootstrapId.of(members, token);
    }

    /** The id of one of its first members. */
    public static MemberId member(List<PeerUrl> urls, String token) {
        return BootstrapId.memberId(urls, token);
    }
}
