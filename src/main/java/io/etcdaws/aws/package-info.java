@NullMarked
package io.etcdaws.aws;

import org.jspecify.annotations.NullMarked;
