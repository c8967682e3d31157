/** The whole program: the packed jar against real etcd processes and an emulated AWS, over the network. */
@NullMarked
package io.etcdaws.it;

import org.jspecify.annotations.NullMarked;
