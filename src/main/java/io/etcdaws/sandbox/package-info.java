/**
 * The sandbox: the whole of it on one machine, to try things out. An AWS in this process, and for each of its instances a
 * machine with a real etcd and this program, as processes of their own, at a loopback address.
 *
 * <p>{@link Sandbox} goes round: it lets AWS and the machines go on, looks, tells what is new, and does what it is told. It
 * uses the program as an operator does, through its command line, environment and status, and knows nothing of its insides.
 */
@NullMarked
package io.etcdaws.sandbox;

import org.jspecify.annotations.NullMarked;
