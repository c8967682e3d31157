package io.etcdaws.peersfile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.etcdaws.membership.InitialCluster;
import io.etcdaws.membership.InitialCluster.Entry;
import io.etcdaws.membership.InitialCluster.State;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class PeersFileWriterTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final Path PATH = Path.of("/etc/sysconfig/etcd-peers");

    private final TestProbe<PeersFileWriter.Event> probe = KIT.createTestProbe();
    private final FakePeersFile file = new FakePeersFile();

    @AfterAll
    static void shutDown() {
        KIT.shutdownTestKit();
    }

    @Test
    void tellsWhatCameOfEachWrite() {
        file.results.addAll(List.of(
                new PeersFile.Written(PATH), new PeersFile.Unchanged(PATH), new PeersFile.Failed("the disk is full")));
        ActorRef<PeersFileWriter.Command> writer = writer();

        for (int i = 0; i < 3; i++) {
            writer.tell(new PeersFileWriter.Write(cluster("me"), probe.ref()));
        }

        assertEquals(new PeersFileWriter.Written(PATH), probe.receiveMessage());
        assertEquals(new PeersFileWriter.Unchanged(PATH), probe.receiveMessage());
        assertEquals(new PeersFileWriter.WriteFailed("the disk is full"), probe.receiveMessage());
        assertEquals(
                "ETCD_INITIAL_CLUSTER_STATE=new\nETCD_NAME=me\nETCD_INITIAL_CLUSTER=\"me=http://10.0.0.1:2380\"\n",
                file.contents.get(0));
    }

    @Test
    void tellsWhetherTheFileCouldBeWrittenWithoutWriting() {
        ActorRef<PeersFileWriter.Command> writer = writer();

        writer.tell(new PeersFileWriter.Check(probe.ref()));
        assertEquals(new PeersFileWriter.Writable(), probe.receiveMessage());

        file.obstacle = Optional.of("the disk is read-only");
        writer.tell(new PeersFileWriter.Check(probe.ref()));
        assertEquals(new PeersFileWriter.WriteFailed("the disk is read-only"), probe.receiveMessage());
        assertTrue(file.contents.isEmpty());
    }

    @Test
    void neverWritesTwiceAtOnce() {
        ActorRef<PeersFileWriter.Command> writer = writer();

        for (int i = 0; i < 20; i++) {
            file.results.add(new PeersFile.Written(PATH));
        }
        for (int i = 0; i < 20; i++) {
            writer.tell(new PeersFileWriter.Write(cluster("me"), probe.ref()));
        }

        assertEquals(20, probe.receiveSeveralMessages(20).size());
        assertFalse(file.overlapped);
    }

    @Test
    void writesNothingRatherThanABrokenFile() {
        writer().tell(new PeersFileWriter.Write(cluster("quo\"te"), probe.ref()));

        PeersFileWriter.WriteFailed failed = probe.expectMessageClass(PeersFileWriter.WriteFailed.class);
        assertTrue(failed.message().startsWith("cannot write the peers file " + PATH + ": "), failed.message());
        assertTrue(file.contents.isEmpty());
    }

    private ActorRef<PeersFileWriter.Command> writer() {
        PeersFileSettings settings = new PeersFileSettings(
                PATH, PeersFileFormat.SYSTEMD, false, "http", 2379, "etcd-cluster", Optional.empty());
        return KIT.spawn(PeersFileWriter.create(file, settings), PeersFileWriter.dispatcher());
    }

    private static InitialCluster cluster(String name) {
        return new InitialCluster(State.NEW, name, List.of(new Entry(name, "http://10.0.0.1:2380")), false);
    }

    /** Gives prepared results, and notices writes that overlap. */
    private static final class FakePeersFile implements PeersFile {
        final Queue<Result> results = new ArrayDeque<>();
        final List<String> contents = new ArrayList<>();
        private final AtomicInteger writes = new AtomicInteger();
        volatile boolean overlapped;
        volatile Optional<String> obstacle = Optional.empty();

        @Override
        public Result write(byte[] content) {
            overlapped |= writes.incrementAndGet() > 1;
            contents.add(new String(content, UTF_8));
            writes.decrementAndGet();
            return results.remove();
        }

        @Override
        public Optional<String> checkWritable() {
            return obstacle;
        }

        @Override
        public boolean present() {
            return true;
        }
    }
}
