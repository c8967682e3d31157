package io.etcdaws.peersfile;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the operator set that bears on the peers file.
 *
 * @param path where it is; absolute
 * @param format how it is spelt
 * @param extended whether it holds everything that etcd needs to run, rather than the three promised keys alone
 * @param clientScheme {@code http} or {@code https}, of client URLs
 * @param clientPort the port of client URLs
 * @param clusterToken the token that etcd derives a new cluster's id with
 * @param dataDirectory etcd's data directory, where the operator named one
 */
public record PeersFileSettings(
        Path path,
        PeersFileFormat format,
        boolean extended,
        String clientScheme,
        int clientPort,
        String clusterToken,
        Optional<Path> dataDirectory) {}
