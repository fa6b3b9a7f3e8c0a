package lib;

import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.LongStream;

/**
 * The same fragmented table twice, with deletion vectors and replaced files: one by path, one in a SQLite catalog. It
 * can be put back as it was, and says what is wrong with it.
 */
public final class TwoTables {
    /** A configuration that knows both. */
    public static final String CONFIGURATION = """
            version: 1
            catalogs:
              lake: { type: jdbc, uri: "jdbc:sqlite:./lake/catalog.db", warehouse: ./lake }
              paths: { type: path, warehouse: ./paths }
            """;

    private final Path directory;
    private final PathTable byPath;
    private final SavedTree lake;
    private final SavedTree paths;
    private final SortedMap<String, List<String>> rows = new TreeMap<>();
    private final SortedMap<String, Integer> dataFiles = new TreeMap<>();

    /** What a look at the tables found. */
    public static final class Findings {
        /** Rows that are not as they were, files that nothing needs, files that are missing: each a sentence. */
        public final List<String> violations = new ArrayList<>();
    }

    private TwoTables(Path directory, PathTable byPath) {
        this.directory = directory;
        this.byPath = byPath;
        this.lake = SavedTree.of(directory.resolve("lake"));
        this.paths = SavedTree.of(directory.resolve("paths"));
        readers().forEach((name, reader) -> {
            rows.put(name, reader.rows());
            dataFiles.put(name, dataFiles(reader));
        });
    }

    /**
     * Makes both below a directory of the test's own.
     *
     * @param files data files, each by its own commit, every fourth with a deleted row
     */
    public static TwoTables make(Path directory, int files, int rowsPerFile) throws IOException {
        return make(directory, 3, table -> {
            table.append(1, 2).append(3).replace(4, 5, 6);
            for (int file = 0; file < files; file++) {
                long[] ids = LongStream.range(0, rowsPerFile)
                        .map(new Numbers(1000L * file, rowsPerFile)::at)
                        .toArray();
                if (file % 4 == 0) {
                    table.appendAndDeleteFirst(ids);
                } else {
                    table.append(ids);
                }
            }
        });
    }

    /** Gives a table its history. */
    public interface History {
        void happenTo(LakeTable table) throws IOException;
    }

    /** Makes both below a directory of the test's own, with the same history. */
    public static TwoTables make(Path directory, int formatVersion, History history) throws IOException {
        PathTable byPath = PathTable.create(directory.resolve("paths"), "t", formatVersion, Map.of());
        try (Lake made = Lake.make(directory)) {
            history.happenTo(made.create("t", formatVersion, Map.of()));
            history.happenTo(new LakeTable(byPath.load()));
        }
        return new TwoTables(directory, byPath);
    }

    /** Ids with repetitions. */
    private record Numbers(long first, int count) {
        long at(long number) {
            return first + number % Math.max(1, count - 1);
        }
    }

    /** The warehouse of a table that {@link io.sink.testing.DiesAtCall} can open. */
    public Path warehouse(String type) {
        return directory.resolve(type.equals("jdbc") ? "lake" : "paths");
    }

    private SortedMap<String, SecondReader> readers() {
        SortedMap<String, SecondReader> readers = new TreeMap<>();
        readers.put("lake.web.t", Lake.reader(directory.resolve("lake/catalog.db"), "web", "t"));
        readers.put("paths.t", byPath.reader());
        return readers;
    }

    private static int dataFiles(SecondReader reader) {
        SecondReader.Snapshot newest = reader.snapshots().get(reader.snapshots().size() - 1);
        return (int) reader.files(newest.id()).stream()
                .filter(file -> file.toString().endsWith(".parquet"))
                .count();
    }

    /** Puts every file back as it was made. */
    public void restore() {
        lake.restore();
        paths.restore();
    }

    /** Files that are there now and were not when the tables were made. */
    public TreeSet<Path> added() {
        TreeSet<Path> added = SavedTree.files(directory.resolve("lake"));
        added.addAll(SavedTree.files(directory.resolve("paths")));
        added.removeAll(lake.files());
        added.removeAll(paths.files());
        return added;
    }

    /** Files that were there when the tables were made and are not now. */
    public TreeSet<Path> gone() {
        TreeSet<Path> gone = lake.files();
        gone.addAll(paths.files());
        gone.removeAll(SavedTree.files(directory.resolve("lake")));
        gone.removeAll(SavedTree.files(directory.resolve("paths")));
        return gone;
    }

    /** Looks at both: rows with lineage, every needed file there, and none that is not needed. */
    public void look(String when, Findings findings) {
        TreeSet<Path> superfluous = SavedTree.files(directory.resolve("lake"));
        superfluous.addAll(SavedTree.files(directory.resolve("paths")));
        readers().forEach((name, reader) -> {
            for (Path file : reader.reachable()) {
                if (!superfluous.remove(file)) {
                    findings.violations.add(when + ": " + name + " lacks " + file);
                }
            }
            if (!reader.rows().equals(rows.get(name))) {
                findings.violations.add(when + ": rows of " + name + " are not what they were");
            }
        });
        for (Path file : superfluous) {
            String name = String.valueOf(file.getFileName());
            if (!name.equals("version-hint.text") && !name.startsWith("catalog.db")) {
                findings.violations.add(when + ": nothing needs " + file);
            }
        }
    }

    /** What the second reader says of the newest snapshot of each, by its table's full name. */
    public <T> SortedMap<String, T> newest(BiFunction<SecondReader, Long, T> what) {
        SortedMap<String, T> said = new TreeMap<>();
        readers().forEach((name, reader) -> {
            List<SecondReader.Snapshot> snapshots = reader.snapshots();
            said.put(
                    name, what.apply(reader, snapshots.get(snapshots.size() - 1).id()));
        });
        return said;
    }

    /** Whether both have fewer data files now. */
    public boolean compacted() {
        return readers().entrySet().stream()
                .allMatch(table -> dataFiles(table.getValue()) < dataFiles.getOrDefault(table.getKey(), 0));
    }
}
