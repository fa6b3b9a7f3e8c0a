package io.sink.catalog;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.DelegateFileIO;
import org.jspecify.annotations.Nullable;

/**
 * Tables without a catalog on local disk: a directory {@code <warehouse>/<namespace…>/<table>} whose {@code metadata}
 * holds a {@code vN.metadata.json} is a table. Directories are read as the listing advances, in the order of their
 * names, and no link is followed.
 */
final class PathTables implements TableSource {

    private static final String METADATA = "metadata";
    private static final String DATA = "data";

    private final String name;
    private final Path warehouse;
    private final DelegateFileIO io;
    private final @Nullable BlobFileIO blobs;

    /**
     * @param store the storage of the tables' files; closing this closes it
     * @param blobRoot the location that {@code blob://} keys are relative to; null if there are no such locations
     */
    PathTables(String name, Path warehouse, DelegateFileIO store, @Nullable String blobRoot) {
        this.name = name;
        this.warehouse = warehouse;
        this.blobs = blobRoot == null ? null : new BlobFileIO(store, blobRoot);
        this.io = blobs == null ? store : blobs;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean commitsDieWithProcess() {
        return true;
    }

    @Override
    public Iterator<TableRef> list() {
        return new Walk();
    }

    /** @throws ValidationException if the metadata says that the table is elsewhere, as a copy's does */
    @Override
    public BaseTable load(TableRef ref) {
        Path directory = directoryOf(ref);
        PathTableOperations operations = new PathTableOperations(
                ref.fullName(),
                new LocalMetadataStore(directory.resolve(METADATA)),
                io,
                location -> checkLocation(ref, directory, location));
        operations.refresh();
        return new BaseTable(operations, ref.fullName());
    }

    @Override
    public void close() {
        io.close();
    }

    private Path directoryOf(TableRef ref) {
        Path directory = warehouse;
        for (String level : ref.namespace()) {
            directory = childOf(directory, level, ref);
        }
        directory = childOf(directory, ref.name(), ref);
        childOf(directory, METADATA, ref);
        return directory;
    }

    private static Path childOf(Path directory, String level, TableRef ref) {
        boolean isName = !level.isEmpty() && !level.equals(".") && !level.equals("..") && !level.contains("/");
        if (!isName || !isRealDirectory(directory.resolve(level))) {
            throw new NoSuchTableException("No such table: %s (looked in %s)", ref, directory);
        }
        return directory.resolve(level);
    }

    /**
     * A table that was copied or moved still names the files of the original: to expire its snapshots would delete
     * those.
     *
     * @ref LLP 0000#own-locations
     */
    private void checkLocation(TableRef ref, Path directory, String location) {
        if (location.startsWith(BlobFileIO.SCHEME) && blobs == null) {
            throw new ValidationException(
                    "Table %s is at %s; set 'blob-root' of catalog '%s' to what that is relative to",
                    ref, location, name);
        }
        String resolved = blobs == null ? location : blobs.resolve(location);
        try {
            if (LocalLocation.isLocal(resolved) && Files.isSameFile(LocalLocation.path(resolved), directory)) {
                return;
            }
        } catch (NoSuchFileException e) {
            // not where it was found: said below
        } catch (IOException e) {
            throw new RuntimeIOException(e, "Cannot compare %s with %s", resolved, directory);
        }
        throw new ValidationException(
                "Table %s was found at %s, but its metadata says %s: a copied or moved table is not touched",
                ref, directory, resolved);
    }

    private static boolean isRealDirectory(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    private final class Walk implements Iterator<TableRef> {
        /** A directory to look into, and the names that lead to it. */
        private record Place(Path directory, List<String> levels) {}

        private final Deque<Place> ahead = new ArrayDeque<>();
        private @Nullable TableRef next;

        Walk() {
            ahead.push(new Place(warehouse, List.of()));
        }

        @Override
        public boolean hasNext() {
            while (next == null && !ahead.isEmpty()) {
                visit(ahead.pop());
            }
            return next != null;
        }

        @Override
        public TableRef next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            TableRef found = next;
            next = null;
            return found;
        }

        private void visit(Place place) {
            List<String> levels = place.levels();
            Path metadata = place.directory().resolve(METADATA);
            boolean holdsMetadata = isRealDirectory(metadata);
            if (holdsMetadata && !levels.isEmpty() && LocalMetadataStore.holdsVersions(metadata)) {
                int last = levels.size() - 1;
                next = new TableRef(name, levels.subList(0, last), levels.get(last));
            }
            List<String> children = directoriesIn(place.directory());
            if (holdsMetadata) {
                children.removeAll(List.of(METADATA, DATA));
            }
            children.sort(Collections.reverseOrder());
            for (String child : children) {
                List<String> below = new ArrayList<>(levels);
                below.add(child);
                ahead.push(new Place(place.directory().resolve(child), below));
            }
        }

        private List<String> directoriesIn(Path directory) {
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, PathTables::isRealDirectory)) {
                entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
            } catch (NoSuchFileException e) {
                // dropped since its parent was read
            } catch (DirectoryIteratorException e) {
                throw new RuntimeIOException(e.getCause(), "Cannot list %s", directory);
            } catch (IOException e) {
                throw new RuntimeIOException(e, "Cannot list %s", directory);
            }
            return names;
        }
    }
}
