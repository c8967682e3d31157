package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TerminalTest {
    private static final List<String> LONG =
            IntStream.range(0, 25).mapToObj(number -> "help " + number + ".").toList();

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private Terminal.Size size = new Terminal.Size(20, 60);
    private final Terminal live = new Terminal(out, true, true, () -> Optional.of(size));

    @Test
    void knowsThatNobodySeesItAnyMore() {
        OutputStream closed = new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException("the pipe was closed");
            }
        };
        Terminal nowhere = new Terminal(new PrintStream(closed), false, true, Optional::empty);
        nowhere.remark("unseen");
        assertTrue(nowhere.isGone());
        assertFalse(live.isGone());
    }

    @Test
    void drawsEachRowOnceAndALineToTypeIn() {
        String drawn = draw();
        assertEquals(18, drawn.split("\r\n", -1).length - 1);
        assertTrue(drawn.endsWith("\u001b[J> "), drawn);
        assertFalse(draw().contains("> "), "what was typed stays");
        live.typed("kill");
        assertTrue(draw().endsWith("> "), "there is room for the next one");
    }

    @Test
    void movesTheLineToTypeInWithTheSize() {
        draw();
        size = new Terminal.Size(12, 60);
        String drawn = draw();
        assertEquals(10, drawn.split("\r\n", -1).length - 1);
        assertTrue(drawn.endsWith("> "), drawn);
    }

    @Test
    void showsALongAnswerUntilItIsRead() {
        draw();
        live.typed("help");
        live.print(LONG);
        String first = draw();
        assertTrue(first.contains("help 0.") && first.contains("help 15.") && first.contains("(Enter: more"), first);
        assertFalse(first.contains("help 16.") || first.contains("InService"), first);
        live.typed("");
        String second = draw();
        assertTrue(
                second.contains("help 16.") && second.contains("help 24.") && second.contains("(Enter: back)"), second);
        live.typed("");
        assertTrue(draw().contains("InService"));
    }

    @Test
    void leavesALongAnswerForACommand() {
        draw();
        live.print(LONG);
        live.typed("kill 1");
        assertTrue(draw().contains("InService"));
    }

    @Test
    void putsALongAnswerIntoTheTimelineOfAScript() {
        Terminal watched = new Terminal(out, true, false, () -> Optional.of(size));
        watched.print(LONG);
        watched.draw(Sights.converged());
        String drawn = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(drawn.contains("help 24.") && drawn.contains("InService") && !drawn.contains("(Enter"), drawn);
    }

    @Test
    void printsLinesWhereNothingCanBeDrawn() {
        Terminal file = new Terminal(out, false, true, Optional::empty);
        file.tell(Instant.EPOCH, "node 1 is launched");
        file.remark("that is for scripts");
        file.print(List.of("help 0."));
        file.draw(Sights.converged());
        file.leave(Sights.converged());
        String printed = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(
                printed.matches("\\d\\d:\\d\\d:\\d\\d  node 1 is launched\\R" + "that is for scripts\\Rhelp 0\\.\\R"),
                printed);
        assertEquals("", file.restoration());
    }

    private String draw() {
        bytes.reset();
        live.draw(Sights.converged());
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
