package io.etcdaws.peersfile;

import java.nio.file.Path;
import java.util.Optional;

/** The file that tells etcd its peers. */
public interface PeersFile {
    /** What came of a write. */
    sealed interface Result {}

    /**
     * The file holds the content now, and did not before.
     *
     * @param path the file
     */
    record Written(Path path) implements Result {}

    /**
     * The file held the content already and was not touched.
     *
     * @param path the file
     */
    record Unchanged(Path path) implements Result {}

    /**
     * The content is not safely in place; what was there before may still be.
     *
     * @param message for the operator: the file, the cause, and what to do
     */
    record Failed(String message) implements Result {}

    /**
     * Makes the file hold exactly the content, whole or not at all. Blocks on the disk. Never two calls at once.
     *
     * @param content the file's bytes
     */
    Result write(byte[] content);

    /**
     * Whether a write could succeed, found by making everything ready for one and leaving the target as it is. A disk that
     * fills up later, or a target that is a mount point of its own, is only found by the write. Never beside a write.
     *
     * @return for the operator: the file, the cause, and what to do; empty if nothing stands in the way
     */
    Optional<String> checkWritable();

    /** Whether a peers file is in place. An empty one says nothing, and is as good as none. */
    boolean present();
}
