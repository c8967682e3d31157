package io.etcdaws.etcd;

import io.etcdaws.etcd.Credentials.Login;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files with certificates, key and password. They are rotated under a running program, so they are read anew
 * for every round; the same {@link Credentials} come back while their content is the same.
 *
 * <p>Not thread-safe. {@link #load} blocks for the time that a few small files take.
 */
public final class CredentialFiles {
    private static final Logger log = LoggerFactory.getLogger(CredentialFiles.class);
    private static final long LARGEST_FILE_BYTES = 4 * 1024 * 1024;

    private final EtcdSettings settings;
    private Map<Path, String> lastContent = Map.of();
    private @Nullable Credentials last;

    /** Will read the files that the settings name; reads none yet. */
    public CredentialFiles(EtcdSettings settings) {
        this.settings = settings;
    }

    /**
     * The credentials as the files are now. Certificates that are not valid at this moment only give a warning, since the
     * other side may see it otherwise.
     *
     * @throws CredentialsException naming the file and what is wrong with it
     */
    public Credentials load() throws CredentialsException {
        Map<Path, String> content = readAll();
        Credentials known = last;
        if (known != null && content.equals(lastContent)) {
            return known;
        }
        Credentials fresh = make(content);
        fresh.warnings().forEach(log::warn);
        last = fresh;
        lastContent = content;
        return fresh;
    }

    private Map<Path, String> readAll() throws CredentialsException {
        List<Path> files = new ArrayList<>();
        if (settings.usesTls()) {
            settings.caFile().ifPresent(files::add);
            settings.certFile().ifPresent(files::add);
            settings.keyFile().ifPresent(files::add);
        }
        settings.passwordFile().ifPresent(files::add);
        Map<Path, String> content = new LinkedHashMap<>();
        for (Path file : files) {
            content.put(file, read(file));
        }
        return content;
    }

    private Credentials make(Map<Path, String> content) throws CredentialsException {
        List<String> warnings = new ArrayList<>();
        Optional<Login> login = login(content);
        if (!settings.usesTls()) {
            return new Credentials(Optional.empty(), true, login, warnings, List.of());
        }
        TlsMaterial material = new TlsMaterial(content, Instant.now(), warnings);
        SSLContext context = material.context(
                settings.caFile(), settings.certFile(), settings.keyFile(), settings.insecureSkipVerify());
        return new Credentials(
                Optional.of(context), !settings.insecureSkipVerify(), login, warnings, material.expiries());
    }

    private Optional<Login> login(Map<Path, String> content) throws CredentialsException {
        if (settings.username().isEmpty() || settings.passwordFile().isEmpty()) {
            return Optional.empty();
        }
        Path file = settings.passwordFile().get();
        // Editors and `echo` end a file with a line end, which is no part of the password.
        String password = content.getOrDefault(file, "").replaceFirst("\\r?\\n$", "");
        if (password.isEmpty()) {
            throw new CredentialsException("the password file " + file + " is empty");
        }
        return Optional.of(new Login(settings.username().get(), password));
    }

    private static String read(Path file) throws CredentialsException {
        try {
            if (Files.isDirectory(file)) {
                throw new CredentialsException("the file " + file + " is a directory");
            }
            if (Files.size(file) > LARGEST_FILE_BYTES) {
                throw new CredentialsException("the file " + file + " is larger than " + LARGEST_FILE_BYTES + " bytes");
            }
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new CredentialsException("the file " + file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new CredentialsException("the file " + file + " may not be read by this user", e);
        } catch (IOException e) {
            throw new CredentialsException("the file " + file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
