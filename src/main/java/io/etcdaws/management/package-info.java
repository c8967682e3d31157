/**
 * Tells whoever watches how this program and its cluster are: health, metrics, status and a page for people, over HTTP.
 *
 * <p>{@link ManagementServer} serves them. {@link Metrics}, {@link Status}, {@link Liveness} and {@link Readiness} learn of
 * the rounds as {@link io.etcdaws.reconcile.RoundListener}s. Read-only: nothing here changes anything.
 */
@NullMarked
package io.etcdaws.management;

import org.jspecify.annotations.NullMarked;
