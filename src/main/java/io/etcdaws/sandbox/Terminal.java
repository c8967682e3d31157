package io.etcdaws.sandbox;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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

    /** The line to type in, and one that Enter leads to. */
    private static final int ROWS_FOR_TYPING = 2;

    private static final int LEAST_ROWS = 5;
    private static final int LEAST_COLUMNS = 20;

    /** Lines that are kept for drawing. */
    private static final int MOST_LINES = 200;

    /** How large a terminal is. */
    record Size(int rows, int columns) {}

    private final PrintStream out;
    private final boolean live;
    private final boolean typedIn;
    private final Supplier<Optional<Size>> measure;
    private final List<String> timeline = new ArrayList<>();

    /** What is still to be read of a long answer. */
    private List<String> answer = List.of();

    private Size size = new Size(24, 80);
    private boolean entered;
    private boolean left;
    private boolean prompted;

    /**
     * A terminal, or what stands for one.
     *
     * @param live whether it can be drawn on
     * @param typedIn whether somebody may type, who can be waited for
     * @param measure asks for the size, which the user may change at any time
     */
    Terminal(PrintStream out, boolean live, boolean typedIn, Supplier<Optional<Size>> measure) {
        this.out = out;
        this.live = live;
        this.typedIn = typedIn;
        this.measure = measure;
    }

    /** The one that this process was started in. */
    static Terminal of(PrintStream out, boolean typedIn) {
        boolean dumb = "dumb".equals(System.getenv("TERM")) || System.getenv("TERM") == null;
        return new Terminal(out, !dumb && isTerminal(0) && isTerminal(1), typedIn, Terminal::askStty);
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

    private static Optional<Size> askStty() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String[] told = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            return told.length == 2
                    ? Optional.of(new Size(Integer.parseInt(told[0]), Integer.parseInt(told[1])))
                    : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Whether everything is drawn anew each time. */
    boolean isLive() {
        return live;
    }

    /** What gives a terminal back to the user as it was; nothing where nothing is drawn. */
    String restoration() {
        return live ? FIRST_SCREEN : "";
    }

    /** Whether nobody can see anything any more, such as the end of a pipe that was closed. */
    boolean isGone() {
        return out.checkError();
    }

    /** Adds a line to the timeline. */
    synchronized void tell(Instant at, String what) {
        add(TIME.format(at.atZone(ZoneId.systemDefault())) + "  " + what);
    }

    /** Adds a line without a time, such as what is wrong with a command. */
    synchronized void remark(String what) {
        add((live ? " ".repeat(10) : "") + what);
    }

    private void add(String line) {
        timeline.add(line);
        if (timeline.size() > MOST_LINES) {
            timeline.remove(0);
        }
        if (!live) {
            out.println(line);
            out.flush();
        }
    }

    /** Shows an answer of many lines, such as help: where somebody types, instead of all else, until they go on. */
    synchronized void print(List<String> lines) {
        if (live && typedIn) {
            answer = lines;
        } else {
            lines.forEach(this::remark);
        }
    }

    /** A line was typed: its place is free again, and an answer that was shown is gone on with, or done. */
    synchronized void typed(String line) {
        prompted = false;
        answer = line.isBlank()
                ? Screen.wrapped(answer, size.columns()).stream()
                        .skip(room() - Screen.PAGE_FRAME)
                        .toList()
                : List.of();
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
        follow();
        List<String> lines = answer.isEmpty()
                ? Screen.full(sight, timeline, room(), size.columns())
                : Screen.page(Screen.wrapped(answer, size.columns()), room());
        text.append(prompted ? SAVE_CURSOR : "").append(HOME);
        lines.forEach(line -> text.append(line).append(CLEAR_LINE).append("\r\n"));
        for (int row = lines.size(); row < room(); row++) {
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

    private int room() {
        return size.rows() - ROWS_FOR_TYPING;
    }

    /** Takes the size that the terminal has now. In another one the line to type in is elsewhere. */
    private void follow() {
        Size now = measure.get()
                .map(told -> new Size(Math.max(LEAST_ROWS, told.rows()), Math.max(LEAST_COLUMNS, told.columns())))
                .orElse(size);
        if (!now.equals(size)) {
            size = now;
            prompted = false;
        }
    }
}
