package io.sink.catalog;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.io.DelegateFileIO;
import org.jspecify.annotations.Nullable;

/**
 * Tables without a catalog: a directory {@code <warehouse>/<namespace…>/<table>} whose {@code metadata} holds a
 * {@code vN.metadata.json} is a table. Directories are read as the listing advances, in the order of their names.
 */
final class PathTables implements TableSource {

    static final String METADATA = "metadata";
    private static final String DATA = "data";

    private final String name;
    private final Warehouse warehouse;
    private final DelegateFileIO io;
    private final @Nullable BlobFileIO blobs;
    private final Set<String> passedOver = new ConcurrentSkipListSet<>();

    /**
     * @param warehouse where the tables are; closing this closes it
     * @param io the tables' files; closing this closes it
     * @param blobs resolves {@code blob://} locations; null if there are no such locations
     */
    PathTables(String name, Warehouse warehouse, DelegateFileIO io, @Nullable BlobFileIO blobs) {
        this.name = name;
        this.warehouse = warehouse;
        this.io = io;
        this.blobs = blobs;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean commitsDieWithProcess() {
        return warehouse.commitsDieWithProcess();
    }

    @Override
    public Iterator<TableRef> list() {
        return list(namespace -> {});
    }

    /** Each directory that is not a table counts as a namespace. */
    @Override
    public Iterator<TableRef> list(Consumer<List<String>> namespace) {
        return new Walk(namespace);
    }

    /** The mount point of a disk that is not mounted lists as empty, and so does a wrong path. */
    @Override
    public String emptyListingDoubt() {
        return "no table was found in " + warehouse.describe(List.of())
                + "; a wrong path or a disk that is not mounted would look the same";
    }

    @Override
    public List<String> passedOver() {
        return passedOver.stream()
                .map(link -> link + " is a link, and tables behind links are not looked at")
                .toList();
    }

    /** @throws ValidationException if the metadata has another location, as that of a copied table has */
    @Override
    public BaseTable load(TableRef ref) {
        List<String> levels = levelsOf(ref);
        PathTableOperations operations = new PathTableOperations(
                ref.fullName(), warehouse.metadata(levels), io, location -> checkLocation(ref, levels, location));
        operations.refresh();
        return new BaseTable(operations, ref.fullName());
    }

    @Override
    public @Nullable String commitProblem(TableRef ref) {
        return warehouse.exclusiveCreationProblem(levelsOf(ref));
    }

    @Override
    public void close() {
        try (warehouse) {
            io.close();
        }
    }

    private List<String> levelsOf(TableRef ref) {
        List<String> levels = new ArrayList<>(ref.namespace());
        levels.add(ref.name());
        List<String> metadata = new ArrayList<>(levels);
        metadata.add(METADATA);
        if (!levels.stream().allMatch(PathTables::isName) || !warehouse.holds(metadata)) {
            throw new NoSuchTableException("No such table: %s (looked in %s)", ref, warehouse.describe(List.of()));
        }
        return List.copyOf(levels);
    }

    private static boolean isName(String level) {
        return !level.isEmpty() && !level.equals(".") && !level.equals("..") && !level.contains("/");
    }

    /**
     * A table that was copied or moved still names the files of the original, and expiring its snapshots would delete
     * those.
     *
     * @ref LLP 0000#own-locations
     */
    private void checkLocation(TableRef ref, List<String> levels, String location) {
        if (location.startsWith(BlobFileIO.SCHEME) && blobs == null) {
            throw new ValidationException(
                    "Table %s is at %s; set 'blob-root' of catalog '%s' to the location of blob://",
                    ref, location, name);
        }
        String resolved = blobs == null ? location : blobs.resolve(location);
        if (!warehouse.isAt(resolved, levels)) {
            throw new ValidationException(
                    "Table %s was found at %s, but its metadata says %s: a copied or moved table is not touched",
                    ref, warehouse.describe(levels), resolved);
        }
    }

    private final class Walk implements Iterator<TableRef> {
        private final Deque<List<String>> ahead = new ArrayDeque<>();
        private final Consumer<List<String>> told;
        private @Nullable TableRef next;

        Walk(Consumer<List<String>> told) {
            this.told = told;
            ahead.push(List.of());
        }

        @Override
        public boolean hasNext() {
            while (next == null && !ahead.isEmpty()) {
                // It stays in the queue until it has been read, so that it is read again after a failure.
                visit(ahead.element());
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

        private void visit(List<String> levels) {
            List<String> children = new ArrayList<>(warehouse.children(levels));
            boolean isTable = false;
            if (children.contains(METADATA)) {
                isTable = !levels.isEmpty() && warehouse.metadata(levels).holdsVersions();
                if (isTable) {
                    // Elsewhere these are ordinary names.
                    children.removeAll(List.of(METADATA, DATA));
                }
            }
            boolean table = isTable;
            warehouse.passedOver(levels).stream()
                    .filter(link -> !table || !List.of(METADATA, DATA).contains(link))
                    .forEach(link -> passedOver.add(warehouse.describe(levels) + "/" + link));
            ahead.pop();
            children.sort(Collections.reverseOrder());
            for (String child : children) {
                List<String> below = new ArrayList<>(levels);
                below.add(child);
                ahead.push(List.copyOf(below));
            }
            if (!isTable) {
                told.accept(levels);
            } else {
                int last = levels.size() - 1;
                next = new TableRef(name, levels.subList(0, last), levels.get(last));
            }
        }
    }
}
