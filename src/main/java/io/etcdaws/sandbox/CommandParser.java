package io.etcdaws.sandbox;

import io.etcdaws.sandbox.Command.Deed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads commands, one a line. */
final class CommandParser {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int MOST_INSTANCES = 9;
    private static final Pattern DURATION = Pattern.compile("(\\d{1,4})(s|m)");
    private static final Pattern NUMBER = Pattern.compile("\\d");

    private CommandParser() {}

    /** The command of a line; none if the line is empty or a remark, which begins with {@code #}. */
    static Optional<Command> parse(String line) throws Misuse {
        String text = line.strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return Optional.empty();
        }
        List<String> words = List.of(text.split("\\s+", -1));
        String verb = words.get(0).toLowerCase(Locale.ROOT);
        Optional<Deed> deed = Stream.of(Deed.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(verb))
                .findFirst();
        return Optional.of(
                deed.isPresent()
                        ? new Command.OnNode(deed.get(), only(words, "one node, such as 2, leader or follower"))
                        : other(verb, words, text));
    }

    private static Command other(String verb, List<String> words, String text) throws Misuse {
        if (verb.equals("say")) {
            return new Command.Say(text.substring(verb.length()).strip());
        }
        if (verb.equals("wait")) {
            return waiting(words);
        }
        if (verb.equals("capacity")) {
            return new Command.Capacity(number(only(words, "a number of instances")));
        }
        Command alone = switch (verb) {
            case "add" -> new Command.Add();
            case "refresh" -> new Command.Refresh();
            case "show" -> new Command.Show();
            case "help", "?" -> new Command.Help();
            case "quit", "exit", "q" -> new Command.Quit();
            default -> throw new Misuse("there is no command '" + text + "'; help lists them");
        };
        if (words.size() > 1) {
            throw new Misuse(verb + " takes nothing after it, such as '" + words.get(1) + "'");
        }
        return alone;
    }

    private static String only(List<String> words, String what) throws Misuse {
        if (words.size() != 2) {
            throw new Misuse(words.get(0) + " wants " + what);
        }
        return words.get(1);
    }

    private static int number(String text) throws Misuse {
        if (!NUMBER.matcher(text).matches()) {
            throw new Misuse("'" + text + "' is no number from 0 to " + MOST_INSTANCES);
        }
        return Integer.parseInt(text);
    }

    /** {@code wait 5s}, {@code wait converged [60s]}, {@code wait voters 3 [60s]}. */
    private static Command waiting(List<String> words) throws Misuse {
        List<String> left = new ArrayList<>(words.subList(1, words.size()));
        String what = left.isEmpty() ? "" : left.remove(0);
        Optional<Duration> time = duration(what);
        if (time.isPresent() && left.isEmpty()) {
            return new Command.Pause(time.get());
        }
        boolean voters = what.equals("voters");
        if (!(voters && !left.isEmpty()) && !what.equals("converged")) {
            throw new Misuse("wait wants a time such as 5s, 'converged' or 'voters 3'; the last two also with a limit");
        }
        int wanted = voters ? number(left.remove(0)) : 0;
        Optional<Duration> limit = left.isEmpty() ? Optional.of(LIMIT) : duration(left.remove(0));
        if (limit.isEmpty() || !left.isEmpty()) {
            throw new Misuse("a limit is a number and s or m, such as 60s");
        }
        return new Command.Await(wanted, limit.get());
    }

    private static Optional<Duration> duration(String text) {
        Matcher parts = DURATION.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int number = Integer.parseInt(parts.group(1));
        return Optional.of(parts.group(2).equals("s") ? Duration.ofSeconds(number) : Duration.ofMinutes(number));
    }

    /** All commands of a script; the first that makes no sense is told with its line's number. */
    static List<Command> script(List<String> lines) throws Misuse {
        List<Command> commands = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            try {
                parse(lines.get(i)).ifPresent(commands::add);
            } catch (Misuse e) {
                throw new Misuse("line " + (i + 1) + " of the script: " + e.getMessage());
            }
        }
        return commands;
    }

    /** What there is to be said. */
    static List<String> help() {
        List<String> lines = new ArrayList<>(Stream.of(Deed.values())
                .map(deed -> line(deed.name().toLowerCase(Locale.ROOT) + " NODE", deed.help()))
                .collect(Collectors.toList()));
        lines.add(line("add", "one instance more"));
        lines.add(line("capacity N", "set the group's desired capacity"));
        lines.add(line("refresh", "replace all instances, one after the other"));
        lines.add(line("wait 5s", "in scripts: go on after that time"));
        lines.add(line("wait converged 60s", "in scripts: go on when the members are what the instances are"));
        lines.add(line("wait voters 3 60s", "in scripts: the same, with so many voters"));
        lines.add(line("say TEXT", "add a line to the timeline"));
        lines.add(line("show", "all that is known, as text"));
        lines.add(line("help", "this"));
        lines.add(line("quit", "end everything and clean up, as Ctrl-C does"));
        lines.add("NODE is its number, instance id or address, or 'leader', 'follower', 'newest' or 'cut'.");
        return lines;
    }

    private static String line(String command, String help) {
        return String.format("%-19s %s", command, help);
    }
}
