package io.etcdaws.peersfile;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Map;

/** A reason not to write, in words for the operator. */
final class WriteProblem extends IOException {
    private static final long serialVersionUID = 1L;

    /** What to do about the errors of the kernel, by the words the C library has for them. */
    private static final Map<String, String> REMEDIES = Map.of(
            "Read-only file system",
            "mount it writable there, or set peers-file.path to a place that is",
            "No space left on device",
            "free some space or inodes there",
            "Disk quota exceeded",
            "free some space there, or raise the quota",
            "Device or resource busy",
            "the file is a mount point of its own and cannot be replaced: mount its directory into the container"
                    + " instead of the file",
            "Operation not permitted",
            "look for an immutable flag (lsattr), or for a mount that does not keep permissions",
            "Input/output error",
            "look for a failing disk in the kernel's log",
            "Not a directory",
            "part of the path is a file; set peers-file.path to another place",
            "File name too long",
            "set peers-file.path to a shorter one");

    WriteProblem(String message) {
        super(message);
    }

    /** The whole message: the file, the cause, and what to do. */
    static String explain(Path path, IOException problem) {
        return "cannot write the peers file " + path + ": " + cause(path, problem);
    }

    /** Whether a sync failed because there is no such thing there, rather than for a fault. */
    static boolean isUnsupportedSync(IOException problem) {
        String reason = reason(problem);
        return problem instanceof AccessDeniedException
                || reason.contains("Invalid argument")
                || reason.contains("Operation not supported");
    }

    private static String cause(Path path, IOException problem) {
        if (problem instanceof WriteProblem) {
            return String.valueOf(problem.getMessage());
        }
        if (problem instanceof AccessDeniedException) {
            return "permission denied; run as a user that may write in " + path.getParent()
                    + ", or let this one (SELinux may refuse, too: mount with :z)";
        }
        String reason = reason(problem);
        return REMEDIES.entrySet().stream()
                .filter(remedy -> reason.contains(remedy.getKey()))
                .findFirst()
                .map(remedy -> remedy.getKey() + "; " + remedy.getValue())
                .orElse(reason + "; see that the directory is there and can be written to");
    }

    private static String reason(IOException problem) {
        if (problem instanceof FileSystemException failure && failure.getReason() != null) {
            return failure.getReason();
        }
        return String.valueOf(problem);
    }
}
