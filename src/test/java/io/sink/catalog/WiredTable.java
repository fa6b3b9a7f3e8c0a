package io.sink.catalog;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.Sweeping;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.jspecify.annotations.Nullable;

/**
 * A table of four files and two delete files on S3, as it was made, and what must be true of it whatever was done
 * since.
 */
final class WiredTable {
    static final String COMMIT = ".*/v\\d+\\.metadata\\.json";
    /** The name of a file that nobody needs, which is no leftover of a run. */
    static final String ORPHAN = "orphan.parquet";

    private static final String NAME = "t";
    private static final int FILES = 4;

    private final S3Server server;
    private final PathWarehouse warehouse;
    private final SavedTree made;
    private final Map<Long, List<String>> rows = new TreeMap<>();
    private final List<String> current;

    /**
     * Makes the table, with direct access to the server.
     *
     * @param ofFile the number of rows of each file
     * @param name the value of a row's second column, by its first
     */
    WiredTable(S3Server server, int ofFile, LongFunction<String> name) throws IOException {
        this.server = server;
        this.warehouse = PathWarehouse.onS3(server, "s3://lake/exports");
        warehouse.create(NAME, 3, Map.of("commit.retry.min-wait-ms", "5"));
        try (TableSource source = warehouse.open()) {
            Table table = PathWarehouse.load(source, NAME);
            for (int i = 0; i < FILES; i++) {
                DataFile file = new TableChanges(table)
                        .append(records((long) i * ofFile, ofFile, name))
                        .get(0);
                if (i % 2 == 0) {
                    new TableChanges(table).deletePositions(file, 1);
                }
            }
        }
        SecondReader reader = warehouse.reader(NAME);
        reader.snapshots().forEach(snapshot -> rows.put(snapshot.id(), reader.rows(snapshot.id())));
        this.current = reader.rows();
        this.made = SavedTree.of(server.objects().resolve(S3Server.BUCKET));
    }

    private static List<Record> records(long from, int count, LongFunction<String> name) {
        List<Record> records = new ArrayList<>();
        for (long id = from; id < from + count; id++) {
            Record row = GenericRecord.create(PathTable.SCHEMA);
            row.setField("id", id);
            row.setField("name", name.apply(id));
            records.add(row);
        }
        return records;
    }

    /** Where the table's files are. */
    Path directory() {
        return warehouse.directory(NAME);
    }

    /** The table as a client with further properties sees it. */
    TableSource open(Map<String, String> properties) {
        return warehouse.with(properties).open();
    }

    TableOperations operations(TableSource source) {
        return PathWarehouse.load(source, NAME).operations();
    }

    /** Makes it again what it was. */
    void restore() {
        made.restore();
    }

    /** The next run, a day later and over a wire that works. */
    void runAgain() {
        Instant later = Instant.now().plus(Duration.ofHours(25));
        try (TableSource source = warehouse.open()) {
            TableOperations ops = operations(source);
            Compacting.settling().at(later).execute(ops);
            Expiry.keeping(2).at(later).execute(ops);
            Sweeping.all().execute(ops);
        }
    }

    /** Uploads in parts that were begun and neither ended nor given up. */
    int openUploads() {
        try (var io = server.io()) {
            return io.client()
                    .listMultipartUploads(list -> list.bucket(S3Server.BUCKET))
                    .uploads()
                    .size();
        }
    }

    /**
     * Finds rows that are not what they were, files that are missing, and files that are left and not told of.
     *
     * @param result of the run before; null if nothing may be left
     */
    void look(String when, @Nullable ActionResult result, List<String> violations) throws IOException {
        SecondReader reader = warehouse.reader(NAME);
        if (!reader.rows().equals(current)) {
            violations.add(when + ": rows are not what they were");
        }
        reader.snapshots().stream()
                .filter(snapshot -> rows.containsKey(snapshot.id()))
                .filter(snapshot -> !reader.rows(snapshot.id()).equals(rows.get(snapshot.id())))
                .forEach(snapshot -> violations.add(when + ": rows of " + snapshot));
        reader.reachable().stream()
                .filter(file -> !Files.exists(file))
                .forEach(file -> violations.add(when + ": lacks " + file));
        TreeSet<Path> superfluous = SavedTree.files(directory());
        superfluous.removeAll(reader.reachable());
        superfluous.removeIf(file -> file.endsWith("version-hint.text") || result != null && file.endsWith(ORPHAN));
        if (result == null) {
            superfluous.forEach(file -> violations.add(when + ": nothing needs " + file.getFileName()));
            return;
        }
        String told = result.detail() + result.files().left();
        boolean open = result.reason() == Reason.COMMIT_STATE_UNKNOWN || result.reason() == Reason.CLEANUP_INCOMPLETE;
        for (Path file : superfluous) {
            String name = String.valueOf(file.getFileName());
            boolean entry = name.startsWith("sink-staged-") && told.contains(name.substring(0, name.indexOf('.')));
            if (!told.contains(name)
                    && !entry
                    && !(open && (name.startsWith("sink-") || made.files().contains(file)))) {
                violations.add(when + ": does not tell of " + name);
            }
        }
        boolean done = result.reason() == Reason.COMPACTED || result.reason() == Reason.EXPIRED;
        boolean changed = !made.files().contains(newest(reader));
        if (done != changed && !open && result.reason() != Reason.INTERRUPTED) {
            violations.add(when + ": the table is " + (changed ? "changed" : "unchanged"));
        }
    }

    private static Path newest(SecondReader reader) {
        return reader.reachable().stream()
                .filter(file -> file.toString().matches(COMMIT))
                .max(Comparator.comparingInt(file ->
                        Integer.parseInt(String.valueOf(file.getFileName()).replaceAll("\\D", ""))))
                .orElseThrow();
    }
}
