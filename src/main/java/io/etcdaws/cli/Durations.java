package io.etcdaws.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The durations of the configuration and the command line. */
final class Durations {
    /** What is allowed, for error messages. */
    static final String ALLOWED =
            "a duration with a unit, such as 500ms, 90s or 5m, more than zero and at most 30 days";

    // Pekko's timers end at 248 days with ticks of 10 ms; nothing here is sensibly longer than this.
    private static final Duration LONGEST = Duration.ofDays(30);
    // Without a unit, HOCON would take milliseconds, and the operator will have meant seconds.
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,9})\\s*([a-z]+)");

    private Durations() {}

    /** Reads HOCON's spelling or ISO's, if it is a duration that is allowed. */
    static Optional<Duration> parse(String text) {
        String spelling = text.strip().toLowerCase(Locale.ROOT);
        Optional<Duration> parsed = spelling.startsWith("p") ? parseIso(spelling) : parseNumberAndUnit(spelling);
        return parsed.filter(
                duration -> !duration.isZero() && !duration.isNegative() && duration.compareTo(LONGEST) <= 0);
    }

    private static Optional<Duration> parseIso(String text) {
        try {
            return Optional.of(Duration.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> parseNumberAndUnit(String text) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        return matcher.matches()
                ? unit(matcher.group(2)).map(unit -> Duration.of(Long.parseLong(matcher.group(1)), unit))
                : Optional.empty();
    }

    private static Optional<ChronoUnit> unit(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "ns", "nano", "nanos", "nanosecond", "nanoseconds" -> ChronoUnit.NANOS;
                    case "us", "micro", "micros", "microsecond", "microseconds" -> ChronoUnit.MICROS;
                    case "ms", "milli", "millis", "millisecond", "milliseconds" -> ChronoUnit.MILLIS;
                    case "s", "second", "seconds" -> ChronoUnit.SECONDS;
                    case "m", "minute", "minutes" -> ChronoUnit.MINUTES;
                    case "h", "hour", "hours" -> ChronoUnit.HOURS;
                    case "d", "day", "days" -> ChronoUnit.DAYS;
                    default -> null;
                });
    }
}
