package bench;

import io.sink.testing.SqliteCatalog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lib.Sink;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.jdbc.JdbcCatalog;

/**
 * What a run costs that finds nothing to do: {@code sink maintain --compact} on one table of 200 files in a SQLite
 * catalog.
 *
 * @param archived with the archive of classes that {@code bin/archive} makes
 * @param plain without it
 */
public record StartUp(Cost archived, Cost plain) {
    private static final int FILES = 200;

    /** Makes the archive anew, and measures both in turns. */
    public static StartUp measured(Path home, Path directory, int times) throws IOException, InterruptedException {
        Path archiving = directory.resolve("archive.log");
        Cost.of(new ProcessBuilder(home.resolve("bin/archive").toString()), archiving);
        String before = System.getProperty("sink.bench.before");
        if (before != null) {
            // Else the other build would start a second later.
            Path archive = Path.of(before).resolveSibling("archive");
            Cost.of(new ProcessBuilder(archive.toString()), archiving);
        }
        Path lake = Files.createDirectory(directory.resolve("idle"));
        try (JdbcCatalog catalog = new JdbcCatalog()) {
            catalog.initialize("lake", SqliteCatalog.properties(lake));
            catalog.createNamespace(Namespace.of(BenchTable.NAMESPACE));
            Table table = catalog.createTable(
                    TableIdentifier.of(BenchTable.NAMESPACE, "idle"), Events.SCHEMA, PartitionSpec.unpartitioned());
            var append = table.newFastAppend();
            for (int i = 0; i < FILES; i++) {
                // Of the size that is wanted: nobody opens them.
                append.appendFile(DataFiles.builder(table.spec())
                        .withPath(table.location() + "/data/" + i + ".parquet")
                        .withFileSizeInBytes(512L << 20)
                        .withRecordCount(1_000_000)
                        .build());
            }
            append.commit();
        }
        Sink sink = Sink.in(directory).configured("""
                version: 1
                catalogs:
                  lake: { type: jdbc, uri: "jdbc:sqlite:./idle/catalog.db", warehouse: ./idle }
                """);
        Map<Boolean, List<Cost>> costs = Map.of(true, new ArrayList<>(), false, new ArrayList<>());
        for (int i = 0; i < times; i++) {
            for (Map.Entry<Boolean, List<Cost>> kind : costs.entrySet()) {
                Sink one = kind.getKey() ? sink : sink.with("SINK_NO_ARCHIVE", "1");
                Path log = directory.resolve("idle.log");
                kind.getValue().add(Cost.of(one.prepared("maintain", "--compact", "--report", "json"), log));
                if (!Files.readString(log).contains("\"nothing-to-rewrite\"")) {
                    throw new IllegalStateException("there was something to do:\n" + Files.readString(log));
                }
            }
        }
        return new StartUp(
                Cost.middle(costs.getOrDefault(true, List.of())), Cost.middle(costs.getOrDefault(false, List.of())));
    }
}
