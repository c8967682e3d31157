/**
 * A simulator of whole groups: the program's own rules and execution on virtual time, against models of AWS and etcd that
 * lie, fail and lose as the real ones do. One seed is one schedule; see {@link io.etcdaws.simulation.Simulation}.
 */
@NullMarked
package io.etcdaws.simulation;

import org.jspecify.annotations.NullMarked;
