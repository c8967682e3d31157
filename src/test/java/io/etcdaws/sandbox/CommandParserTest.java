package io.etcdaws.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.sandbox.Command.Await;
import io.etcdaws.sandbox.Command.Deed;
import io.etcdaws.sandbox.Command.OnNode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
    @ParameterizedTest
    @EnumSource
    void readsEachDeedAndExplainsIt(Deed deed) throws Misuse {
        String verb = deed.name().toLowerCase(Locale.ROOT);
        assertEquals(Optional.of(new OnNode(deed, "leader")), CommandParser.parse("  " + verb + "   leader "));
        assertTrue(CommandParser.help().stream().anyMatch(line -> line.startsWith(verb + " NODE")));
    }

    @Test
    void readsTheOthers() throws Misuse {
        assertEquals(Optional.of(new Command.Add()), CommandParser.parse("add"));
        assertEquals(Optional.of(new Command.Capacity(5)), CommandParser.parse("capacity 5"));
        assertEquals(Optional.of(new Command.Refresh()), CommandParser.parse("REFRESH"));
        assertEquals(Optional.of(new Command.Say("now it goes")), CommandParser.parse("say now it goes"));
        assertEquals(Optional.of(new Command.Quit()), CommandParser.parse("quit"));
        assertEquals(Optional.empty(), CommandParser.parse("  # a remark"));
        assertEquals(Optional.empty(), CommandParser.parse(""));
    }

    @Test
    void readsWaits() throws Misuse {
        assertEquals(Optional.of(new Command.Pause(Duration.ofSeconds(5))), CommandParser.parse("wait 5s"));
        assertEquals(Optional.of(new Await(0, Duration.ofMinutes(2))), CommandParser.parse("wait converged"));
        assertEquals(Optional.of(new Await(0, Duration.ofSeconds(60))), CommandParser.parse("wait converged 60s"));
        assertEquals(Optional.of(new Await(5, Duration.ofMinutes(3))), CommandParser.parse("wait voters 5 3m"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "explode 2 | there is no command 'explode 2'; help lists them",
                "add 2 | add takes nothing after it, such as '2'",
                "kill | kill wants one node, such as 2, leader or follower",
                "kill 1 2 | kill wants one node, such as 2, leader or follower",
                "capacity many | 'many' is no number from 0 to 9",
                "wait converged soon | a limit is a number and s or m, such as 60s"
            })
    void saysWhatMakesNoSense(String line, String message) {
        assertEquals(
                message,
                assertThrows(Misuse.class, () -> CommandParser.parse(line)).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"wait", "wait voters", "wait 5s 6s", "wait for it"})
    void saysHowToWait(String line) {
        String message =
                assertThrows(Misuse.class, () -> CommandParser.parse(line)).getMessage();
        assertTrue(String.valueOf(message).startsWith("wait wants a time such as 5s"), message);
    }

    @Test
    void namesTheLineOfAScript() {
        Misuse misuse = assertThrows(
                Misuse.class, () -> CommandParser.script(List.of("# a remark", "wait converged", "klil 2")));
        assertEquals("line 3 of the script: there is no command 'klil 2'; help lists them", misuse.getMessage());
    }
}
