package io.etcdaws.peersfile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * A peers file on disk. It is replaced by renaming a complete, synced file over it, so that a reader sees the old content
 * or the new one and a crash leaves one of them.
 *
 * <p>Where the path is a symbolic link, the link stays and what it points to is replaced. A missing directory is created
 * (mode 0755) if its own parent is there; more than one missing level is taken for a mistake in the path.
 */
public final class FilesystemPeersFile implements PeersFile {
    private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwxr-xr-x");
    // As many as Linux follows.
    private static final int MOST_LINKS = 40;

    private final Path path;

    private FilesystemPeersFile(Path path) {
        this.path = path;
    }

    /** The peers file at a path. */
    public static FilesystemPeersFile at(Path path) {
        return new FilesystemPeersFile(path.toAbsolutePath());
    }

    @Override
    public boolean present() {
        try {
            return Files.isRegularFile(path) && Files.size(path) > 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Result write(byte[] content) {
        try {
            Path target = prepare();
            if (holds(target, content)) {
                return new Unchanged(path);
            }
            replace(target, content);
            syncDirectory(directoryOf(target));
            return new Written(path);
        } catch (IOException e) {
            return new Failed(WriteProblem.explain(path, e));
        }
    }

    @Override
    public Optional<String> checkWritable() {
        try {
            TemporaryFile.beside(prepare()).close();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(WriteProblem.explain(path, e));
        }
    }

    /** Makes ready to replace the target, and says where that is. */
    private Path prepare() throws IOException {
        Path target = target();
        requireReplaceable(target);
        createIfMissing(directoryOf(target));
        TemporaryFile.deleteStale(target);
        return target;
    }

    /** What the path leads to, which need not be there yet. */
    private Path target() throws IOException {
        Path target = path;
        for (int links = 0; Files.isSymbolicLink(target); links++) {
            if (links == MOST_LINKS) {
                throw new WriteProblem("it is a symbolic link that leads in a circle; remove the link");
            }
            target = directoryOf(target).resolve(Files.readSymbolicLink(target));
        }
        return target;
    }

    private static Path directoryOf(Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null) {
            throw new WriteProblem("it is a directory; set peers-file.path to a file");
        }
        return directory;
    }

    private static void requireReplaceable(Path target) throws IOException {
        if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new WriteProblem("it is a directory; remove the directory (docker -v makes one where the file is"
                    + " missing), or set peers-file.path to a file in it");
        }
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(target)) {
            throw new WriteProblem("it is not a regular file; remove it, or set peers-file.path to another place");
        }
    }

    private static void createIfMissing(Path directory) throws IOException {
        if (Files.exists(directory)) {
            return;
        }
        Path parent = directoryOf(directory);
        if (!Files.isDirectory(parent)) {
            throw new WriteProblem("the directory " + parent + " does not exist; create " + directory
                    + ", mount it into the container, or set peers-file.path to another place");
        }
        Files.createDirectory(directory);
        // Apart from creation, where the umask would have its say.
        Files.setPosixFilePermissions(directory, DIRECTORY_MODE);
        syncDirectory(parent);
    }

    private static boolean holds(Path target, byte[] content) {
        try {
            return Files.size(target) == content.length && Arrays.equals(Files.readAllBytes(target), content);
        } catch (IOException e) {
            // Missing or unreadable: to be replaced. Whatever stands in the way of that will be reported then.
            return false;
        }
    }

    private static void replace(Path target, byte[] content) throws IOException {
        try (TemporaryFile temporary = TemporaryFile.beside(target)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                temporary.channel().write(rest);
            }
            Files.setPosixFilePermissions(temporary.path(), FILE_MODE);
            temporary.channel().force(true);
            Files.move(temporary.path(), target, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    /** Makes what was created or renamed in the directory survive a power failure. */
    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Some network and overlay filesystems do not know the operation, or the directory may be entered and
            // written
            // but not read.
            if (!WriteProblem.isUnsupportedSync(e)) {
                throw new WriteProblem("the change was made, but may not survive a power failure, since the directory "
                        + directory + " cannot be synced (" + e.getMessage() + "); look for a failing disk");
            }
        }
    }
}
