@NullMarked
package io.etcdaws.etcd;

import org.jspecify.annotations.NullMarked;
