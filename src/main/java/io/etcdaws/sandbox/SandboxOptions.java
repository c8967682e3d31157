package io.etcdaws.sandbox;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the command line asks of the sandbox.
 *
 * @param nodes how many instances the group is to have
 * @param etcd an etcd, or a directory with one; else the one on the PATH
 * @param script a file with commands to go through; else they are typed
 */
public record SandboxOptions(int nodes, Optional<Path> etcd, Optional<Path> script) {}
