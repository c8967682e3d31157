package io.etcdaws.cli;

import io.etcdaws.reconcile.ExitCode;

/** Does what the command line asks for. */
@FunctionalInterface
public interface Runner {
    /**
     * Runs to the end. When it returns, everything that it started has ended, the actor system included: leaving the
     * process while a network selector is alive costs a third of a second.
     *
     * @return how it went
     * @throws Exception for a bug; it is logged with its stack trace
     */
    ExitCode run(Invocation invocation, Settings settings) throws Exception;
}
