package io.etcdaws.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What the periodic mode does where nothing is the matter, and how it is watched, reloaded and ended. */
class PeriodicIT extends PeriodicTest {
    @Test
    void tellsTheServiceManagerThatItIsReadyOnce() {
        LiveGroup one = formed(1);

        assertEquals(
                1,
                one.node(0)
                        .notifications()
                        .lines()
                        .filter(line -> line.contains("--ready"))
                        .count());
        one.verify();
    }
}
