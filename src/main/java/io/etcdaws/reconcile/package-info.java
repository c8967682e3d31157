/**
 * Observe, decide, act: the rounds. Assembles what the other packages see into one observation, asks the decider, and has
 * the decision carried out.
 */
@NullMarked
package io.etcdaws.reconcile;

import org.jspecify.annotations.NullMarked;
