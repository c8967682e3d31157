@NullMarked
package io.etcdaws.peersfile;

import org.jspecify.annotations.NullMarked;
