package io.sink.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.LocalFileIO;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.testing.Compacting;
import io.sink.testing.ForeignFiles;
import io.sink.testing.SavedTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Maps in which a key is there twice: Parquet holds both, and Iceberg's reader keeps the last. */
class RepeatedKeysTest {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType("""
            message m {
              required int64 id;
              optional group m (MAP) { repeated group key_value {
                required binary key (UTF8); optional int32 value; } }
            }
            """);

    @TempDir
    Path folder;

    private BaseTable table;
    private List<String> rows;

    @BeforeEach
    void make() throws IOException {
        Path file = folder.resolve("maps.parquet");
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(new LocalOutputFile(file))
                .withType(SCHEMA)
                .build()) {
            for (int i = 0; i < 4; i++) {
                Group row = new SimpleGroup(SCHEMA).append("id", (long) i);
                Group map = row.addGroup("m");
                for (int entry = 0; entry < i; entry++) {
                    Group pair = map.addGroup("key_value").append("key", i == 3 ? "same" : "k" + entry);
                    // Of those with one key, the first has a null, which a reader of maps does not count.
                    if (i < 3 || entry > 0) {
                        pair.append("value", entry);
                    }
                }
                writer.write(row);
            }
        }
        table = ForeignFiles.register(
                new LocalFileIO(), Files.createDirectories(folder.resolve("t")).toString(), file, 2);
        rows = read();
    }

    @Test
    void stay_where_pages_are_merged() throws IOException {
        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.COMPACTED);
        assertThat(result.detail()).contains("page-merge");
        assertThat(read()).isEqualTo(rows);
    }

    @Test
    void end_a_rewrite_that_would_lose_them() throws IOException {
        table.replaceSortOrder().asc("id").commit();
        SavedTree before = SavedTree.of(folder);

        ActionResult result = Compacting.small().execute(table.operations());

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.REWRITE_ERROR);
        assertThat(result.detail())
                .contains("column m.", "maps.parquet has 7 entries, and 5 were read", "a key is there more than once");
        assertThat(SavedTree.files(folder)).isEqualTo(before.files());
        assertThat(read()).isEqualTo(rows);
    }

    private List<String> read() throws IOException {
        List<String> read = new ArrayList<>();
        try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
            for (FileScanTask task : tasks) {
                read.addAll(ForeignFiles.examples(Path.of(task.file().location())));
            }
        }
        read.sort(null);
        return read;
    }
}
