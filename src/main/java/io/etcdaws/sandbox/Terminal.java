package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * Where the sandbox shows itself. In a terminal it draws everything anew each time, above a line to type in; elsewhere it
 * prints what happens, line by line.
 */
final class Terminal {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final String ESCAPE = "\u001b";
    private static final String OTHER_SCREEN = ESCAPE + "[?1049h";
    private static final String FIRST_SCREEN = ESCAPE + "[?1049l";
    private static final String HOME = ESCAPE + "[H";
    private static final String CLEAR_LINE = ESCAPE + "[K";
    private static final String CLEAR_BELOW = ESCAPE + "[J";
    private static final String SAVE_CURSOR = ESCAPE + "7";
    private static final String RESTORE_CURSOR = ESCAPE + "8";
    private static final String PROMPT = "> ";
    private static final int LEAST_ROWS = 10;

    /** Lines that are kept for drawing. */
    private static final int MOST_LINES = 200;

    private final PrintStream out;
    private final boolean live;
    private final List<String> timeline = new ArrayList<>();
    private int rows = 24;
    private int columns = 80;
    private boolean entered;
    private boolean left;
    private boolean prompted;

    private Terminal(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
    }

    /** The one that this process was started in. */
    static Terminal of(PrintStream out) {
        boolean dumb = "dumb".equals(System.getenv("TERM")) || System.getenv("TERM") == null;
        return new Terminal(out, !dumb && isTerminal(0) && isTerminal(1));
    }

    private static boolean isTerminal(int descriptor) {
        try {
            return new ProcessBuilder("test", "-t", Integer.toString(descriptor))
                            .inheritIO()
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Adds a line to the timeline. */
    synchronized void tell(Instant at, String what) {
        String line = TIME.format(at.atZone(ZoneId.systemDefault())) + "  " + what;
        timeline.add(line);
        if (timeline.size() > MOST_LINES) {
            timeline.remove(0);
        }
        if (!live) {
            out.println(line);
            out.flush();
        }
    }

    /** Adds lines without a time, such as help. */
    synchronized void print(List<String> lines) {
        lines.forEach(line -> timeline.add("          " + line));
        if (!live) {
            lines.forEach(out::println);
            out.flush();
        }
    }

    /** A command was typed: its line is free again. */
    synchronized void typed() {
        prompted = false;
    }

    /** Shows what is seen. */
    synchronized void draw(Sight sight) {
        if (!live || left) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (!entered) {
            entered = true;
            text.append(OTHER_SCREEN);
        }
        measure();
        List<String> lines = Screen.full(sight, timeline, rows - 2, columns);
        text.append(prompted ? SAVE_CURSOR : "").append(HOME);
        lines.forEach(line -> text.append(line).append(CLEAR_LINE).append("\r\n"));
        for (int row = lines.size(); row < rows - 2; row++) {
            text.append(CLEAR_LINE).append("\r\n");
        }
        text.append(prompted ? RESTORE_CURSOR : CLEAR_BELOW + PROMPT);
        prompted = true;
        out.print(text);
        out.flush();
    }

    /** Gives the terminal back as it was, with what was seen last. */
    synchronized void leave(Sight sight) {
        if (!entered || left) {
            return;
        }
        left = true;
        out.print(FIRST_SCREEN);
        timeline.forEach(out::println);
        out.println();
        Screen.state(sight).forEach(out::println);
        out.flush();
    }

    /** Asks for the size, which the user may change at any time. */
    private void measure() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String[] size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            if (size.length == 2) {
                rows = Math.max(LEAST_ROWS, Integer.parseInt(size[0]));
                columns = Integer.parseInt(size[1]);
            }
        } catch (IOException | NumberFormatException e) {
            // As it was before.
        }
    }
}
