package io.etcdaws.peersfile;

import io.etcdaws.membership.InitialCluster;

/** What a peers file says. */
public final class PeersFileContent {
    private PeersFileContent() {}

    /**
     * The text of the peers file, the same for the same arguments byte for byte.
     *
     * @throws InexpressibleException if no file of that format can say it safely, or etcd would not start with it; the
     *     message is for the operator
     */
    public static String of(InitialCluster cluster, PeersFileSettings settings) {
        return settings.format().render(EtcdOptions.of(cluster, settings));
    }
}
