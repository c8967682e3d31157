package io.etcdaws.management;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** A question with yes or no for an answer. */
@FunctionalInterface
public interface Health {
    /**
     * An answer.
     *
     * @param holds whether all is well
     * @param problems what is not, a sentence each; empty if all is well
     */
    record Verdict(boolean holds, List<String> problems) {
        public Verdict {
            problems = List.copyOf(problems);
        }

        /** All is well unless there are problems. */
        static Verdict of(List<String> problems) {
            return new Verdict(problems.isEmpty(), problems);
        }
    }

    /** Finds out. Does not block; the stage never fails. Thread-safe. */
    CompletionStage<Verdict> check();
}
