package io.etcdaws.peersfile;

import io.etcdaws.membership.DataDirectory;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Optional;

/** Looks at etcd's data directory. Empty leads to the removal of a member, so every doubt ends in unknown. */
public final class DataDirectories {
    private static final String MEMBER = "member";

    /**
     * What was found.
     *
     * @param directory what is known of the directory
     * @param warning for the operator: why no more is known, where that is not as it should be
     */
    public record Inspection(DataDirectory directory, Optional<String> warning) {
        private static Inspection of(DataDirectory directory) {
            return new Inspection(directory, Optional.empty());
        }

        private static Inspection unknown(String warning) {
            return new Inspection(DataDirectory.UNKNOWN, Optional.of(warning));
        }
    }

    private DataDirectories() {}

    /**
     * Inspects a data directory. It holds data when there is a {@code member} in it, whatever that holds: etcd makes {@code
     * member/snap} before it has data, but the write-ahead log may be elsewhere ({@code --wal-dir}), or its disk not be
     * mounted. It is empty if the operator named it, and it is missing or has none, and no directory in it does
     * or may.
     *
     * @param path the directory
     * @param configured whether the operator named it
     */
    public static Inspection inspect(Path path, boolean configured) {
        try {
            if (Files.exists(path.resolve(MEMBER), LinkOption.NOFOLLOW_LINKS)) {
                return Inspection.of(DataDirectory.HOLDS_DATA);
            }
            return inspectWithoutMember(path, configured);
        } catch (NoSuchFileException e) {
            return missing(path, configured);
        } catch (NotDirectoryException e) {
            return Inspection.unknown(
                    "the data directory " + path + " is not a directory; set etcd.data-dir to etcd's");
        } catch (AccessDeniedException e) {
            return Inspection.unknown(
                    "the data directory " + path + " may not be read, so it is not known whether it holds"
                            + " data; run as a user that may, such as root or etcd's own");
        } catch (IOException e) {
            return Inspection.unknown("the data directory " + path + " cannot be read: " + e);
        }
    }

    private static Inspection inspectWithoutMember(Path path, boolean configured) throws IOException {
        // Listing it tells "there is none" from "it may not be seen".
        try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
            for (Path child : children) {
                if (child.endsWith(MEMBER)) {
                    return Inspection.of(DataDirectory.HOLDS_DATA);
                }
                if (mayHoldMember(child)) {
                    return Inspection.unknown("the data directory " + path + " holds no data itself, but " + child
                            + " may; set etcd.data-dir to the one that etcd uses");
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Inspection.of(configured ? DataDirectory.EMPTY : DataDirectory.UNKNOWN);
    }

    private static boolean mayHoldMember(Path child) {
        // Every new ext4 filesystem has a lost+found that only root may see into.
        return Files.isDirectory(child)
                && !child.endsWith("lost+found")
                && !Files.notExists(child.resolve(MEMBER), LinkOption.NOFOLLOW_LINKS);
    }

    private static Inspection missing(Path path, boolean configured) {
        if (Files.isSymbolicLink(path)) {
            return Inspection.unknown(
                    "the data directory " + path + " is a symbolic link to nowhere; is its disk mounted?");
        }
        return Inspection.of(configured ? DataDirectory.EMPTY : DataDirectory.UNKNOWN);
    }
}
