/**
 * An AWS in this process, for the sandbox: one auto scaling group with its instances, and as much of Auto Scaling, EC2 and
 * the instance metadata service as this program and its operator ask for.
 *
 * <p>{@link Cloud} is the state and its rules, {@link EmulatedAws} serves it over HTTP. It knows nothing of the program that
 * talks to it, nor of the machines that stand for its instances.
 */
@NullMarked
package io.etcdaws.sandbox.aws;

import org.jspecify.annotations.NullMarked;
