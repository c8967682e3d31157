package io.etcdaws.peersfile;

import java.nio.file.Path;

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

    /** Whether a peers file is in place. */
    boolean present();
}
