package io.etcdaws.reconcile;

import io.etcdaws.membership.Decision;
import io.etcdaws.membership.Observation;
import java.util.Optional;

/**
 * How a run ended.
 *
 * @param exitCode what the process ends with
 * @param message what failed, where, and what to do; or what was done
 * @param observation the last one, if there was any
 * @param decision the last one, if there was any
 */
public record Outcome(
        ExitCode exitCode, String message, Optional<Observation> observation, Optional<Decision> decision) {}
