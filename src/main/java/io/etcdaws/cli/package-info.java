@NullMarked
package io.etcdaws.cli;

import org.jspecify.annotations.NullMarked;
