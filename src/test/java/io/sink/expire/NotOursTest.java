package io.sink.expire;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.testing.Expiry;
import io.sink.testing.OpenCatalogs;
import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a table names and does not own, and a table whose own locations are {@code blob://}. */
class NotOursTest {
    @TempDir
    Path root;

    @BeforeEach
    void make() throws IOException {
        PathTable.create(root, "t", 2, Map.of());
        Path metadata = root.resolve("t/metadata/v1.metadata.json");
        Files.writeString(
                metadata, Files.readString(metadata).replace("\"" + root.resolve("t") + "\"", "\"blob://t\""));
    }

    @Test
    void a_link_inside_the_table_does_not_lead_a_deletion_out_of_it() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Path precious = Files.writeString(elsewhere.resolve("file.parquet"), "x");
        Files.createDirectories(root.resolve("t/data"));
        Files.createSymbolicLink(root.resolve("t/data/link"), elsewhere);
        load().newAppend()
                .appendFile(pointingAt("blob://t/data/link/file.parquet"))
                .commit();
        replace();

        ActionResult result = Expiry.keeping(1).execute(load().operations());

        assertThat(precious).as(result.toString()).exists();
        assertThat(result.files().left()).singleElement().asString().contains("symbolic link");
    }

    @Test
    void a_live_file_that_was_named_by_its_key_before_and_by_its_path_now_stays() throws IOException {
        DataFile file = new TableChanges(load()).append(List.of(row())).get(0);
        assertThat(file.location()).startsWith("blob://t/");
        Path path = root.resolve(file.location().substring("blob://".length()));
        load().newDelete().deleteFile(file).commit();
        load().newAppend().appendFile(pointingAt(path.toString())).commit();

        ActionResult result = Expiry.keeping(1).execute(load().operations());

        assertThat(path).as(result.toString()).exists();
    }

    @Test
    void a_metadata_log_that_names_another_tables_file_does_not_delete_it() throws IOException {
        PathTable other = PathTable.create(root, "other", 2, Map.of());
        PathTable copied = PathTable.create(
                root,
                "copied",
                2,
                Map.of(
                        "write.metadata.delete-after-commit.enabled", "true",
                        "write.metadata.previous-versions-max", "1"));
        Path metadata = copied.location().resolve("metadata/v1.metadata.json");
        Files.writeString(
                metadata,
                Files.readString(metadata)
                        .replace(
                                "\"metadata-log\":[]",
                                "\"metadata-log\":[{\"timestamp-ms\":1,\"metadata-file\":\"" + other.location()
                                        + "/metadata/v1.metadata.json\"}]"));
        copied.append(1);
        ActionResult previewed = Expiry.keeping(1).preview(copied.load().operations());
        copied.append(2);
        copied.append(3);
        Expiry.keeping(1).execute(copied.load().operations());

        assertThat(other.location().resolve("metadata/v1.metadata.json")).exists();
        assertThat(copied.location().resolve("metadata/v1.metadata.json")).doesNotExist();
        assertThat(previewed.toString()).doesNotContain("other");
    }

    private void replace() throws IOException {
        BaseTable table = load();
        DataFile file = new TableChanges(table).write(List.of(row()), PathTable.SCHEMA, table.spec(), null);
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file)
                .commit();
    }

    private static Record row() {
        Record row = GenericRecord.create(PathTable.SCHEMA);
        row.setField("id", 1L);
        return row;
    }

    private static DataFile pointingAt(String path) {
        return DataFiles.builder(PartitionSpec.unpartitioned())
                .withPath(path)
                .withFormat(FileFormat.PARQUET)
                .withFileSizeInBytes(1)
                .withRecordCount(1)
                .build();
    }

    private BaseTable load() {
        TableSource source = OpenCatalogs.open(
                "made", "path", Map.of("warehouse", root.toString(), "blob-root", root.toString()), root);
        return source.load(new TableRef("made", List.of(), "t"));
    }
}
