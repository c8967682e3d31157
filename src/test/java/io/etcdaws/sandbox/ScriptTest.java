package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.etcdaws.sandbox.Command.Await;
import io.etcdaws.sandbox.Command.Pause;
import io.etcdaws.sandbox.Commands.Failed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ScriptTest {
    private static final Sight NOT_YET = Sight.nothing("sandbox");

    @Test
    void goesOnWhenTheClusterIsConvergedAndEndsAfterTheLastCommand() throws Failed {
        Script script = new Script(List.of(new Await(3, Duration.ofSeconds(60)), new Command.Add()));
        assertEquals(Optional.empty(), script.next(Sights.converged(), at(0)), "seen before the wait began");
        assertEquals(Optional.empty(), script.next(NOT_YET, at(59)));
        assertEquals(Optional.of(new Command.Add()), script.next(Sights.converged(), at(60)));
        assertEquals(Optional.of(new Command.Quit()), script.next(Sights.converged(), at(61)));
    }

    @Test
    void failsAWaitThatTakesTooLong() throws Failed {
        Script script = new Script(List.of(new Await(5, Duration.ofSeconds(60))));
        script.next(Sights.converged(), at(0));
        Failed late = assertThrows(Failed.class, () -> script.next(Sights.converged(), at(60)));
        assertEquals("not converged with 5 voters after 60 s, which was the script's limit", late.getMessage());
    }

    @Test
    void endsWhereACommandCannotBeCarriedOut() {
        Script script = new Script(List.of());
        Failed failure = assertThrows(Failed.class, () -> script.failed("there is no node '9' in the group now"));
        assertEquals("there is no node '9' in the group now, which ends the script", failure.getMessage());
    }

    @Test
    void pauses() throws Failed {
        Script script = new Script(List.of(new Pause(Duration.ofSeconds(5)), new Command.Refresh()));
        assertEquals(Optional.empty(), script.next(NOT_YET, at(0)));
        assertEquals(Optional.empty(), script.next(NOT_YET, at(4)));
        assertEquals(Optional.of(new Command.Refresh()), script.next(NOT_YET, at(5)));
    }

    private static Instant at(long second) {
        return Instant.ofEpochSecond(second);
    }
}
