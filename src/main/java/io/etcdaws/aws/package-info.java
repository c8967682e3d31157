/**
 * What AWS tells: which instance this is (instance metadata), and which instances the auto scaling group has (Auto Scaling
 * and EC2). Reads only. {@link io.etcdaws.aws.MetadataReader} and {@link io.etcdaws.aws.GroupScanner} own the retries; all
 * below them makes one attempt.
 */
@NullMarked
package io.etcdaws.aws;

import org.jspecify.annotations.NullMarked;
