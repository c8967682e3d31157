package io.etcdaws.sandbox;

import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeyboardTest {
    private final Terminal terminal =
            new Terminal(new PrintStream(OutputStream.nullOutputStream()), true, true, Optional::empty);

    @Test
    void takesWhatIsTypedAndTheEndOfATerminalForTheWishToQuit() {
        InputStream input = new ByteArrayInputStream("explode\nadd\n".getBytes(StandardCharsets.UTF_8));
        Keyboard keyboard = Keyboard.listen(input, terminal);
        await().until(() -> next(keyboard), Optional.of(new Command.Add())::equals);
        await().until(() -> next(keyboard), Optional.of(new Command.Quit())::equals);
    }

    private static Optional<Command> next(Keyboard keyboard) {
        return keyboard.next(Sights.converged(), Instant.EPOCH);
    }
}
