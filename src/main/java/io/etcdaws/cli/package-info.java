/** The edge of the program: command line, settings, logging, exit codes. The only package that sees all the others. */
@NullMarked
package io.etcdaws.cli;

import org.jspecify.annotations.NullMarked;
