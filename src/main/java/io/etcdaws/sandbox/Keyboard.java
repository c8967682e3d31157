package io.etcdaws.sandbox;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Commands as they are typed. What makes no sense is said in the terminal. */
final class Keyboard implements Commands {
    private final Queue<Command> typed = new ConcurrentLinkedQueue<>();
    private final Terminal terminal;

    private Keyboard(Terminal terminal) {
        this.terminal = terminal;
    }

    /** Reads from now on. The end of the input, Ctrl-D, ends a live sandbox; any other goes on without it. */
    static Keyboard listen(InputStream input, Terminal terminal) {
        Keyboard keyboard = new Keyboard(terminal);
        Thread thread = new Thread(() -> keyboard.read(input), "keyboard");
        thread.setDaemon(true);
        thread.start();
        return keyboard;
    }

    private void read(InputStream input) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                terminal.typed(line);
                read(line);
            }
            if (terminal.isLive()) {
                typed.add(new Command.Quit());
            }
        } catch (IOException e) {
            terminal.remark("nothing more can be typed: " + e.getMessage());
        }
    }

    private void read(String line) {
        try {
            CommandParser.parse(line).ifPresent(typed::add);
        } catch (Misuse e) {
            terminal.remark(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Optional<Command> next(Sight sight, Instant now) {
        return Optional.ofNullable(typed.poll());
    }

    @Override
    public void failed(String why) {
        terminal.remark(why);
    }
}
