/**
 * The vocabulary of etcd membership on an auto scaling group, and the rules that decide from what was seen what to do.
 *
 * <p>Pure: values and functions of the JDK alone; no clock, no input or output, no logging, no actor.
 */
@NullMarked
package io.etcdaws.membership;

import org.jspecify.annotations.NullMarked;
