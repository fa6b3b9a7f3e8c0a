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
 * Where places on local disk really are, behind the links that lead to them.
 *
 * <p>A place is asked about once in the life of the process: what is exchanged for a link later does not move it.
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
     * The real path of a place as it was when it was first asked about; of one that is not there, the path itself.
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
     * Where a file or a directory really is, absolute and behind links, as much of it as is there.
     *
     * @throws UncheckedIOException if a part that is there cannot be resolved: then it could be anything
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

    /** Resolves a place, if it can be, so that later questions get the answer of now. */
    public static void pin(Path place) {
        try {
            of(place);
        } catch (UncheckedIOException unresolved) {
            LOG.debug("{}", unresolved.getMessage());
        }
    }

    /** Why the file may not be deleted for the owner of the place, or null if it may or is not there. */
    public static @Nullable String refusal(Path file, Path place) {
        try {
            return outside(file, of(place));
        } catch (UncheckedIOException e) {
            return "its real path cannot be found: " + e.getCause();
        }
    }

    /** The same for a root that is resolved already. */
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
