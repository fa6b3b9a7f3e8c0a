package io.sink.table;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The real paths of places on local disk, with links resolved.
 *
 * <p>A place is resolved once in the life of the process: a directory that is later exchanged for a link does not move
 * it.
 *
 * @ref LLP 0000#own-locations
 */
public final class RealRoots {
    private static final Logger LOG = LoggerFactory.getLogger(RealRoots.class);
    private static final Map<Path, Path> KNOWN = new ConcurrentHashMap<>();
    private static final Map<Path, Path> DIRECTORIES = new ConcurrentHashMap<>();
    private static final int MOST_DIRECTORIES = 10_000;

    private RealRoots() {}

    /**
     * The real path of a place when it was first asked about; the absolute path of a place that does not exist.
     *
     * @throws UncheckedIOException if the path cannot be resolved
     */
    public static Path of(Path place) {
        Path absolute = place.toAbsolutePath().normalize();
        Path known = KNOWN.get(absolute);
        if (known != null) {
            return known;
        }
        try {
            Path real = absolute.toRealPath();
            Path first = KNOWN.putIfAbsent(absolute, real);
            return first == null ? real : first;
        } catch (NoSuchFileException notThere) {
            return absolute;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find the real path of " + place, e);
        }
    }

    /**
     * The absolute path of a file or directory, with the links in the existing part resolved.
     *
     * @throws UncheckedIOException if an existing part cannot be resolved, so that the path could be anywhere
     */
    public static String behindLinks(String path) {
        Path absolute;
        try {
            absolute = Path.of(path).toAbsolutePath().normalize();
        } catch (InvalidPathException notOfThisSystem) {
            return path;
        }
        Path parent = absolute.getParent();
        if (parent == null || Files.isDirectory(absolute) || Files.isSymbolicLink(absolute)) {
            return real(absolute).toString();
        }
        return real(parent).resolve(absolute.getFileName()).toString();
    }

    private static Path real(Path directory) {
        Path known = DIRECTORIES.get(directory);
        if (known != null) {
            return known;
        }
        Path real;
        try {
            real = directory.toRealPath();
        } catch (NoSuchFileException notThere) {
            Path parent = directory.getParent();
            return parent == null ? directory : real(parent).resolve(directory.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot find the real path of " + directory, e);
        }
        if (DIRECTORIES.size() >= MOST_DIRECTORIES) {
            DIRECTORIES.clear();
        }
        DIRECTORIES.put(directory, real);
        return real;
    }

    /** Resolves a place now, if possible, so that later calls get this result. */
    public static void pin(Path place) {
        try {
            of(place);
        } catch (UncheckedIOException unresolved) {
            LOG.debug("{}", unresolved.getMessage());
        }
    }

    /** Why the file may not be deleted as one of this place; null if it may be, or does not exist. */
    public static @Nullable String refusal(Path file, Path place) {
        try {
            return outside(file, of(place));
        } catch (UncheckedIOException e) {
            return "its real path cannot be found: " + e.getCause();
        }
    }

    /** As {@link #refusal}, for a root that is resolved already. */
    public static @Nullable String outside(Path file, Path root) {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.exists(parent)) {
            return null;
        }
        try {
            if (Files.isSymbolicLink(file)) {
                return "it is a symbolic link";
            }
            return parent.toRealPath().startsWith(root)
                    ? null
                    : "a symbolic link on its path leads out of the table's own locations";
        } catch (IOException e) {
            return "its real path cannot be found: " + e;
        }
    }
}
