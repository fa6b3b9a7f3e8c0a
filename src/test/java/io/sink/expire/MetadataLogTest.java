package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.testing.Expiry;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.SecondReader;
import io.sink.testing.SqliteCatalog;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A metadata log that names what is no older metadata file of the table, where the table's properties have the files
 * that leave the log deleted: an expiry deletes none of it.
 */
class MetadataLogTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> PROPERTIES = Map.of(
            "format-version", "2",
            "write.metadata.delete-after-commit.enabled", "true",
            "write.metadata.previous-versions-max", "1");

    @TempDir
    Path warehouse;

    @Test
    void names_live_files_of_a_table_in_a_catalog() throws IOException {
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", warehouse)) {
            catalog.createNamespace(Namespace.of("db"));
            // The other one lies in the table's places, with its metadata in the same folder.
            BaseTable table = (BaseTable) catalog.createTable(
                    TableIdentifier.of("db", "t"), PathTable.SCHEMA, PartitionSpec.unpartitioned(), PROPERTIES);
            BaseTable other = (BaseTable) catalog.createTable(
                    TableIdentifier.of("db", "other"),
                    PathTable.SCHEMA,
                    PartitionSpec.unpartitioned(),
                    table.location() + "/nested",
                    Map.of("format-version", "2", "write.metadata.path", table.location() + "/metadata"));
            append(other);
            append(table);
            overwrite(table);
            DataFile data = append(table);
            ManifestFile manifest =
                    table.currentSnapshot().dataManifests(table.io()).get(0);
            Path alias = Path.of(table.location(), "metadata/alias.metadata.json");
            Files.copy(Path.of(data.location()), alias);
            name(
                    table,
                    data.location(),
                    "file:" + data.location(),
                    manifest.path(),
                    table.currentSnapshot().manifestListLocation(),
                    table.operations().current().metadataFileLocation(),
                    other.operations().current().metadataFileLocation(),
                    append(other).location(),
                    alias.toString());
            SavedTree before = SavedTree.of(warehouse);
            TreeSet<Path> needed = new TreeSet<>(reader(other).reachable());
            needed.add(alias);
            // What is loaded already does not look at a file again that was changed.
            TableOperations ops = ((BaseTable) catalog.loadTable(TableIdentifier.of("db", "t"))).operations();

            ActionResult planned = Expiry.keeping(2).preview(ops);
            ActionResult result = Expiry.keeping(2).execute(ops);

            assertThat(result.reason()).as("%s", result).isEqualTo(Reason.EXPIRED);
            // The one that the log rightly named.
            assertThat(result.effect().get(Counter.METADATA_FILES_DELETED)).isEqualTo(1);
            // What is old, and nothing that the log names besides.
            assertThat(planned.files().deleted()).hasSize(4).doesNotContain(data.location(), manifest.path());
            table.refresh();
            assertThat(reader(table).reachable()).allMatch(Files::exists);
            assertThat(reader(table).rows()).hasSize(2);
            assertThat(needed).allMatch(before::intact);
        }
    }

    @Test
    void names_the_next_version_of_a_table_by_path() throws IOException {
        PathTable table = PathTable.create(warehouse, "t", 2, PROPERTIES);
        table.append(1);
        table.replace(2);
        table.append(3);
        List<String> versions = new ArrayList<>();
        for (int version = 1; version < 12; version++) {
            versions.add(table.location()
                    .resolve("metadata/v" + version + ".metadata.json")
                    .toString());
        }
        name(table.load(), versions.toArray(String[]::new));

        ActionResult result = Expiry.keeping(2).execute(table.load().operations());

        assertThat(result.reason()).as("%s", result).isEqualTo(Reason.EXPIRED);
        assertThat(table.reader().rows()).hasSize(2);
        assertThat(table.reader().snapshots()).hasSize(2);
    }

    @Test
    void names_older_metadata_files_as_it_should() throws IOException {
        try (JdbcCatalog catalog = SqliteCatalog.make("lake", warehouse)) {
            catalog.createNamespace(Namespace.of("db"));
            BaseTable table = (BaseTable) catalog.createTable(
                    TableIdentifier.of("db", "t"), PathTable.SCHEMA, PartitionSpec.unpartitioned(), PROPERTIES);
            append(table);
            overwrite(table);
            append(table);
            String last = table.operations().current().previousFiles().get(0).file();
            assertThat(Path.of(last)).exists();

            ActionResult result = Expiry.keeping(2).execute(table.operations());

            assertThat(result.reason()).as("%s", result).isEqualTo(Reason.EXPIRED);
            assertThat(result.effect().get(Counter.METADATA_FILES_DELETED)).isEqualTo(1);
            assertThat(Path.of(last)).doesNotExist();
        }
    }

    private static SecondReader reader(BaseTable table) {
        return SecondReader.of(
                SecondReader.local(table.operations().current().metadataFileLocation()), SecondReader::local);
    }

    private static DataFile append(BaseTable table) throws IOException {
        GenericRecord row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", System.nanoTime());
        return new TableChanges(table).append(List.of(row)).get(0);
    }

    private static void overwrite(BaseTable table) throws IOException {
        GenericRecord row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", 7L);
        DataFile file = new TableChanges(table).write(List.of(row), PathTable.SCHEMA, table.spec(), null);
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file)
                .commit();
    }

    /** Puts files at the beginning of the table's metadata log, so that the next commit lets them go. */
    private static void name(BaseTable table, String... files) throws IOException {
        table.refresh();
        Path file = Path.of(table.operations().current().metadataFileLocation());
        ObjectNode json = (ObjectNode) JSON.readTree(file.toFile());
        ArrayNode log = JSON.createArrayNode();
        for (String named : files) {
            log.addObject().put("timestamp-ms", 1).put("metadata-file", named);
        }
        log.addAll((ArrayNode) json.get("metadata-log"));
        json.set("metadata-log", log);
        Files.writeString(file, JSON.writeValueAsString(json));
    }
}
