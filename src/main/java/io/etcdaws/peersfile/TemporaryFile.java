package io.etcdaws.peersfile;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * A hidden file beside the one it is to replace. It is locked while it is being written, so that what a crash has left, whose
 * lock went with its process, is told from what another process is writing now.
 */
final class TemporaryFile implements AutoCloseable {
    private static final String SUFFIX = ".tmp";
    private static final int MOST_ATTEMPTS = 10;

    private final Path path;
    private final FileChannel channel;

    private TemporaryFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /** Creates one. */
    static TemporaryFile beside(Path target) throws IOException {
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            TemporaryFile file = create(target);
            if (file.lock()) {
                return file;
            }
            file.close();
        }
        throw new WriteProblem("other runs took each of " + MOST_ATTEMPTS + " temporary files beside it for a leftover;"
                + " see that not many are started at once");
    }

    private static TemporaryFile create(Path target) throws IOException {
        String unique = HexFormat.of().toHexDigits(new SecureRandom().nextLong());
        Path path = target.resolveSibling(prefix(target) + unique + SUFFIX);
        FileChannel channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new TemporaryFile(path, channel);
    }

    /** Deletes those that a crash has left. Failing to is no reason not to write. */
    static void deleteStale(Path target) {
        Path directory = target.resolveSibling(".");
        String prefix = prefix(target);
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, file -> isTemporary(file, prefix))) {
            for (Path file : found) {
                deleteIfStale(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            // The directory cannot be listed; they stay until it can.
        }
    }

    private static String prefix(Path target) {
        return "." + target.getFileName() + ".etcd-aws-";
    }

    private static boolean isTemporary(Path file, String prefix) {
        String name = String.valueOf(file.getFileName());
        return name.startsWith(prefix) && name.endsWith(SUFFIX);
    }

    private static void deleteIfStale(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            if (tryLock(channel)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /** Fails if another run, finding the file before it was locked, has taken it for stale: to be deleted, or gone. */
    private boolean lock() throws IOException {
        try {
            return tryLock(channel) && Files.exists(path);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    Path path() {
        return path;
    }

    FileChannel channel() {
        return channel;
    }

    /** Removes the file, unless it has been renamed, and lets go of it. */
    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }
}
