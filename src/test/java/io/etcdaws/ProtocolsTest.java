package io.etcdaws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every message that an actor's protocol permits has its handler: Java 17's compiler checks that of a switch, and of no
 * table of handlers.
 */
class ProtocolsTest {
    private static final Pattern HANDLER = Pattern.compile("\\.onMessage(?:Equals)?\\((\\w+)\\.class,");

    private static final List<Class<?>> ACTORS = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("io.etcdaws").stream()
                    .filter(type -> type.isAssignableTo(AbstractBehavior.class))
                    .map(JavaClass::reflect)
                    .collect(Collectors.toList());

    @TestFactory
    Stream<DynamicTest> everyPermittedMessageHasAHandler() {
        return ACTORS.stream()
                .map(actor -> DynamicTest.dynamicTest(
                        actor.getSimpleName(), () -> assertEquals(permitted(actor), handled(actor))));
    }

    @Test
    void allActorsAreFound() {
        assertTrue(ACTORS.size() >= 7, () -> "only " + ACTORS);
    }

    private static Set<String> permitted(Class<?> actor) {
        Class<?> protocol = Arrays.stream(actor.getDeclaredClasses())
                .filter(nested -> nested.getSimpleName().equals("Command"))
                .findFirst()
                .orElseThrow();
        assertTrue(protocol.isSealed(), "a protocol is sealed");
        Set<String> messages = new TreeSet<>();
        for (Class<?> message : protocol.getPermittedSubclasses()) {
            assertFalse(message.isSealed(), "a protocol is flat");
            messages.add(message.getSimpleName());
        }
        return messages;
    }

    private static Set<String> handled(Class<?> actor) throws IOException {
        Path source = Path.of("src/main/java", actor.getName().replace('.', '/') + ".java");
        Matcher matcher = HANDLER.matcher(Files.readString(source));
        Set<String> messages = new TreeSet<>();
        while (matcher.find()) {
            messages.add(matcher.group(1));
        }
        return messages;
    }
}
