@NullMarked
package io.etcdaws.reconcile;

import org.jspecify.annotations.NullMarked;
