/**
 * The peers file that etcd is started with: its formats, its safe replacement on disk, and a look at etcd's data
 * directory beside it.
 */
@NullMarked
package io.etcdaws.peersfile;

import org.jspecify.annotations.NullMarked;
