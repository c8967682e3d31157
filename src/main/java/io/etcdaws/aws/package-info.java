/**
 * What AWS tells: which instance this is and whether it is about to end (instance metadata), and which instances the auto
 * scaling group has (Auto Scaling and EC2); and the little that is done to the group. {@link
 * io.etcdaws.aws.MetadataReader} and {@link io.etcdaws.aws.GroupScanner} own the retries of what is asked; all below them
 * makes one attempt. What is done ({@link io.etcdaws.aws.GroupSteward}) is tried once.
 */
@NullMarked
package io.etcdaws.aws;

import org.jspecify.annotations.NullMarked;
