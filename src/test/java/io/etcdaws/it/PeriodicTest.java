package io.etcdaws.it;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** What all tests of the periodic mode share: a live group, checked at the end. */
abstract class PeriodicTest extends WholeProgramTest {
    /** More than any single step should take, on a machine that is busy with other tests. */
    static final Duration SOON = Duration.ofMinutes(2);

    /** Longer than any of the times after which a member may be removed. */
    static final Duration LONG = Duration.ofSeconds(9);

    private @Nullable LiveGroup live;

    /** A group of that many nodes, formed. */
    LiveGroup formed(int nodes) {
        return live(new LiveGroup(groupOf(nodes))).formed();
    }

    /** Registers a group that the test has made, to be closed. */
    LiveGroup live(LiveGroup made) {
        live = made;
        return made;
    }

    @AfterEach
    void closeLiveGroup() {
        if (live != null) {
            live.close();
        }
    }
}
