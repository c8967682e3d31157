/**
 * Speaks to etcd: looks at peers, and changes the membership.
 *
 * <p>{@link EtcdClient} is the port, {@link HttpEtcdClient} the real thing. {@link EtcdProbe} and {@link MembershipChanger}
 * are the actors that others use; what the latter does, step by step, is in {@link LockedChange}. Nothing here decides.
 */
@NullMarked
package io.etcdaws.etcd;

import org.jspecify.annotations.NullMarked;
